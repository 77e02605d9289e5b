"""A collection: its properties, its indexes, and its documents, of which a snapshot costs nothing until the next change."""

import copy

from . import documents, unique
from .documents import Document

DOCUMENT, EDGE = 2, 3
_ENFORCED = ("persistent", "hash", "skiplist")


class Collection:
    def __init__(self, database, properties, indexes):
        self.database = database
        self.properties = properties  # as POST /_api/collection answers them, without error, code and statusString
        self.indexes = indexes  # those that were made, each as its answer shows it; ids are numbers as text
        self.texts = {}
        self.is_shared = False
        self.uniques = None  # built when something is written
        self.last_value = 0  # the highest key that is a number
        self.removal = None  # the revision that taking a document away has made, as long as it is the newest

    @property
    def id(self):
        return self.properties["id"]

    @property
    def name(self):
        return self.properties["name"]

    @property
    def type(self):
        return self.properties["type"]

    @property
    def is_edge(self):
        return self.properties["type"] == EDGE

    @property
    def is_system(self):
        return self.properties["isSystem"]

    def __len__(self):
        return len(self.texts)

    # --- reading ---------------------------------------------------------------------------------------------------------------

    def snapshot(self):
        """The documents as they are now, whatever is written later."""
        self.is_shared = True
        return self.texts

    def get(self, key):
        return self.texts.get(key)

    def fork(self):
        """The collection as a stream transaction has it: what is written there is not written here."""
        fork = copy.copy(self)
        fork.texts = self.snapshot()
        fork.is_shared = True
        fork.uniques = None
        return fork

    # --- writing: by Changes only -------------------------------------------------------------------------------------------------

    def put(self, key, text, members=None):
        """Everything that may fail comes before anything is changed."""
        entries = self._checked(key, text, members)
        before = self._own().pop(key, None)  # what is replaced goes to the end, as a new revision does
        self.texts[key] = text
        if key.isdigit():
            self.last_value = max(self.last_value, int(key))
        for index, its in zip(self.uniques, entries):
            if before is not None:
                index.remove(key, Document(before).members)
            index.add(key, its)
        return before

    def _checked(self, key, text, members):
        """Under which values each unique index will have it; 1210 if one is another document's."""
        if self.uniques is None:
            self.uniques = [unique.build(one, self.texts) for one in self.indexes if one.get("unique") and one["type"] in _ENFORCED]
        if not self.uniques:
            return ()
        members = Document(text).members if members is None else members
        entries = [index.entries(members) for index in self.uniques]
        for index, its in zip(self.uniques, entries):
            other = index.conflict(key, its)
            if other is not None:
                raise unique.violation(index.definition, other)
        return entries

    def remove(self, key):
        before = self._own().pop(key)
        for index in self.uniques or ():
            index.remove(key, Document(before).members)
        return before

    def replace_all(self, texts):
        self.texts = texts
        self.is_shared = False
        self.uniques = None

    def _own(self):
        if self.is_shared:
            self.texts = dict(self.texts)
            self.is_shared = False
        return self.texts

    def load(self, texts):
        """Out of the journal, which holds only what was checked."""
        for text in texts:
            key = documents.key_of(text)
            self.texts.pop(key, None)
            self.texts[key] = text
            if key.isdigit():
                self.last_value = max(self.last_value, int(key))

    def rename(self, name):
        self.properties["name"] = name
        self.replace_all({key: documents.renamed(text, name) for key, text in self.texts.items()})
