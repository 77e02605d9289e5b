"""Unique indexes over attributes: which value has which key."""

from .answers import Failure
from .documents import Document


class UniqueIndex:
    def __init__(self, definition):
        self.definition = definition
        self.paths = [path.replace("[*]", "").split(".") for path in definition["fields"]]
        self.expands = [path.endswith("[*]") for path in definition["fields"]]
        self.sparse = bool(definition.get("sparse"))
        self.is_simple = len(self.paths) == 1 and not self.expands[0]
        self.keys = {}

    def entries(self, members):
        """The values under which the document is found: several if an array is expanded."""
        if self.is_simple:
            value = at(members, self.paths[0])
            return () if value is None and self.sparse else (comparable(value),)
        values = [at(members, path) for path in self.paths]
        if self.sparse and any(value is None for value in values):
            return ()
        combinations = [()]
        for value, expands in zip(values, self.expands):
            several = value if expands and isinstance(value, list) else [value]
            combinations = [(*before, comparable(one)) for before in combinations for one in several]
        # An array that holds a value twice is no conflict with itself: `deduplicate`.
        return set(combinations)

    def conflict(self, key, entries):
        for entry in entries:
            other = self.keys.get(entry)
            if other is not None and other != key:
                return other
        return None

    def add(self, key, entries):
        for entry in entries:
            self.keys[entry] = key

    def remove(self, key, members):
        for entry in self.entries(members):
            if self.keys.get(entry) == key:
                del self.keys[entry]


def at(members, path):
    for name in path:
        if not isinstance(members, dict):
            return None
        members = members.get(name)
    return members


def comparable(value):
    """Something to look up by: 1 and 1.0 are the same, true and 1 are not."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", tuple(comparable(one) for one in value))
    if isinstance(value, dict):
        return ("object", tuple(sorted((name, comparable(one)) for name, one in value.items())))
    return value


def violation(definition, key):
    fields = ", ".join(f"'{field}'" for field in definition["fields"])
    return Failure(
        409, 1210,
        f"unique constraint violated - in index {definition['name']} of type {definition['type']} over {fields}; conflicting key: {key}")


def build(definition, documents):
    """Of what is there already; the documents that are not unique are a failure."""
    index = UniqueIndex(definition)
    for key, text in documents.items():
        entries = index.entries(Document(text).members)
        other = index.conflict(key, entries)
        if other is not None:
            raise violation(definition, other)
        index.add(key, entries)
    return index
