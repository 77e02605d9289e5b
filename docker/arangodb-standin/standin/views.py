"""Views as definitions, filled up as the server does (contract 7)."""

from .answers import Failure, bad_parameter, duplicate, no_collection
from .indexes import tier
from .making import is_name

_IMMUTABLE = ("primarySort", "primarySortCompression", "storedValues", "optimizeTopK", "writebufferActive", "writebufferIdle", "writebufferSizeMax")
_MUTABLE = ("cleanupIntervalStep", "commitIntervalMsec", "consolidationIntervalMsec", "consolidationPolicy")


def _defaults(options):
    defaults = {
        "cleanupIntervalStep": 2, "commitIntervalMsec": 1000, "consolidationIntervalMsec": 5000 if options.is_3_12 else 1000,
        "consolidationPolicy": tier(options), "optimizeTopK": [], "primarySort": [], "primarySortCompression": "lz4", "storedValues": [],
        "writebufferActive": 0, "writebufferIdle": 64, "writebufferSizeMax": 33554432,
    }
    if not options.is_3_12:
        del defaults["optimizeTopK"]
    return defaults


def make(store, database, given, options):
    name, kind = given.get("name"), given.get("type")
    if not isinstance(name, str) or not isinstance(kind, str) or kind not in ("arangosearch", "search-alias"):
        raise bad_parameter("a view needs a name and a type that the server knows")
    if not is_name(name, extended=options.is_3_12):
        raise Failure(400, 1208, "illegal name")
    if name in database.views or name in database.collections:
        raise duplicate(f"duplicate view name '{name}'" if name in database.views else "duplicate name")
    id = str(store.ticks.next())
    view = {"globallyUniqueId": f"h{int(store.server_id):X}/{id}", "id": id, "name": name, "type": kind}
    if kind == "search-alias":
        return {**view, "indexes": _indexes(database, given.get("indexes") or [])}
    defaults = _defaults(options)
    view.update({member: given.get(member, value) for member, value in defaults.items()})
    return {**view, "links": _links(database, given.get("links") or {})}


def changed(database, view, given, options, is_patch):
    """After PUT or PATCH."""
    if view["type"] == "search-alias":
        entries = given.get("indexes") or []
        known = list(view["indexes"]) if is_patch else []
        for one in _indexes(database, entries):
            if one not in known:
                known.append(one)
        return {**view, "indexes": known}
    now = dict(view)
    for name in _MUTABLE:
        if name in given:
            now[name] = given[name]
        elif not is_patch:
            now[name] = _defaults(options)[name]
    links = dict(view["links"]) if is_patch else {}
    for name, link in (given.get("links") or {}).items():
        links.pop(name, None)
        if link is not None:
            links.update(_links(database, {name: link}))
    now["links"] = links
    return now


def _indexes(database, entries):
    for one in entries:
        collection = database.find(one.get("collection", ""))
        if collection is None:
            raise no_collection(one.get("collection", ""))
        if not any(index["name"] == one.get("index") and index["type"] == "inverted" for index in collection.indexes):
            raise bad_parameter(f"Cannot find index for alias: collection '{collection.name}', index '{one.get('index')}'")
    return [{"collection": one["collection"], "index": one["index"]} for one in entries]


def _links(database, given):
    links = {}
    for name, link in given.items():
        if link is None:
            continue
        if database.find(name) is None:
            raise no_collection(name)
        links[name] = {
            "analyzers": ["identity"], "fields": {}, "includeAllFields": False, "storeValues": "none", "trackListPositions": False, **link,
        }
        for analyzer in analyzers_of(links[name]):
            if not is_analyzer(database, analyzer):
                raise bad_parameter(f"Invalid analyzer: '{analyzer}' is unknown")
    return links


def analyzers_of(link):
    yield from link.get("analyzers", ())
    for field in link.get("fields", {}).values():
        yield from analyzers_of(field)


BUILT_IN = ("identity", *(f"text_{one}" for one in ("de", "en", "es", "fi", "fr", "it", "nl", "no", "pt", "ru", "sv", "zh")))


def is_analyzer(database, name):
    if name in BUILT_IN:
        return True
    own = database.collections.get("_analyzers")
    return own is not None and any(f'"name":"{name.split("::")[-1]}"' in text for text in own.texts.values())

