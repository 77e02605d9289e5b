"""Which path and method is whose. Everything else is 404 with an empty body, HEAD and OPTIONS too (contract 2.2)."""

from . import collections_api, points, service, snapshots_api


class Route:
    def __init__(self, pattern, handler, plain=False):
        self.pattern = pattern
        self.parts = [part for part in pattern.split("/") if part]
        self.handler = handler
        self.plain = plain  # failures are text

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


_C = "/collections/{name}"
_S = _C + "/snapshots"
_P = _C + "/points"
_SHARD = _C + "/shards/{shard}"

# The first that matches counts.
_TABLE = [
    ("GET", "/", service.root),
    ("GET", "/healthz", service.healthz),
    ("GET", "/livez", service.healthz),
    ("GET", "/readyz", service.readyz),
    ("GET", "/metrics", service.metrics),
    ("GET", "/telemetry", service.telemetry),
    ("GET", "/cluster", service.cluster),
    ("GET", "/issues", service.issues),
    ("GET", "/collections", collections_api.listing),
    ("GET", "/aliases", collections_api.aliases),
    ("POST", "/collections/aliases", collections_api.change_aliases),
    ("GET", _C, collections_api.info),
    ("PUT", _C, collections_api.create),
    ("PATCH", _C, collections_api.patch),
    ("DELETE", _C, collections_api.drop),
    ("GET", _C + "/exists", collections_api.exists),
    ("GET", _C + "/aliases", collections_api.aliases_of),
    ("GET", _C + "/cluster", collections_api.cluster_info),
    ("POST", _C + "/cluster", collections_api.no_cluster),
    ("PUT", _C + "/shards", collections_api.no_cluster),
    ("PUT", _C + "/index", points.create_index),
    ("DELETE", _C + "/index/{field}", points.delete_index),
    ("POST", _P, points.retrieve),
    ("PUT", _P, points.upsert),
    ("POST", _P + "/scroll", points.scroll),
    ("POST", _P + "/count", points.count),
    ("POST", _P + "/query", points.query),
    ("POST", _P + "/query/batch", points.query_batch),
    ("POST", _P + "/search", points.search),
    ("POST", _P + "/search/batch", points.search_batch),
    ("POST", _P + "/delete", points.delete),
    ("POST", _P + "/payload", points.set_payload),
    ("PUT", _P + "/payload", points.overwrite_payload),
    ("POST", _P + "/payload/delete", points.delete_payload),
    ("POST", _P + "/payload/clear", points.clear_payload),
    ("PUT", _P + "/vectors", points.update_vectors),
    ("POST", _P + "/vectors/delete", points.delete_vectors),
    ("GET", _P + "/{point}", points.get),
    ("GET", _S, snapshots_api.listing),
    ("POST", _S, snapshots_api.create),
    ("PUT", _S + "/recover", snapshots_api.recover),
    ("POST", _S + "/upload", snapshots_api.upload),
    ("GET", _S + "/{snapshot}", snapshots_api.download, True),
    ("DELETE", _S + "/{snapshot}", snapshots_api.delete),
    ("GET", "/snapshots", snapshots_api.full_listing),
    ("POST", "/snapshots", snapshots_api.full_create),
    ("GET", "/snapshots/{snapshot}", snapshots_api.full_download, True),
    ("DELETE", "/snapshots/{snapshot}", snapshots_api.full_delete),
    ("GET", _SHARD + "/snapshots", snapshots_api.shard_listing),
    ("POST", _SHARD + "/snapshots", snapshots_api.shard_create),
    ("GET", _SHARD + "/snapshot", snapshots_api.shard_stream, True),
    ("PUT", _SHARD + "/snapshots/recover", snapshots_api.shard_recover),
    ("POST", _SHARD + "/snapshots/upload", snapshots_api.shard_upload),
    ("GET", _SHARD + "/snapshots/{snapshot}", snapshots_api.shard_download, True),
    ("DELETE", _SHARD + "/snapshots/{snapshot}", snapshots_api.shard_delete),
]

_ROUTES = {}
for _method, *_rest in _TABLE:
    _ROUTES.setdefault(_method, []).append(Route(*_rest))


def find(request):
    for route in _ROUTES.get(request.method, ()):
        found = route.matches(request.segments)
        if found is not None:
            return route, found
    return None, None
