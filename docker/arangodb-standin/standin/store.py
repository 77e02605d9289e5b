"""All databases of the server, and the one place where they are changed: `with store.changes() as changes`."""

import threading

from .answers import no_database
from .database import Database
from .journal import Journal
from .ticks import Ticks

# A journal that is this many times as long as what is left of it is written anew when the server starts.
_REWRITTEN_FROM = 8 << 20


class Store:
    def __init__(self, directory):
        self.ticks = Ticks()
        self.lock = threading.RLock()
        self.databases = {}
        self.journal = Journal(directory)
        self.server_id = None

    def database(self, name):
        found = self.databases.get(name)
        if found is None:
            raise no_database()
        return found

    def changes(self):
        return Changes(self)

    # --- from the journal ------------------------------------------------------------------------------------------------------------

    def load(self):
        by_id = {}
        for record in self.journal.records():
            for operation, lines in record:
                self._replay(operation, lines, by_id)
        living = sum(len(text) for database in self.databases.values() for one in database.collections.values() for text in one.texts.values())
        if self.journal.size > _REWRITTEN_FROM and self.journal.size > 2 * living:
            self.journal.rewrite(self._state())

    def _replay(self, operation, lines, by_id):
        kind = operation["op"]
        self.ticks.seen(operation.get("tick", 0))
        if kind == "server":
            self.server_id = operation["id"]
        elif kind == "database":
            self.databases[operation["name"]] = Database(operation["id"], operation["name"], operation["options"])
        elif kind == "drop-database":
            del self.databases[operation["name"]]
        elif kind == "collection":
            self._replay_collection(operation, by_id)
        elif kind == "drop-collection":
            gone = by_id.pop(operation["id"])
            gone.database.collections.pop(gone.name, None)
        elif kind == "view":
            self.databases[operation["database"]].views[operation["view"]["name"]] = operation["view"]
        elif kind == "drop-view":
            del self.databases[operation["database"]].views[operation["name"]]
        elif kind == "put":
            by_id[operation["id"]].load(lines)
        elif kind == "remove":
            for key in lines:
                by_id[operation["id"]].texts.pop(key, None)
        elif kind == "truncate":
            by_id[operation["id"]].texts.clear()

    def _replay_collection(self, operation, by_id):
        properties = operation["properties"]
        known = by_id.get(properties["id"])
        if known is None:
            known = self.databases[operation["database"]].add(properties, operation["indexes"])
            by_id[known.id] = known
            return
        if known.name != properties["name"]:
            known.database.collections.pop(known.name)
            known.rename(properties["name"])
            known.database.collections[known.name] = known
        known.properties, known.indexes = properties, operation["indexes"]

    def _state(self):
        yield [({"op": "server", "id": self.server_id, "tick": self.ticks.last}, [])]
        for database in self.databases.values():
            yield [(database.described(), [])]
            for collection in database.collections.values():
                yield [(described(collection), [])]
                if collection.texts:
                    yield [({"op": "put", "id": collection.id}, list(collection.texts.values()))]
            for view in database.views.values():
                yield [({"op": "view", "database": database.name, "view": view}, [])]

    def close(self):
        with self.lock:
            self.journal.close()


def described(collection):
    return {"op": "collection", "database": collection.database.name, "properties": collection.properties, "indexes": collection.indexes}


class Changes:
    """What one request changes. It is in the journal when the block ends, and undone if it fails."""

    def __init__(self, store):
        self.store = store
        self.operations = []
        self.undo = []
        self.waits = False

    def __enter__(self):
        self.store.lock.acquire()
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is not None:
                for step in reversed(self.undo):
                    step()
            elif self.operations:
                self.operations[0][0]["tick"] = self.store.ticks.last
                self.store.journal.append(self.operations)
                if self.waits:
                    self.store.journal.sync()
        finally:
            self.store.lock.release()

    def note(self, operation, undo=None):
        """Something besides documents, which has been done already."""
        self.operations.append((operation, []))
        if undo is not None:
            self.undo.append(undo)

    # --- documents -------------------------------------------------------------------------------------------------------------------

    def put(self, collection, key, text, members=None):
        before = collection.put(key, text, members)
        collection.removal = None
        self.undo.append(lambda: _undo(collection, key, before))
        self._lines("put", collection).append(text)
        return before

    def remove(self, collection, key):
        before = collection.remove(key)
        collection.removal = self.store.ticks.revision()
        self.undo.append(lambda: _undo(collection, key, before))
        self._lines("remove", collection).append(key)
        return before

    def truncate(self, collection):
        before = collection.snapshot()
        collection.replace_all({})
        self.undo.append(lambda: collection.replace_all(dict(before)))
        self._lines("truncate", collection)

    def _lines(self, kind, collection):
        if self.operations:
            last, lines = self.operations[-1]
            if last["op"] == kind and last.get("id") == collection.id:
                return lines
        self.operations.append(({"op": kind, "id": collection.id}, []))
        return self.operations[-1][1]


def _undo(collection, key, before):
    texts = collection._own()
    texts.pop(key, None)
    if before is not None:
        texts[key] = before
    collection.uniques = None
