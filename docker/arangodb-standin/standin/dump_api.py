"""The parallel dump of 3.12: batches that may be asked for again (contract 10.2)."""

from . import answers, jsontext
from .answers import Answer, Failure, bad_parameter
from .contexts import Context
from .replication_api import ttl


class Dump(Context):
    def __init__(self, id, ttl, call, collections, size, most):
        super().__init__(id, ttl)
        self.database = call.database
        self.user = call.user
        self.waiting = [(one.name, list(one.snapshot().values())) for one in collections]
        self.place = 0
        self.size, self.most = size, most
        self.kept = {}  # batch id -> (collection, texts): until it is released

    def batch(self, id):
        if id not in self.kept:
            following = self._following()
            if following is None:
                return None
            self.kept[id] = following
        return self.kept[id]

    def _following(self):
        while self.waiting:
            name, texts = self.waiting[0]
            taken, length = [], 0
            while self.place < len(texts) and len(taken) < self.most and (not taken or length < self.size):
                taken.append(texts[self.place])
                length += len(texts[self.place]) + 1
                self.place += 1
            if self.place >= len(texts):
                self.waiting.pop(0)
                self.place = 0
            if taken:
                return name, taken
        return None


def _only_3_12(call):
    if not call.options.is_3_12:
        raise answers.unknown_path(call.request.path)


def start(call):
    _only_3_12(call)
    call.must("ro")
    if call.request.flag("useVPack"):
        raise answers.not_here("VelocyPack")
    body = call.object({})
    shards = body.get("shards")
    if not isinstance(shards, list):
        raise bad_parameter("need a list of shards")
    for name in ("projections", "filters"):
        if body.get(name):
            raise answers.not_here(f"{name} of a dump")
    collections = [call.collection(str(name)) for name in shards]
    dump = Dump(
        call.server.contexts.new_id(), ttl(call, body), call, collections, body.get("batchSize") or 16 * 1024, body.get("docsPerBatch") or 10000)
    call.server.contexts.dumps[dump.id] = dump
    return answers.empty(201, [("x-arango-dump-id", dump.id)])


def following(call, id):
    _only_3_12(call)
    dump = call.server.contexts.dump(id, call)
    query = call.request.query
    if not query.get("batchId", "").isdigit():
        raise bad_parameter("need a 'batchId' parameter")
    dump.kept.pop(query.get("lastBatch"), None)
    if call.fault is not None and call.fault.kind == "empty-chunk":
        raise Failure(400, 400, "an empty chunk is of the other protocol")
    found = dump.batch(query["batchId"])
    if found is None:
        return answers.empty(204)
    name, texts = found
    body = jsontext.encode("\n".join([*texts, ""]))
    headers = [("x-arango-dump-shard-id", name), ("x-arango-dump-block-counts", str(len(dump.kept)))]
    return Answer(200, body, headers, "application/x-arango-dump")


def end(call, id):
    _only_3_12(call)
    call.server.contexts.dump(id, call)
    del call.server.contexts.dumps[id]
    return answers.json({"error": False, "code": 200})
