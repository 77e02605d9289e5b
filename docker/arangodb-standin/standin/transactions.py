"""Stream transactions: collections as they were when it began, and what it writes for the others when it is committed (contract 9)."""

from .answers import Failure
from .contexts import Context

TTL = 60.0
RUNNING, COMMITTED, ABORTED = "running", "committed", "aborted"


class Transaction(Context):
    def __init__(self, id, call, reads, writes):
        super().__init__(id, TTL)
        self.store = call.store
        self.database = call.database
        self.user = call.user
        self.status = RUNNING
        self.writes = {one.name for one in writes}
        self.forks = {one.name: one.fork() for one in (*reads, *writes)}
        self.originals = {name: call.database.collection(name) for name in self.forks}
        self.done = []  # (name, key, the text before in the fork's beginning, text or None)

    def fork_of(self, collection):
        """One that was not declared is as it is now: no isolation."""
        if self.status != RUNNING:
            raise Failure(410, 1655, f"transaction '{self.id}' is {self.status} already")
        return self.forks.get(collection.name, collection)

    def changes(self):
        return _Pending(self)

    def commit(self):
        """All of it, or a conflict with what others have written meanwhile."""
        with self.store.changes() as changes:
            for name, key, before, text in self.done:
                collection = self.originals[name]
                if key is None:
                    changes.truncate(collection)
                    continue
                now = collection.get(key)
                if now is not before:
                    raise Failure(409, 1200, "write-write conflict")
                if text is None:
                    changes.remove(collection, key)
                else:
                    changes.put(collection, key, text)
        self.status = COMMITTED


class _Pending:
    """In place of store.Changes: nothing of it is seen outside before the commit."""

    def __init__(self, transaction):
        self.transaction = transaction
        self.waits = False
        self.mark = None

    def __enter__(self):
        self.transaction.store.lock.acquire()
        # A request that fails leaves the transaction as it was.
        self.mark = len(self.transaction.done), {name: one.snapshot() for name, one in self.transaction.forks.items()}
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            del self.transaction.done[self.mark[0]:]
            for name, texts in self.mark[1].items():
                self.transaction.forks[name].replace_all(dict(texts))
        self.transaction.store.lock.release()

    def _declared(self, collection):
        if collection.name not in self.transaction.writes:
            raise Failure(400, 1652, f"unregistered collection used in transaction: {collection.name}")

    def put(self, collection, key, text, members=None):
        self._declared(collection)
        before = collection.put(key, text, members)
        self.transaction.done.append((collection.name, key, before, text))
        return before

    def remove(self, collection, key):
        self._declared(collection)
        before = collection.remove(key)
        self.transaction.done.append((collection.name, key, before, None))
        return before

    def truncate(self, collection):
        self._declared(collection)
        collection.replace_all({})
        self.transaction.done.append((collection.name, None, None, None))
