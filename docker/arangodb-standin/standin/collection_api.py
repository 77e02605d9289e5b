"""Collections (contract 5)."""

import hashlib

from . import answers, documents, making
from .answers import Failure, bad_parameter, ok
from .documents import Document
from .store import described
from .unique import comparable


def short(collection):
    properties = collection.properties
    return {name: properties[name] for name in ("id", "name", "status", "type", "isSystem", "globallyUniqueId")}


def full(collection):
    shown = {**collection.properties, "statusString": "loaded"}
    options = dict(shown["keyOptions"])
    if "lastValue" in options:
        options["lastValue"] = max(options["lastValue"], collection.last_value)
    shown["keyOptions"] = options
    return shown


def located(call, members):
    """The recorded answers about one collection say where that is."""
    path = "/".join(call.request.segments)
    return ok(members, headers=[("location", f"/_db/{call.database.name}/{path}")])


def listing(call):
    without_system = call.request.flag("excludeSystem")
    shown = []
    for collection in call.database.collections.values():
        if without_system and collection.is_system:
            continue
        if call.server.access.on_collection(call.user, call.database.name, collection.name) != "none":
            shown.append(short(collection))
    return answers.result(shown)


def create(call):
    call.must("rw")
    body = call.object()
    if "name" not in body:
        raise Failure(400, 1208, "illegal name")
    with call.store.changes() as changes:
        collection = making.make_collection(
            call.store, changes, call.database, body, call.options, allow_system=bool(body.get("isSystem")))
    return ok(full(collection))


def get(call, name):
    return ok(short(call.collection(name)))


def drop(call, name):
    call.must("rw")
    collection = call.collection(name, "rw")
    if collection.is_system and not call.request.flag("isSystem"):
        raise answers.forbidden()
    with call.store.changes() as changes:
        making.drop_collection(changes, collection)
    return ok({"id": collection.id})


# --- looking at one ---------------------------------------------------------------------------------------------------------------


def aspect(call, name, aspect):
    read = _ASPECTS.get(aspect)
    if read is None:
        raise Failure(404, 404, f"expecting one of the resources {', '.join(_ASPECTS)}")
    return located(call, read(call, call.collection(name)))


def _count(call, collection):
    return {**full(collection), "count": len(collection)}


def _figures(call, collection):
    size = sum(len(text) for text in collection.texts.values())
    figures = {
        "indexes": {"count": 1 + len(collection.indexes) + collection.is_edge, "size": 20 * len(collection)},
        "documentsSize": size, "cacheInUse": False, "cacheSize": 0, "cacheUsage": 0,
    }
    if call.request.flag("details"):
        counted = [{"type": "primary", "id": 0, "count": len(collection)}]
        counted += [{"type": one["type"], "id": int(one["id"]), "count": len(collection)} for one in collection.indexes]
        figures["engine"] = {"documents": len(collection), "indexes": counted}
    return {"figures": figures, **full(collection), "count": len(collection)}


def _revision(call, collection):
    return {**full(collection), "revision": _newest(collection)}


def _newest(collection):
    if collection.removal is not None:
        return collection.removal
    if not collection.texts:
        return "54"  # of a collection without any document, as recorded
    return documents.revision_of(next(reversed(collection.texts.values())))


def _checksum(call, collection):
    """Of a real server only the form: the sum is another one. It does not depend on the order."""
    with_revisions, with_data = call.request.flag("withRevisions"), call.request.flag("withData")
    total = 0
    for key, text in collection.texts.items():
        members = Document(text).members
        kept = [key, *(members.get(name) for name in ("_from", "_to"))]
        if with_revisions:
            kept.append(members["_rev"])
        if with_data:
            kept.append(comparable({name: value for name, value in members.items() if name not in documents.SYSTEM}))
        digest = hashlib.blake2b(repr(kept).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        total = (total + int.from_bytes(digest, "big")) % (1 << 64)
    return {**short(collection), "revision": _newest(collection), "checksum": str(total)}


_ASPECTS = {
    "properties": lambda call, collection: full(collection),
    "count": _count, "figures": _figures, "revision": _revision, "checksum": _checksum,
}


# --- changing one ------------------------------------------------------------------------------------------------------------------


def act(call, name, action):
    do = _ACTIONS.get(action)
    if do is None:
        raise Failure(404, 404, f"expecting one of the actions {', '.join(_ACTIONS)}")
    return located(call, do(call, call.collection(name, "ro" if action in ("load", "unload") else "rw")))


def _truncate(call, collection):
    with call.changes() as changes:
        changes.truncate(collection)
    return short(collection)


def _change(call, collection):
    call.must("rw")
    body = call.object()
    changed = dict(collection.properties)
    for name in ("waitForSync", "cacheEnabled"):
        if name in body:
            if not isinstance(body[name], bool):
                raise bad_parameter(f"{name} must be a boolean")
            changed[name] = body[name]
    for name in ("schema", "computedValues"):
        if name in body:
            changed[name] = body[name] or None
    _keep(call, collection, changed)
    return full(collection)


def _rename(call, collection):
    call.must("rw")
    name = call.object().get("name")
    if not making.is_name(name, extended=call.options.is_3_12) or collection.is_system:
        raise Failure(400, 1208, "illegal name")
    if name in call.database.collections or name in call.database.views:
        raise answers.duplicate()
    with call.store.changes() as changes:
        del call.database.collections[collection.name]
        collection.rename(name)
        call.database.collections[name] = collection
        changes.note(described(collection))
    return short(collection)


def _keep(call, collection, changed):
    before = collection.properties
    with call.store.changes() as changes:
        collection.properties = changed
        changes.note(described(collection), lambda: setattr(collection, "properties", before))


_ACTIONS = {
    "truncate": _truncate, "properties": _change, "rename": _rename,
    "load": lambda call, collection: {"count": len(collection), **short(collection)},
    "unload": lambda call, collection: short(collection),
    "compact": lambda call, collection: short(collection),
    "loadIndexesIntoMemory": lambda call, collection: {"result": True},
}
