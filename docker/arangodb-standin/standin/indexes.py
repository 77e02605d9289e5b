"""Indexes as definitions: what a client writes, filled up as the server does (contract 6). Only unique ones have an effect."""

from . import unique
from .answers import Failure, bad_parameter
from .store import described

_ALIASES = {"hash": "persistent", "skiplist": "persistent"}
_UNIQUE = ("persistent", "hash", "skiplist")


def of_new(store, given, options):
    """The definition with a name and an id; 400 if it is none."""
    kind = given.get("type")
    make = _KINDS.get(kind)
    if make is None or (kind in ("mdi", "mdi-prefixed", "vector") and not options.is_3_12):
        raise bad_parameter("invalid index type")
    if kind == "vector" and not options.vector_index:
        raise Failure(400, 10, "vector index feature is not enabled: the server has to run with --vector-index")
    made = {"type": kind, "unique": False, "sparse": bool(given.get("sparse", False)), **make(given, options)}
    if given.get("storedValues") and "storedValues" not in made:
        made["storedValues"] = given["storedValues"]
    name = given.get("name")
    if name is not None and (not isinstance(name, str) or not name or name[0].isdigit() or "/" in name):
        raise Failure(400, 1208, "illegal name")
    made["name"] = name or f"idx_{store.ticks.revision_number()}"
    return made


def _fields(given, least=1, most=None):
    fields = given.get("fields")
    if not isinstance(fields, list) or len(fields) < least or (most and len(fields) > most):
        raise bad_parameter("index needs exactly one field" if most == 1 else "index field names are missing or too many")
    if any(not isinstance(one, str) or not one for one in fields):
        raise bad_parameter("index field names should be non-empty strings")
    if len(set(fields)) < len(fields):
        raise bad_parameter("duplicate attribute name in index fields list")
    return list(fields)


def _persistent(given, options):
    return {
        "fields": _fields(given), "unique": bool(given.get("unique", False)), "deduplicate": bool(given.get("deduplicate", True)),
        "estimates": bool(given.get("estimates", True)), "cacheEnabled": bool(given.get("cacheEnabled", False)), "selectivityEstimate": 1,
    }


def _ttl(given, options):
    seconds = given.get("expireAfter")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
        raise bad_parameter("expireAfter attribute must be a non-negative number")
    return {"fields": _fields(given, most=1), "expireAfter": seconds, "sparse": True, "estimates": False}


def _geo(given, options):
    return {
        "fields": _fields(given, most=2), "sparse": True, "geoJson": bool(given.get("geoJson", False)), "bestIndexedLevel": 17,
        "legacyPolygons": bool(given.get("legacyPolygons", False)), "maxNumCoverCells": 8, "worstIndexedLevel": 4,
    }


def _fulltext(given, options):
    return {"fields": _fields(given, most=1), "sparse": True, "minLength": given.get("minLength", 2)}


def _mdi(given, options):
    if given.get("fieldValueTypes") != "double":
        raise bad_parameter("the only allowed value for `fieldValueTypes` is \"double\"")
    made = {"fields": _fields(given), "fieldValueTypes": "double", "unique": bool(given.get("unique", False))}
    if given["type"] == "mdi-prefixed":
        if not given.get("prefixFields"):
            raise bad_parameter("mdi-prefixed needs prefixFields")
        return {**made, "prefixFields": given["prefixFields"], "estimates": bool(given.get("estimates", True)), "selectivityEstimate": 1}
    return {**made, "estimates": False} if options.is_3_12 else made


def _vector(given, options):
    params = given.get("params")
    if not isinstance(params, dict) or params.get("metric") not in ("cosine", "l2", "innerProduct") \
            or not isinstance(params.get("dimension"), int) or params["dimension"] < 1:
        raise bad_parameter("vector index needs params with a metric and a dimension")
    if not isinstance(params.get("nLists"), int) or params["nLists"] < 1:
        raise bad_parameter("vector index params need nLists")  # required up to 3.12.9
    shown = {"defaultNProbe": 1, "trainingIterations": 25, **params}
    return {"fields": _fields(given, most=1), "params": shown, "parallelism": given.get("parallelism", 2)}


def _inverted(given, options):
    fields = given.get("fields") or []
    if not fields and not given.get("includeAllFields"):
        raise bad_parameter("inverted index needs fields")
    shown = []
    for one in fields:
        one = {"name": one} if isinstance(one, str) else dict(one)
        if not isinstance(one.get("name"), str):
            raise bad_parameter("fields of an inverted index are names, or objects with a name")
        if one.get("analyzer", "identity") != "identity" and "features" not in one:
            one = {"features": ["frequency", "position", "norm"], **one}
        shown.append(one)
    now = {
        "consolidationIntervalMsec": 5000, "consolidationPolicy": tier(options), "optimizeTopK": given.get("optimizeTopK", []),
    } if options.is_3_12 else {"consolidationIntervalMsec": 1000, "consolidationPolicy": tier(options)}
    sort = given.get("primarySort") or {}
    made = {
        "analyzer": "identity", "cleanupIntervalStep": 2, "commitIntervalMsec": 1000, **now, "features": ["frequency", "norm"],
        "includeAllFields": False, "searchField": False, "storedValues": [], "trackListPositions": False, "version": 1,
        "writebufferActive": 0, "writebufferIdle": 64, "writebufferSizeMax": 33554432,
    }
    made.update({name: given[name] for name in made if name in given})
    return {**made, "fields": shown, "sparse": True, "primarySort": {"fields": sort.get("fields", []), "compression": sort.get("compression", "lz4")}}


def tier(options):
    if options.is_3_12:
        return {"type": "tier", "segmentsBytesMax": 8589934592, "maxSkewThreshold": 0.4, "minDeletionRatio": 0.5}
    return {"type": "tier", "segmentsBytesFloor": 2097152, "segmentsBytesMax": 5368709120, "segmentsMax": 10, "segmentsMin": 1, "minScore": 0}


_KINDS = {
    "persistent": _persistent, "hash": _persistent, "skiplist": _persistent, "ttl": _ttl, "geo": _geo, "fulltext": _fulltext,
    "mdi": _mdi, "mdi-prefixed": _mdi, "zkd": _mdi, "vector": _vector, "inverted": _inverted,
}


# --- in a collection ---------------------------------------------------------------------------------------------------------------


def add(store, changes, collection, given, options):
    """(definition, whether it is new)."""
    if given.get("type") == "zkd" and options.is_3_12:
        given = {**given, "type": "mdi"}
    made = of_new(store, given, options)
    for one in collection.indexes:
        same = all(one.get(name) == made.get(name) for name in ("fields", "unique", "sparse", "expireAfter", "geoJson", "params", "prefixFields"))
        if same and _ALIASES.get(one["type"], one["type"]) == _ALIASES.get(made["type"], made["type"]):
            return one, False
        if one["name"] == made["name"]:
            raise Failure(409, 1207, f"duplicate name: index '{made['name']}' exists already with another definition")
    if made["unique"] and made["type"] in _UNIQUE:
        unique.build(made, collection.texts)
    if made["type"] == "vector" and not collection.texts:
        raise Failure(400, 10, "vector index cannot be trained without documents: the number of lists exceeds that of the documents")
    if made["type"] == "vector" and made["params"]["nLists"] > len(collection):
        raise bad_parameter("nLists may not be higher than the number of documents")
    made["id"] = str(store.ticks.next())
    before = collection.indexes
    collection.indexes = [*before, made]
    collection.uniques = None
    changes.note(described(collection), lambda: _restore(collection, before))
    return made, True


def remove(changes, collection, id):
    before = collection.indexes
    collection.indexes = [one for one in before if one["id"] != id]
    collection.uniques = None
    changes.note(described(collection), lambda: _restore(collection, before))


def _restore(collection, before):
    collection.indexes, collection.uniques = before, None


def shown(collection, definition):
    """As an answer has it: members by name, the id with the collection's."""
    return dict(sorted({**definition, "id": f"{collection.name}/{definition['id']}"}.items()))


def all_of(collection):
    """Those that are there by themselves, and those that were made."""
    primary = {"fields": ["_key"], "id": "0", "name": "primary", "selectivityEstimate": 1, "sparse": False, "type": "primary", "unique": True}
    edge = {"fields": ["_from", "_to"], "id": "1", "name": "edge", "selectivityEstimate": 1, "sparse": False, "type": "edge", "unique": False}
    return [primary, *([edge] if collection.is_edge else []), *collection.indexes]
