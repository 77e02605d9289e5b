"""Named graphs over HTTP: /_api/gharial (contract 7)."""

from . import answers, documents, graphs, making
from .answers import Failure, ok
from .documents import Document
from .writing import Wishes, Writer


def _saved(call, graph, status=202):
    with call.store.changes() as changes:
        graph = graphs.save(call, changes, graph)
    return _told(graph, status)


def _told(graph, status=200):
    headers = [("etag", graph["_rev"])] if status != 200 else []
    return ok({"graph": graphs.shown(graph)}, status, headers)


def _status(call):
    return 201 if call.request.flag("waitForSync") else 202


def listing(call):
    return ok({"graphs": [{**graph, "name": graph["_key"]} for graph in graphs.all_of(call.database)]})


def create(call):
    call.must("rw")
    return _saved(call, graphs.made(call, call.object()), _status(call))


def get(call, graph):
    return _told(graphs.find(call.database, graph))


def drop(call, graph):
    call.must("rw")
    found = graphs.find(call.database, graph)
    with call.store.changes() as changes:
        changes.remove(graphs.kept_in(call.database), graph)
        if call.request.flag("dropCollections"):
            elsewhere = {name for one in graphs.all_of(call.database) for name in _collections(one)}
            for name in _collections(found):
                collection = call.database.find(name)
                if collection is not None and name not in elsewhere:
                    making.drop_collection(changes, collection)
    return ok({"removed": True}, 202)


def _collections(graph):
    return [*(one["collection"] for one in graph["edgeDefinitions"]), *graphs.vertices_of(graph)]


# --- what belongs to one -------------------------------------------------------------------------------------------------------------


def edge_collections(call, graph):
    return ok({"collections": [one["collection"] for one in graphs.find(call.database, graph)["edgeDefinitions"]]})


def vertex_collections(call, graph):
    return ok({"collections": graphs.vertices_of(graphs.find(call.database, graph))})


def add_definition(call, graph):
    call.must("rw")
    return _saved(call, graphs.with_definition(graphs.find(call.database, graph), call.object()))


def replace_definition(call, graph, collection):
    call.must("rw")
    return _saved(call, graphs.with_definition(graphs.find(call.database, graph), call.object(), collection))


def remove_definition(call, graph, collection):
    call.must("rw")
    return _saved(call, graphs.without_definition(graphs.find(call.database, graph), collection))


def add_vertices(call, graph):
    call.must("rw")
    found, name = graphs.find(call.database, graph), call.object().get("collection")
    if not isinstance(name, str):
        raise answers.bad_parameter("collection name is missing")
    if name in graphs.vertices_of(found):
        raise Failure(400, 1938, "collection used in orphans or in an edge definition already")
    return _saved(call, {**found, "orphanCollections": [*found["orphanCollections"], name]})


def remove_vertices(call, graph, collection):
    call.must("rw")
    found = graphs.find(call.database, graph)
    if collection not in found["orphanCollections"]:
        raise Failure(400, 1928, "collection is not in list of orphan collections")
    return _saved(call, {**found, "orphanCollections": [one for one in found["orphanCollections"] if one != collection]})


# --- documents of one ------------------------------------------------------------------------------------------------------------------


def _belongs(call, graph, kind, collection):
    found = graphs.find(call.database, graph)
    if kind == "edge" and not any(one["collection"] == collection for one in found["edgeDefinitions"]):
        raise Failure(404, 1930, "edge collection not used in graph")
    if kind == "vertex" and collection not in graphs.vertices_of(found):
        raise Failure(404, 1926, "vertex collection not used in graph")


def insert(kind):
    def run(call, graph, collection):
        return _write(call, graph, kind, collection, lambda writer: writer.insert(call.object()))

    return run


def replace(kind):
    return lambda call, graph, collection, key: _write(
        call, graph, kind, collection, lambda writer: writer.replace(key, call.object()))


def update(kind):
    return lambda call, graph, collection, key: _write(
        call, graph, kind, collection, lambda writer: writer.update(key, call.object()))


def _write(call, graph, kind, collection, do):
    _belongs(call, graph, kind, collection)
    found = call.collection(collection, "rw")
    with call.changes() as changes:
        told = do(Writer(call, changes, found, Wishes(call.request.flag, call.request.query)))
    return ok({kind: dict(sorted(told.items()))}, _status(call), [("etag", told["_rev"])])


def read(kind):
    def run(call, graph, collection, key):
        _belongs(call, graph, kind, collection)
        text = call.collection(collection).get(key)
        if text is None:
            raise answers.no_document()
        return ok({kind: Document(text)}, headers=[("etag", documents.revision_of(text))])

    return run


def remove(kind):
    def run(call, graph, collection, key):
        _belongs(call, graph, kind, collection)
        with call.changes() as changes:
            Writer(call, changes, call.collection(collection, "rw"), Wishes(call.request.flag, {})).remove(key)
            if kind == "vertex":
                _remove_edges_of(call, changes, graphs.find(call.database, graph), f"{collection}/{key}")
        return ok({"removed": True}, 202)

    return run


def _remove_edges_of(call, changes, graph, vertex):
    for one in graph["edgeDefinitions"]:
        collection = call.collection(one["collection"], "rw")
        for key in [key for key, text in collection.texts.items() if vertex in documents.ends_of(text)]:
            changes.remove(collection, key)
