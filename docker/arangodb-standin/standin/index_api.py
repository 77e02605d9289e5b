"""Indexes over HTTP (contract 6)."""

from . import answers, indexes
from .answers import Failure


def listing(call):
    collection = call.collection(call.request.query.get("collection", ""))
    shown = [indexes.shown(collection, one) for one in indexes.all_of(collection)]
    return answers.ok({"indexes": shown, "identifiers": {one["id"]: one for one in shown}})


def create(call):
    collection = call.collection(call.request.query.get("collection", ""), "rw")
    call.must("rw")
    body = call.object()
    if body.get("type") in ("primary", "edge"):
        raise answers.bad_parameter("cannot create an index of this type")
    with call.store.changes() as changes:
        definition, is_new = indexes.add(call.store, changes, collection, body, call.options)
    shown = indexes.shown(collection, {**definition, "isNewlyCreated": is_new})
    return answers.json({**shown, **_code(201 if is_new else 200)}, 201 if is_new else 200)


def _code(status):
    return {"code": status, "error": False}


def _find(call, collection, id):
    found = call.collection(collection)
    for one in indexes.all_of(found):
        if id in (one["id"], one["name"]):
            return found, one
    raise Failure(404, 1212, "index not found")


def get(call, collection, id):
    found, definition = _find(call, collection, id)
    shown = indexes.shown(found, definition)
    if call.options.is_3_10 and definition["type"] == "primary":
        shown.pop("selectivityEstimate")
    return answers.json({**shown, **_code(200)})


def drop(call, collection, id):
    call.must("rw")
    found, definition = _find(call, collection, id)
    if definition["type"] in ("primary", "edge"):
        raise answers.forbidden()
    with call.store.changes() as changes:
        indexes.remove(changes, found, definition["id"])
    return answers.behind({"id": f"{found.name}/{definition['id']}"})
