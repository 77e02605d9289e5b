"""The restore endpoints, with the line rules and the replacing that they have (contract 11)."""

from . import answers, documents, indexes, jsontext, making, view_api, views, writing
from .answers import Failure, bad_parameter


def _done():
    return answers.json({"result": True})


def _structure(call):
    call.must("rw")
    body = call.object()
    parameters = body.get("parameters")
    if not isinstance(parameters, dict):
        raise bad_parameter("collection parameters declaration is invalid")
    if not isinstance(body.get("indexes"), list):
        raise bad_parameter("collection indexes declaration is invalid")
    name = parameters.get("name")
    if not isinstance(name, str) or not name:
        raise bad_parameter("collection name is missing")
    return name, parameters, body["indexes"]


def collection(call):
    name, parameters, _ = _structure(call)
    if parameters.get("deleted") is True:
        return _done()
    existing = call.database.find(name)
    if existing is not None and existing.name == name:
        if not call.request.flag("overwrite"):
            if name.startswith("_"):
                return _done()
            raise answers.duplicate(f"duplicate collection name '{name}'")
        call.may(existing, "rw")
    with call.store.changes() as changes:
        if existing is not None:
            making.drop_collection(changes, existing)
        making.make_collection(call.store, changes, call.database, _as_new(parameters), call.options, allow_system=True)
    return _done()


def _as_new(parameters):
    """Ids, and what is of a cluster, do not count."""
    kept = ("name", "type", "waitForSync", "cacheEnabled", "schema", "computedValues", "keyOptions")
    given = {name: parameters[name] for name in kept if parameters.get(name) is not None}
    options = given.get("keyOptions")
    if isinstance(options, dict) and options.get("type") not in making.GENERATORS:
        given["keyOptions"] = {**options, "type": "traditional"}
    return given


def restore_indexes(call):
    name, _, definitions = _structure(call)
    found = call.collection(name, "rw")
    for definition in definitions:
        if not isinstance(definition, dict) or definition.get("type") in ("primary", "edge"):
            continue
        definition = {key: value for key, value in definition.items() if key not in ("id", "objectId", "isNewlyCreated", "selectivityEstimate")}
        if definition.get("type") in ("geo1", "geo2"):
            definition["type"] = "geo"
        if definition.get("type") == "vector" and not call.options.vector_index:
            continue  # the server only writes a line into its log
        try:
            with call.store.changes() as changes:
                indexes.add(call.store, changes, found, definition, call.options)
        except Failure as failure:
            raise Failure(failure.status, failure.number, f"could not create index: {failure.message}") from None
    return _done()


def view(call):
    call.must("rw")
    body = call.object()
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise bad_parameter("view name is missing")
    if not isinstance(body.get("type"), str):
        raise bad_parameter("view type is missing")
    with call.store.changes() as changes:
        if name in call.database.views:
            if not call.request.flag("overwrite"):
                raise answers.duplicate(f"duplicate view name '{name}'")
            view_api.remove(changes, call.database, call.database.view(name))
        view_api.add(changes, call.database, views.make(call.store, call.database, body, call.options))
    return _done()


# --- data --------------------------------------------------------------------------------------------------------------------------


def data(call):
    call.must("rw")
    name = call.request.query.get("collection", "")
    if not name:
        raise bad_parameter("invalid collection parameter, expecting a name")
    if "velocypack" in call.request.headers.get("content-type", ""):
        raise answers.not_here("VelocyPack")
    found = call.database.find(name)
    if found is None:
        raise Failure(404, 1203, f"unable to start transaction: collection or view not found: {name}")
    call.may(found, "rw")
    try:
        text = call.request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure(400, 600, f"received invalid JSON data for collection '{name}': invalid UTF-8") from None
    with call.store.changes() as changes:
        if name == "_users" and call.database.is_system:
            _users(call, changes, text)
        else:
            _documents(call, changes, found, text)
    return _done()


def _documents(call, changes, collection, text):
    stop = call.fault.given.get("documents", 0) if call.fault is not None and call.fault.kind == "unique" else None
    for number, (line, members, key) in enumerate(_lines(collection, text)):
        if number == stop:
            raise Failure(409, 1210, "unique constraint violated - in index idx_fault of type persistent over 'fault'; conflicting key: fault")
        if members is None:
            if collection.get(key) is not None:
                changes.remove(collection, key)
            continue
        if key is None:
            key = writing.Writer(call, changes, collection, None).new_key()
        revision = call.store.ticks.revision()
        restored = line and documents.with_revision(collection, line, key, revision)
        changes.put(collection, key, restored or documents.text(collection, key, revision, members), members)


def _lines(collection, text):
    """(line or None, members or None, key): without members it is a removal."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) < 2:
            continue
        try:
            given = jsontext.read(line)
        except jsontext.Malformed:
            given = None
        if isinstance(given, dict) and isinstance(given.get("_key"), str):
            if not documents.is_key(given["_key"]):
                raise answers.bad_key()
            yield line, given, given["_key"]
            continue
        yield _marker(collection, given, line, number)


def _marker(collection, given, line, number):
    """A line in the envelope that dumps had before 3.9."""
    kind = given.get("type") if isinstance(given, dict) else None
    within = given.get("data") if kind is not None else None
    if kind in (2300, 2301) and isinstance(within, dict):
        key = within.get("_key")
        if key is not None and not documents.is_key(key):
            raise answers.bad_key()
        return None, within, key
    if kind == 2302:
        key = within.get("_key") if isinstance(within, dict) else given.get("key")
        if isinstance(key, str):
            return None, None, key
    raise Failure(400, 600, f"received invalid JSON data for collection '{collection.name}' on line {number}: {line}")


def _users(call, changes, text):
    """Without their keys, one for each name, and what fails is not told."""
    for _, members, _ in _lines(making.users_of(call.store), text):
        if members is None or not isinstance(members.get("user"), str):
            continue
        try:
            making.save_user(call.store, changes, members)
        except Failure:
            continue

