"""Users and what they may, kept in `_users` as the server keeps them (contract 7)."""

from . import answers, making
from .access import NONE, READ, WRITE, hashed, permissions
from .answers import Failure, bad_parameter


def _mine_or_all(call, name=None):
    if not call.administers() and (name is None or call.user != name):
        raise answers.forbidden()


def _existing(call, name):
    _, members = making.user_text(call.store, name)
    if members is None:
        raise Failure(404, 1703, "user not found")
    return members


def _shown(members):
    return {"user": members["user"], "active": members["authData"]["active"], "extra": members.get("userData") or {}}


def _save(call, members):
    with call.store.changes() as changes:
        making.save_user(call.store, changes, members)
    return members


def listing(call):
    _mine_or_all(call)
    return answers.result([_shown(one) for one in call.server.access.users().values()])


def get(call, name):
    _mine_or_all(call, name)
    return answers.behind(_shown(_existing(call, name)))


def create(call):
    call.must(WRITE, "_system")
    body = call.object()
    name = body.get("user")
    if not isinstance(name, str) or not name:
        raise Failure(400, 1700, "invalid user name")
    if making.user_text(call.store, name)[1] is not None:
        raise Failure(409, 1702, "duplicate user")
    members = {"user": name, "source": "LOCAL", "authData": {}, "databases": {}}
    return answers.behind(_shown(_save(call, _changed(members, {"passwd": "", "active": True, **body}))), 201)


def _changed(members, body):
    data = dict(members["authData"])
    if "passwd" in body:
        if not isinstance(body["passwd"], str):
            raise bad_parameter("invalid password")
        data["simple"] = hashed(body["passwd"])
    if "active" in body:
        data["active"] = bool(body["active"])
    changed = {**members, "authData": {"active": data.get("active", True), "simple": data["simple"]}}
    if "extra" in body:
        changed["userData"] = body["extra"]
    return changed


def replace(call, name):
    _mine_or_all(call, name)
    members = {key: value for key, value in _existing(call, name).items() if key != "userData"}
    return answers.behind(_shown(_save(call, _changed(members, {"passwd": "", "active": True, **call.object()}))))


def update(call, name):
    _mine_or_all(call, name)
    return answers.behind(_shown(_save(call, _changed(_existing(call, name), call.object()))))


def remove(call, name):
    call.must(WRITE, "_system")
    key, members = making.user_text(call.store, name)
    if members is None:
        raise Failure(404, 1703, "user not found")
    with call.store.changes() as changes:
        changes.remove(making.users_of(call.store), key)
    return answers.ok(status=202)


# --- grants --------------------------------------------------------------------------------------------------------------------------


def databases(call, name):
    _mine_or_all(call, name)
    _existing(call, name)
    access = call.server.access
    if not call.request.flag("full"):
        found = {one: access.on_database(name, one) for one in sorted(call.store.databases)}
        return answers.result({one: level for one, level in found.items() if level != NONE})
    return answers.result({
        **{one.name: _full(call, name, one) for one in call.store.databases.values()}, "*": {"permission": access.on_database(name, "*")}})


def _full(call, name, database):
    granted = (_existing(call, name).get("databases") or {}).get(database.name) or {}
    collections = granted.get("collections") or {}
    levels = {one: _level(collections.get(one)) for one in (*database.collections, "*")}
    return {"permission": call.server.access.on_database(name, database.name), "collections": levels}


def _level(grant):
    given = (grant or {}).get("permissions")
    if given is None:
        return "undefined"
    return WRITE if given.get("write") else READ if given.get("read") else NONE


def on_database(call, name, database):
    _mine_or_all(call, name)
    _existing(call, name)
    return answers.result(call.server.access.on_database(name, database))


def on_collection(call, name, database, collection):
    _mine_or_all(call, name)
    _existing(call, name)
    if collection == "_users" and database == "_system":
        return answers.result(NONE)  # nobody writes there but through this API, as recorded
    return answers.result(call.server.access.on_collection(name, database, collection))


def grant_database(call, name, database):
    level = _wanted(call)
    _regrant(call, name, database, lambda given: {**given, "permissions": permissions(level)})
    return answers.behind({database: level})


def revoke_database(call, name, database):
    call.must(WRITE, "_system")
    members = _existing(call, name)
    kept = {key: value for key, value in (members.get("databases") or {}).items() if key != database}
    _save(call, {**members, "databases": kept})
    return answers.ok(status=202)


def grant_collection(call, name, database, collection):
    level = _wanted(call)
    _must_exist(call, database, collection)
    _regrant(call, name, database, lambda given: {
        "permissions": {"read": False, "write": False}, **given,
        "collections": {**(given.get("collections") or {}), collection: {"permissions": permissions(level)}}})
    return answers.behind({f"{database}/{collection}": level})


def revoke_collection(call, name, database, collection):
    call.must(WRITE, "_system")
    _must_exist(call, database, collection)
    _regrant(call, name, database, lambda given: {
        **given, "collections": {key: value for key, value in (given.get("collections") or {}).items() if key != collection}})
    return answers.ok(status=202)


def _must_exist(call, database, collection):
    if database != "*" and collection != "*":
        call.store.database(database).collection(collection)


def _wanted(call):
    call.must(WRITE, "_system")
    level = call.object().get("grant")
    if level not in (NONE, READ, WRITE):
        raise bad_parameter("expecting a grant that is none, ro or rw")
    return level


def _regrant(call, name, database, change):
    members = _existing(call, name)
    granted = members.get("databases") or {}
    _save(call, {**members, "databases": {**granted, database: change(granted.get(database) or {})}})
