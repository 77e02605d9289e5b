"""A query: its bind parameters, its collections, its clauses one after the other, and what it counted (contract 9)."""

import re

from . import answers
from .aql_clauses import Clauses
from .aql_words import Cannot
from .answers import Failure
from .documents import Document, split_handle


class Query:
    def __init__(self, call, text, binds, options):
        self.call = call
        self.text = text
        self.binds = binds
        self.options = options
        self.used = set()
        self.scopes = [set()]
        self.names = {}  # of the collections that it reads or writes
        self.changes = None
        self.stats = {"writesExecuted": 0, "writesIgnored": 0, "scannedFull": 0, "scannedIndex": 0, "filtered": 0}
        self.full_count = None
        self.writes = False
        try:
            clauses = Clauses(text, self)
            self.run_all = clauses.all()
            if clauses.token.kind != "end":
                raise clauses.wrong()
            for name in binds:
                if name not in self.used:
                    raise Failure(400, 1552, f"bind parameter '{name}' was not declared in the query")
        except Failure as failure:
            raise self._placed(failure, "while parsing") from None

    def _placed(self, failure, when):
        """Older servers say at which stage."""
        is_plain = failure.number not in (1203, 1551, 1552) or self.call.options.is_3_12
        return failure if is_plain else Failure(failure.status, failure.number, f"AQL: {failure.message} ({when})")

    def run(self):
        """All results. Whatever it writes is in its journal when it ends, or undone."""
        try:
            with self.call.changes() as self.changes:
                return list(self.run_all({}))
        except Failure as failure:
            if isinstance(failure, Cannot) or failure.message.startswith("AQL: "):
                raise
            raise Failure(failure.status, failure.number, f"AQL: {failure.message} (while executing)") from None

    # --- bind parameters -------------------------------------------------------------------------------------------------------------

    def bound(self, name):
        if name not in self.binds:
            raise Failure(400, 1551, f"no value specified for declared bind parameter '{name}'")
        self.used.add(name)
        return self.binds[name]

    def bound_collection(self, name):
        value = self.bound(name)
        if not isinstance(value, str) or not value:
            raise Failure(400, 1553, f"bind parameter '{name}' has an invalid value or type")
        return value

    # --- variables --------------------------------------------------------------------------------------------------------------------

    def is_variable(self, name):
        return any(name in scope for scope in self.scopes)

    def declare(self, name):
        if self.is_variable(name):
            raise Failure(400, 1511, f"variable '{name}' is assigned multiple times")
        self.scopes[-1].add(name)
        return name

    def forget_all(self, names):
        """After COLLECT, what was there before is there no longer."""
        self.scopes[-1] = set(names)

    def subquery(self, reader):
        """A function of the variables outside, whose value is the array of all results."""
        self.scopes.append(set())
        run = reader.all()
        self.scopes.pop()
        return lambda env: list(run(env))

    # --- collections --------------------------------------------------------------------------------------------------------------------

    def collection(self, name, level="ro"):
        if name in self.call.database.views:
            raise Cannot(f"search in view '{name}'")
        found = self.call.collection(name, level)
        self.names[found.name] = found
        return found

    def collection_value(self, name):
        """A collection where a value is expected: all its documents."""
        self.collection(name)
        return lambda env: self.documents(name)

    def documents(self, name):
        texts = list(self.collection(name).texts.values())
        self.stats["scannedFull"] += len(texts)
        return [Document(text) for text in texts]

    def document(self, handle):
        found = split_handle(handle)
        if found is None:
            return None
        try:
            text = self.collection(found[0]).get(found[1])
        except Failure:
            return None
        return Document(text) if text is not None else None

    def has_vector_index(self, metric):
        indexes = (one for collection in self.names.values() for one in collection.indexes)
        return any(one["type"] == "vector" and one["params"]["metric"] == metric for one in indexes)

    def edges_of_graph(self, name):
        graphs = self.call.database.collections.get("_graphs")
        text = graphs.get(name) if graphs is not None else None
        if text is None:
            raise Failure(404, 1924, f"graph '{name}' not found")
        return [one["collection"] for one in Document(text).members.get("edgeDefinitions", [])]


def words_of(query):
    """Whether there is anything in it besides spaces and comments."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", query, flags=re.DOTALL).strip()


def make(call, text, binds, options):
    if not isinstance(text, str):
        raise answers.bad_parameter("expecting a query that is a text")
    if not words_of(text):
        raise Failure(400, 1502, "query is empty")
    return Query(call, text, binds, options)
