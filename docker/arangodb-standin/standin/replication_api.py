"""Snapshot batches, the inventory and the dump of one collection (contract 10.1)."""

import time

from . import answers, jsontext
from .answers import Answer, Failure, bad_parameter
from .contexts import Context

_DEFAULT_TTL = 600.0
_DEFAULT_CHUNK = 128 * 1024
_LARGEST_CHUNK = 128 * 1024 * 1024
# Never in an inventory.
_HIDDEN = ("_statistics", "_statistics15", "_statisticsRaw", "_routing")
_QUEUES = ("_jobs", "_queues")


class Batch(Context):
    def __init__(self, id, ttl, database):
        super().__init__(id, ttl)
        self.database = database
        self.texts = {one.id: one.snapshot() for one in database.collections.values()}
        self.places = {}  # collection id -> (all of it in order, how far it was read)
        self.counter = 0

    def read(self, collection, size, most):
        """The next texts of a collection, and whether there are more: each is read once, whatever became of the answer."""
        texts, place = self.places.get(collection.id) or (list(self.texts.get(collection.id, {}).values()), 0)
        taken, length, start = [], 0, place
        while place < len(texts) and (place == start or length < size) and len(taken) < most:
            taken.append(texts[place])
            length += len(texts[place]) + 1
            place += 1
        self.places[collection.id] = (texts, place)
        self.counter += len(taken)
        return taken, place < len(texts)


def ttl(call, body):
    given = body.get("ttl") or _DEFAULT_TTL
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise bad_parameter("invalid ttl value")
    most = call.options.batch_ttl_most
    return min(float(given), most) if most is not None else float(given)


def begin(call):
    call.must("rw")
    batch = Batch(call.server.contexts.new_id(), ttl(call, call.object({})), call.database)
    call.server.contexts.batches[batch.id] = batch
    return answers.json({"id": batch.id, "lastTick": str(call.store.ticks.last)})


def _existing(call, id):
    batch = call.server.contexts.batch(id, call.database)
    if batch is None:
        raise Failure(404, 1600, "cursor not found")
    return batch


def extend(call, id):
    call.must("rw")
    _existing(call, id).renew(ttl(call, call.object({})))
    return answers.empty(204)


def end(call, id):
    call.must("rw")
    _existing(call, id)
    del call.server.contexts.batches[id]
    return answers.empty(204)


# --- inventory ----------------------------------------------------------------------------------------------------------------------


def inventory(call):
    call.must("rw")
    query = call.request.query
    if not query.get("batchId"):
        raise Failure(404, 1600, "batchId not specified")
    if call.server.contexts.batch(query["batchId"], call.database) is None:
        raise Failure(404, 1600, "context was not found")
    tick = str(call.store.ticks.last)
    body = {**_contents(call, call.database), "state": state(call), "tick": tick}
    if call.request.flag("global"):
        call.in_system()
        databases = {one.name: {"id": one.id, "name": one.name, **_contents(call, one)} for one in call.store.databases.values()}
        body = {"databases": databases, "state": state(call), "tick": tick}
    return answers.json(body)


def _contents(call, database):
    collections = [structure(one) for one in database.collections.values() if _is_listed(call, one)]
    # As the server sorts them: documents before edges, then by name.
    collections.sort(key=lambda one: (one["parameters"]["type"], one["parameters"]["name"].lower()))
    properties = {"id": database.id, "name": database.name, "isSystem": database.is_system}
    return {"collections": collections, "views": list(database.views.values()), "properties": properties}


def _is_listed(call, collection):
    wanted = call.request.query.get("collection")
    if collection.name in _HIDDEN or (wanted and wanted != collection.name):
        return False
    if collection.name in _QUEUES and not call.request.flag("includeFoxxQueues"):
        return False
    return call.request.flag("includeSystem", True) or not collection.is_system


def structure(collection):
    """As a structure file of a dump has it (contract 12)."""
    from .collection_api import full

    shown = full(collection)
    for name in ("objectId", "statusString", "supportsRBAC"):
        shown.pop(name, None)
    parameters = {
        **shown, "allowUserKeys": shown["keyOptions"].get("allowUserKeys", True), "cid": collection.id, "deleted": False, "isDisjoint": False,
        "isSmart": False, "minReplicationFactor": 1, "numberOfShards": 1, "planId": collection.id, "replicationFactor": 1,
        "shardKeys": ["_key"], "shards": {}, "version": 9,
    }
    indexes = [{name: value for name, value in one.items() if name != "selectivityEstimate"} for one in collection.indexes]
    return {"indexes": [dict(sorted(one.items())) for one in indexes], "parameters": dict(sorted(parameters.items()))}


def state(call):
    last = str(call.store.ticks.last)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"running": True, "lastLogTick": last, "lastUncommittedLogTick": last, "totalEvents": call.store.ticks.last, "time": now}


def logger_state(call):
    server = {"version": call.options.version, "serverId": call.store.server_id, "engine": "rocksdb"}
    return answers.json({"state": state(call), "server": server, "clients": []})


def server_id(call):
    """Until 3.12; gone in newer ones (contract 10.4)."""
    if call.options.version == "3.12.10":
        raise answers.unknown_path(call.request.path)
    return answers.json({"serverId": call.store.server_id})


# --- dump ---------------------------------------------------------------------------------------------------------------------------


def dump(call):
    call.must("rw")
    query = call.request.query
    if not query.get("collection"):
        raise bad_parameter("invalid collection parameter")
    if not query.get("batchId"):
        raise Failure(404, 400, "replication dump - request misses batchId")
    batch = call.server.contexts.batch(query["batchId"], call.database)
    if batch is None:
        raise Failure(404, 400, "replication dump - unable to find context (it could be expired)")
    collection = call.database.collection(query["collection"])
    if call.fault is not None and call.fault.kind == "empty-chunk":
        return _chunk([], True, 0, call)
    size = min(max(call.request.number("chunkSize", _DEFAULT_CHUNK), 1), _LARGEST_CHUNK)
    texts, is_more = batch.read(collection, size, call.request.number("docsPerBatch", 1 << 60))
    return _chunk(texts, is_more, batch.counter if texts else 0, call)


def _chunk(texts, is_more, counter, call):
    if call.request.flag("useEnvelope", True):
        texts = [f'{{"type":2300,"data":{one}}}' for one in texts]
    body = jsontext.encode("\n".join([*texts, ""])) if texts else b""
    headers = [("x-arango-replication-checkmore", "true" if is_more else "false"), ("x-arango-replication-lastincluded", str(counter))]
    return Answer(200 if body else 204, body, headers, answers.LINES)
