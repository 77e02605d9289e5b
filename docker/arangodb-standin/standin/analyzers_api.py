"""Analyzers as definitions, kept in `_analyzers` (contract 7)."""

from . import answers, documents, views
from .answers import Failure, bad_parameter, ok
from .documents import Document

TYPES = (
    "identity", "delimiter", "multi_delimiter", "stem", "norm", "ngram", "text", "collation", "aql", "pipeline", "stopwords", "segmentation",
    "minhash", "classification", "nearest_neighbors", "wildcard", "geojson", "geo_s2", "geopoint",
)


def _built_in(name):
    if name == "identity":
        return {"name": name, "type": "identity", "properties": {}, "features": ["frequency", "norm"]}
    properties = {"locale": name[5:], "case": "lower", "stopwords": [], "accent": False, "stemming": True}
    return {"name": name, "type": "text", "properties": properties, "features": ["frequency", "position", "norm"]}


def _kept_in(call):
    return call.database.collection("_analyzers")


def _own(call):
    """(key, definition) by name."""
    found = {}
    for key, text in _kept_in(call).texts.items():
        members = Document(text).members
        if isinstance(members.get("name"), str):
            found[members["name"]] = key, members
    return found


def _shown(call, members):
    return {
        "name": f"{call.database.name}::{members['name']}", "type": members.get("type"), "properties": members.get("properties") or {},
        "features": members.get("features") or [],
    }


def _name(call, given):
    prefix, separator, name = given.rpartition("::")
    if separator and prefix not in ("", call.database.name):
        raise answers.forbidden("Database in analyzer's name is another one")
    return name


def listing(call):
    own = [_shown(call, members) for _, members in _own(call).values()]
    return answers.result([*(_built_in(name) for name in views.BUILT_IN), *own])


def get(call, name):
    if name in views.BUILT_IN:
        return ok(_built_in(name))
    found = _own(call).get(_name(call, name))
    if found is None:
        raise Failure(404, 1202, f"unable to find analyzer '{name}'")
    shown = _shown(call, found[1])
    return ok({member: shown[member] for member in ("features", "properties", "type", "name")})


def create(call):
    call.must("rw")
    body = call.object()
    if not isinstance(body.get("name"), str) or body.get("type") not in TYPES:
        raise bad_parameter("an analyzer needs a name and a type that the server knows")
    if body.get("properties") is not None and not isinstance(body["properties"], dict):
        raise bad_parameter("properties of an analyzer are an object")
    name = _name(call, body["name"])
    if not name or "/" in name or name in views.BUILT_IN:
        raise bad_parameter("invalid characters in analyzer name")
    members = {"name": name, "type": body["type"], "properties": body.get("properties") or {}, "features": body.get("features") or []}
    known = _own(call).get(name)
    if known is not None:
        if _shown(call, known[1]) != _shown(call, members):
            raise bad_parameter(f"name collision detected while registering an arangosearch analyzer, name '{name}'")
        return answers.json(_shown(call, members), 200)
    collection = _kept_in(call)
    with call.store.changes() as changes:
        key = str(call.store.ticks.next())
        changes.put(collection, key, documents.text(collection, key, call.store.ticks.revision(), members))
    return answers.json(_shown(call, members), 201)


def drop(call, name):
    call.must("rw")
    if name in views.BUILT_IN:
        raise answers.forbidden()
    found = _own(call).get(_name(call, name))
    if found is None:
        raise Failure(404, 1202, f"unable to find analyzer '{name}'")
    if not call.request.flag("force") and _is_used(call, found[1]["name"]):
        raise Failure(409, 1705, f"analyzer in-use while removing arangosearch analyzer '{name}'")
    with call.store.changes() as changes:
        changes.remove(_kept_in(call), found[0])
    return ok({"name": f"{call.database.name}::{found[1]['name']}"})


def _is_used(call, name):
    for view in call.database.views.values():
        for link in view.get("links", {}).values():
            if name in (one.split("::")[-1] for one in views.analyzers_of(link)):
                return True
    return False
