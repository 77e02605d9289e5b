"""What the server keeps between requests, each for so long: batches, dumps, cursors, stream transactions."""

import time

from .answers import Failure


class Context:
    """`kind` is for the message when it is gone."""

    def __init__(self, id, ttl):
        self.id = id
        self.ttl = ttl
        self.ends = 0.0
        self.renew()

    def renew(self, ttl=None):
        self.ttl = ttl or self.ttl
        self.ends = time.monotonic() + self.ttl

    @property
    def is_over(self):
        return time.monotonic() >= self.ends


class Contexts:
    def __init__(self, ticks):
        self.ticks = ticks
        self.batches = {}
        self.dumps = {}
        self.cursors = {}
        self.transactions = {}

    @property
    def all(self):
        return (self.batches, self.dumps, self.cursors, self.transactions)

    def new_id(self):
        return str(self.ticks.next())

    def expire_all(self):
        for kept in self.all:
            kept.clear()

    def _living(self, kept, id):
        for old in [one for one, context in kept.items() if context.is_over]:
            del kept[old]
        found = kept.get(id)
        if found is not None:
            found.renew()
        return found

    def batch(self, id, database):
        found = self._living(self.batches, id)
        return found if found is not None and found.database is database else None

    def dump(self, id, call):
        found = self._living(self.dumps, id)
        if found is None:
            raise Failure(404, 1600, "requested dump context not found")
        if found.user != call.user or found.database is not call.database:
            raise Failure(403, 11, "insufficient permissions")
        return found

    def cursor(self, id, call):
        found = self._living(self.cursors, id)
        if found is None or found.database is not call.database or found.user != call.user:
            raise Failure(404, 1600, "cursor not found")
        return found

    def transaction(self, id, call):
        found = self._living(self.transactions, id)
        if found is None or found.database is not call.database or found.user != call.user:
            raise Failure(404, 1655, f"transaction '{id}' not found")
        return found
