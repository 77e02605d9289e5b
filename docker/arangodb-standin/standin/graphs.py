"""Named graphs: one document of `_graphs` for each (contract 7)."""

from . import documents, making
from .answers import Failure, bad_parameter
from .collection import DOCUMENT, EDGE
from .documents import Document


def kept_in(database):
    return database.collection("_graphs")


def all_of(database):
    return [Document(text).members for text in kept_in(database).texts.values()]


def find(database, name):
    text = kept_in(database).get(name)
    if text is None:
        raise Failure(404, 1924, f"graph '{name}' not found")
    return Document(text).members


def shown(graph):
    """`name` is not kept: it is the key."""
    kept = {name: value for name, value in graph.items() if name not in ("_id", "_rev")}
    return {**kept, "_rev": graph["_rev"], "_id": graph["_id"], "name": graph["_key"]}


def definition(given):
    """With the names in order, as the server has them."""
    if not isinstance(given, dict) or not isinstance(given.get("collection"), str):
        raise Failure(400, 1932, "malformed edge definition")
    for end in ("from", "to"):
        if not isinstance(given.get(end), list) or not given[end] or any(not isinstance(one, str) for one in given[end]):
            raise Failure(400, 1932, "malformed edge definition")
    return {"collection": given["collection"], "from": sorted(set(given["from"])), "to": sorted(set(given["to"]))}


def vertices_of(graph):
    named = {name for one in graph["edgeDefinitions"] for end in ("from", "to") for name in one[end]}
    return sorted(named | set(graph["orphanCollections"]))


def save(call, changes, graph):
    """Makes the collections that are not there."""
    for one in graph["edgeDefinitions"]:
        _ensure(call, changes, one["collection"], EDGE)
        for name in (*one["from"], *one["to"]):
            _ensure(call, changes, name, DOCUMENT)
    for name in graph["orphanCollections"]:
        _ensure(call, changes, name, DOCUMENT)
    collection, key = kept_in(call.database), graph["_key"]
    members = {name: value for name, value in graph.items() if name not in ("_id", "_rev")}
    changes.put(collection, key, documents.text(collection, key, call.store.ticks.revision(), members))
    return find(call.database, key)


def _ensure(call, changes, name, type):
    found = call.database.find(name)
    if found is None:
        making.make_collection(call.store, changes, call.database, {"name": name, "type": type}, call.options)
    elif type == EDGE and not found.is_edge:
        raise Failure(400, 1218, f"collection type invalid: '{name}' is no edge collection")


def without_definition(graph, collection):
    """Vertices that no other definition has become orphans."""
    gone = [one for one in graph["edgeDefinitions"] if one["collection"] == collection]
    if not gone:
        raise Failure(404, 1930, "edge collection not used in graph")
    left = [one for one in graph["edgeDefinitions"] if one["collection"] != collection]
    named = {name for one in left for end in ("from", "to") for name in one[end]}
    freed = {name for one in gone for end in ("from", "to") for name in one[end]} - named
    return {**graph, "edgeDefinitions": left, "orphanCollections": sorted(set(graph["orphanCollections"]) | freed)}


def with_definition(graph, given, replacing=None):
    given = definition(given)
    others = [one for one in graph["edgeDefinitions"] if one["collection"] != replacing]
    if replacing is not None:
        if replacing != given["collection"] or len(others) == len(graph["edgeDefinitions"]):
            raise Failure(404, 1930, "edge collection not used in graph")
        definitions = [given if one["collection"] == replacing else one for one in graph["edgeDefinitions"]]
    else:
        if any(one["collection"] == given["collection"] for one in others):
            raise Failure(400, 1920, "multi use of edge collection in edge def")
        definitions = [*others, given]
    used = {*given["from"], *given["to"]}
    return {**graph, "edgeDefinitions": definitions, "orphanCollections": [one for one in graph["orphanCollections"] if one not in used]}


def made(call, body):
    name = body.get("name")
    if not documents.is_key(name):
        raise bad_parameter("graph name is missing or invalid")
    if kept_in(call.database).get(name) is not None:
        raise Failure(409, 1925, "graph already exists")
    options = body.get("options") or {}
    if body.get("isSmart") or options.get("replicationFactor") == "satellite" or options.get("isDisjoint"):
        raise Failure(501, 9, "the stand-in cannot do this: graphs that are spread over a cluster")
    definitions = [definition(one) for one in body.get("edgeDefinitions") or []]
    used = {name for one in definitions for end in ("from", "to") for name in one[end]}
    orphans = [one for one in body.get("orphanCollections") or [] if one not in used]
    return {"_key": name, "edgeDefinitions": definitions, "orphanCollections": orphans}
