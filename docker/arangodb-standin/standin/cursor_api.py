"""Cursors (contract 9)."""

import time

from . import answers, aql, jsontext
from .answers import Failure
from .contexts import Context

_TTL = 30.0


class Cursor(Context):
    def __init__(self, id, ttl, call, values, size, counts, extra, retries):
        super().__init__(id, ttl)
        self.database = call.database
        self.user = call.user
        self.values = values
        self.size = size
        self.counts = counts
        self.extra = extra
        self.retries = retries
        self.place = 0
        self.number = 0
        self.last = None  # the newest batch, until the next one: it may be asked for again
        self.is_3_10 = call.options.is_3_10

    def following(self, status):
        taken = self.values[self.place:self.place + self.size]
        self.place += len(taken)
        self.number += 1
        has_more = self.place < len(self.values)
        members = {"result": taken, "hasMore": has_more}
        if has_more or self.number > 1:
            members["id"] = self.id
        if self.counts:
            members["count"] = len(self.values)
        if has_more:
            members.update({"extra": self.extra, "cached": False})
            if not self.is_3_10:
                members["nextBatchId"] = str(self.number + 1)
        else:
            members.update({"cached": False, "extra": self.extra})
        self.last = members
        return answers.json({**members, "error": False, "code": status}, status)


def create(call):
    body = call.object({})
    if body.get("query") is None:
        raise Failure(400, 1502, "query is empty")
    options = body.get("options") or {}
    size = body.get("batchSize", 1000)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise answers.bad_parameter("expecting positive value for 'batchSize'")
    began = time.monotonic()
    query = aql.make(call, body["query"], body.get("bindVars") or {}, options)
    values = query.run()
    _memory(call, body, values)
    extra = {"warnings": [], "stats": stats_of(call, query.stats, query.full_count, time.monotonic() - began)}
    streams = bool(options.get("stream"))
    cursor = Cursor(
        call.server.contexts.new_id(), float(body.get("ttl") or _TTL), call, values, size, bool(body.get("count")) and not streams, extra,
        bool(options.get("allowRetry")) and not call.options.is_3_10)
    answer = cursor.following(201)
    # With `allowRetry` even one that is read to its end stays, until somebody ends it.
    if cursor.place < len(values) or cursor.retries:
        call.server.contexts.cursors[cursor.id] = cursor
    return answer


def _memory(call, body, values):
    limit = body.get("memoryLimit") or 0
    # A rough measure, which only has to be too much when it is by far.
    if limit and sum(len(jsontext.write(one)) + 16 for one in values) > limit:
        raise Failure(500, 32, "AQL: query would use more memory than allowed (while executing)")


def stats_of(call, counted, full_count, seconds):
    stats = {name: counted[name] for name in ("writesExecuted", "writesIgnored")}
    if call.options.is_3_12:
        stats.update({"documentLookups": 0, "seeks": 0})
    stats.update({"scannedFull": counted["scannedFull"], "scannedIndex": counted["scannedIndex"]})
    if call.options.is_3_12:
        stats["searchParallelism"] = 1
    stats.update({"cursorsCreated": 0, "cursorsRearmed": 0, "cacheHits": 0, "cacheMisses": 0, "filtered": counted["filtered"], "httpRequests": 0})
    if full_count is not None:
        stats["fullCount"] = full_count
    stats.update({"executionTime": seconds, "peakMemoryUsage": 0})
    if not call.options.is_3_10:
        stats["intermediateCommits"] = 0
    return stats


def missing(call):
    raise answers.bad_parameter("expecting POST /_api/cursor/<cursor-id>")


def following(call, id):
    cursor = call.server.contexts.cursor(id, call)
    if cursor.place >= len(cursor.values):
        raise Failure(404, 1600, "cursor not found")
    answer = cursor.following(200)
    if cursor.place >= len(cursor.values) and not cursor.retries:
        del call.server.contexts.cursors[id]
    return answer


def again(call, id, batch):
    """The newest batch once more, or the next one; nothing else (contract 9)."""
    cursor = call.server.contexts.cursor(id, call)
    if cursor.retries and batch == str(cursor.number):
        return answers.json({**cursor.last, "error": False, "code": 200})
    if cursor.retries and batch == str(cursor.number + 1) and cursor.place < len(cursor.values):
        return cursor.following(200)
    raise Failure(404, 1600, "cursor not found")


def drop(call, id):
    call.server.contexts.cursor(id, call)
    del call.server.contexts.cursors[id]
    return answers.json({"id": id, "error": False, "code": 202}, 202)
