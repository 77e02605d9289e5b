"""Databases (contract 4)."""

import re
import unicodedata

from . import answers, making
from .answers import Failure, result

_TRADITIONAL = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def is_name(name, options):
    if not isinstance(name, str):
        return False
    if _TRADITIONAL.fullmatch(name):
        return True
    if not options.is_3_12:
        return False  # extended names are on by default from 3.12
    if not name or len(name.encode("utf-8", "replace")) > 128 or unicodedata.normalize("NFC", name) != name:
        return False
    return not (name[0] in "_0123456789" or name != name.strip() or any(one in "/:" or one < " " for one in name))


def listing(call):
    call.in_system()
    if not call.administers():
        raise answers.forbidden()
    return result(sorted(call.store.databases))


def of_user(call):
    access = call.server.access
    return result([name for name in sorted(call.store.databases) if access.on_database(call.user, name) != "none"])


def current(call):
    database = call.database
    return result({"id": database.id, "name": database.name, "isSystem": database.is_system, "path": "none"})


def create(call):
    call.in_system()
    call.must("rw", "_system")
    body = call.object()
    name = body.get("name")
    if not is_name(name, call.options):
        raise Failure(400, 1229, "database name invalid")
    if name in call.store.databases:
        raise answers.duplicate()
    users = body.get("users")
    if users is not None and not isinstance(users, list):
        raise answers.bad_parameter("users must be an array")
    with call.changes() as changes:
        making.make_database(call.store, changes, name, body.get("options") or {}, call.options)
        # Without any, whoever created it may use it: by their grant on `*`, or by one of its own.
        for user in users or [{"username": call.user or "root"}]:
            making.grant_new_database(call.store, changes, name, user)
    return result(True, 201)


def drop(call, name):
    call.in_system()
    call.must("rw", "_system")
    if name == "_system":
        raise answers.forbidden()
    database = call.store.database(name)
    with call.changes() as changes:
        del call.store.databases[name]
        for collection in list(database.collections.values()):
            changes.note({"op": "drop-collection", "id": collection.id})
        changes.note({"op": "drop-database", "name": name}, lambda: call.store.databases.__setitem__(name, database))
        making.forget_database(call.store, changes, name)
    for kept in call.server.contexts.all:
        for id in [id for id, one in kept.items() if one.database is database]:
            del kept[id]
    return result(True)
