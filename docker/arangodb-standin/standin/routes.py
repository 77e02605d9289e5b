"""Which path and method is whose."""

from . import admin_api, analyzers_api, collection_api, cursor_api, database_api, document_api, dump_api, graph_api, import_api
from . import index_api, query_api, replication_api, restore_api, standin_api, transaction_api, users_api, view_api


class Route:
    def __init__(self, pattern, handler, mark=None):
        self.parts = [part for part in pattern.split("/") if part]
        self.handler = handler
        self.is_open = mark == "open"  # to everybody
        self.is_about_self = mark == "self"  # to everybody who is somebody

    def matches(self, segments):
        if len(segments) != len(self.parts):
            return None
        found = {}
        for part, segment in zip(self.parts, segments):
            if part[0] == "{":
                found[part[1:-1]] = segment
            elif part != segment:
                return None
        return found


_COLLECTION = "/_api/collection/{name}"
_DOCUMENT = "/_api/document/{collection}"
_REPLICATION = "/_api/replication"
_USER = "/_api/user"
_GRANT = _USER + "/{name}/database/{database}"
_GRAPH = "/_api/gharial/{graph}"

# The first that matches counts.
_TABLE = [
    ("GET", "/_standin/requests", standin_api.requests, "open"),
    ("GET", "/_standin/faults", standin_api.faults, "open"),
    ("PUT", "/_standin/faults", standin_api.set_faults, "open"),
    ("DELETE", "/_standin/faults", standin_api.clear_faults, "open"),

    ("POST", "/_open/auth", admin_api.log_in, "open"),
    ("GET", "/_admin/server/availability", admin_api.availability, "open"),
    ("GET", "/_admin/server/role", admin_api.role),
    ("GET", "/_admin/status", admin_api.status),
    ("POST", "/_admin/status", admin_api.status),
    ("GET", "/_admin/license", admin_api.license),
    ("PUT", "/_admin/compact", admin_api.compact),
    ("GET", "/_api/version", admin_api.version, "self"),
    ("GET", "/_api/engine", admin_api.engine),
    ("GET", "/_api/endpoint", admin_api.endpoint),
    ("POST", "/_api/foxx/_local/heal", admin_api.heal),
    ("GET", "/_api/key-generators", admin_api.key_generators),

    ("GET", "/_api/database", database_api.listing),
    ("GET", "/_api/database/user", database_api.of_user, "self"),
    ("GET", "/_api/database/current", database_api.current),
    ("POST", "/_api/database", database_api.create),
    ("DELETE", "/_api/database/{name}", database_api.drop),

    ("GET", "/_api/collection", collection_api.listing),
    ("POST", "/_api/collection", collection_api.create),
    ("GET", _COLLECTION, collection_api.get),
    ("DELETE", _COLLECTION, collection_api.drop),
    ("GET", _COLLECTION + "/{aspect}", collection_api.aspect),
    ("PUT", _COLLECTION + "/{action}", collection_api.act),

    ("GET", "/_api/index", index_api.listing),
    ("POST", "/_api/index", index_api.create),
    ("GET", "/_api/index/{collection}/{id}", index_api.get),
    ("DELETE", "/_api/index/{collection}/{id}", index_api.drop),

    ("GET", "/_api/view", view_api.listing),
    ("POST", "/_api/view", view_api.create),
    ("GET", "/_api/view/{name}", view_api.get),
    ("DELETE", "/_api/view/{name}", view_api.drop),
    ("GET", "/_api/view/{name}/properties", view_api.properties),
    ("PUT", "/_api/view/{name}/properties", view_api.replace),
    ("PATCH", "/_api/view/{name}/properties", view_api.update),
    ("PUT", "/_api/view/{name}/rename", view_api.rename),

    ("POST", _DOCUMENT, document_api.insert),
    ("PUT", _DOCUMENT, document_api.replace_many),
    ("PATCH", _DOCUMENT, document_api.update_many),
    ("DELETE", _DOCUMENT, document_api.remove_many),
    ("GET", _DOCUMENT + "/{key}", document_api.read),
    ("HEAD", _DOCUMENT + "/{key}", document_api.read),
    ("PUT", _DOCUMENT + "/{key}", document_api.replace),
    ("PATCH", _DOCUMENT + "/{key}", document_api.update),
    ("DELETE", _DOCUMENT + "/{key}", document_api.remove),

    ("POST", "/_api/import", import_api.run),
    ("GET", "/_api/edges/{collection}", query_api.edges),
    ("POST", "/_api/query", query_api.parse),

    ("GET", "/_api/analyzer", analyzers_api.listing),
    ("POST", "/_api/analyzer", analyzers_api.create),
    ("GET", "/_api/analyzer/{name}", analyzers_api.get),
    ("DELETE", "/_api/analyzer/{name}", analyzers_api.drop),

    ("GET", _USER, users_api.listing),
    ("POST", _USER, users_api.create),
    ("GET", _USER + "/{name}", users_api.get, "self"),
    ("PUT", _USER + "/{name}", users_api.replace, "self"),
    ("PATCH", _USER + "/{name}", users_api.update, "self"),
    ("DELETE", _USER + "/{name}", users_api.remove),
    ("GET", _USER + "/{name}/database", users_api.databases, "self"),
    ("GET", _GRANT, users_api.on_database, "self"),
    ("PUT", _GRANT, users_api.grant_database),
    ("DELETE", _GRANT, users_api.revoke_database),
    ("GET", _GRANT + "/{collection}", users_api.on_collection, "self"),
    ("PUT", _GRANT + "/{collection}", users_api.grant_collection),
    ("DELETE", _GRANT + "/{collection}", users_api.revoke_collection),

    ("GET", "/_api/gharial", graph_api.listing),
    ("POST", "/_api/gharial", graph_api.create),
    ("GET", _GRAPH, graph_api.get),
    ("DELETE", _GRAPH, graph_api.drop),
    ("GET", _GRAPH + "/edge", graph_api.edge_collections),
    ("POST", _GRAPH + "/edge", graph_api.add_definition),
    ("PUT", _GRAPH + "/edge/{collection}", graph_api.replace_definition),
    ("DELETE", _GRAPH + "/edge/{collection}", graph_api.remove_definition),
    ("GET", _GRAPH + "/vertex", graph_api.vertex_collections),
    ("POST", _GRAPH + "/vertex", graph_api.add_vertices),
    ("DELETE", _GRAPH + "/vertex/{collection}", graph_api.remove_vertices),
    *((method, f"{_GRAPH}/{kind}/{{collection}}{rest}", make(kind)) for kind in ("edge", "vertex") for method, rest, make in (
        ("POST", "", graph_api.insert), ("GET", "/{key}", graph_api.read), ("PUT", "/{key}", graph_api.replace),
        ("PATCH", "/{key}", graph_api.update), ("DELETE", "/{key}", graph_api.remove))),

    ("GET", "/_api/transaction", transaction_api.listing),
    ("POST", "/_api/transaction", transaction_api.in_javascript),
    ("POST", "/_api/transaction/begin", transaction_api.begin),
    ("GET", "/_api/transaction/{id}", transaction_api.status),
    ("PUT", "/_api/transaction/{id}", transaction_api.commit),
    ("DELETE", "/_api/transaction/{id}", transaction_api.abort),

    ("POST", "/_api/cursor", cursor_api.create),
    ("POST", "/_api/cursor/{id}", cursor_api.following),
    ("PUT", "/_api/cursor/{id}", cursor_api.following),
    ("PUT", "/_api/cursor", cursor_api.missing),
    ("POST", "/_api/cursor/{id}/{batch}", cursor_api.again),
    ("DELETE", "/_api/cursor/{id}", cursor_api.drop),

    ("POST", _REPLICATION + "/batch", replication_api.begin),
    ("PUT", _REPLICATION + "/batch/{id}", replication_api.extend),
    ("DELETE", _REPLICATION + "/batch/{id}", replication_api.end),
    ("GET", _REPLICATION + "/inventory", replication_api.inventory),
    ("GET", _REPLICATION + "/dump", replication_api.dump),
    ("GET", _REPLICATION + "/server-id", replication_api.server_id),
    ("GET", _REPLICATION + "/logger-state", replication_api.logger_state),
    ("PUT", _REPLICATION + "/restore-collection", restore_api.collection),
    ("PUT", _REPLICATION + "/restore-indexes", restore_api.restore_indexes),
    ("PUT", _REPLICATION + "/restore-data", restore_api.data),
    ("PUT", _REPLICATION + "/restore-view", restore_api.view),

    ("POST", "/_api/dump/start", dump_api.start),
    ("POST", "/_api/dump/next/{id}", dump_api.following),
    ("DELETE", "/_api/dump/{id}", dump_api.end),
]

_ROUTES = [(method, Route(*rest)) for method, *rest in _TABLE]


def find(method, segments):
    """(route, parameters); (None, None) for an unknown path, (None, {}) for a method that the path does not know."""
    known = False
    for its_method, route in _ROUTES:
        found = route.matches(segments)
        if found is not None:
            if its_method == method:
                return route, found
            known = True
    return None, {} if known else None
