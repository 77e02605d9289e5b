"""Writing one document: keys, revisions, what an existing one means, and the answer for it (contract 8)."""

import secrets

from . import documents, schema
from .answers import Failure, bad_key, no_document
from .documents import Document

PRIMARY = {"name": "primary", "type": "primary", "fields": ["_key"]}


class Wishes:
    """The query parameters of a write."""

    def __init__(self, flag, query):
        mode = query.get("overwriteMode")
        if mode not in ("ignore", "replace", "update", "conflict"):
            mode = "replace" if flag("overwrite") else "conflict"
        self.mode = mode
        self.return_new = flag("returnNew")
        self.return_old = flag("returnOld")
        self.keep_null = flag("keepNull", True)
        self.merge_objects = flag("mergeObjects", True)
        self.ignore_revisions = flag("ignoreRevs", True)
        self.silent = flag("silent")
        self.revision = None  # of If-Match


class Writer:
    def __init__(self, call, changes, collection, wishes):
        self.call = call
        self.store = call.store
        self.changes = changes
        self.collection = collection
        self.wishes = wishes

    # --- the four ways to write -------------------------------------------------------------------------------------------------------

    def insert(self, members):
        if not isinstance(members, dict):
            raise Failure(400, 1227, "invalid document type")
        key = documents.checked_key(members)
        if key is not None and not self.collection.properties["keyOptions"].get("allowUserKeys", True):
            raise Failure(400, 1222, "unexpected document key")
        before = self.collection.get(key) if key is not None else None
        if before is None:
            return self._save(key or self.new_key(), members, None, "insert")
        if self.wishes.mode == "ignore":
            return self._told(key, documents.revision_of(before))
        if self.wishes.mode == "conflict":
            raise Failure(409, 1210, f"unique constraint violated - in index primary of type primary over '_key'; conflicting key: {key}")
        return self._merge(key, members, before) if self.wishes.mode == "update" else self._save(key, members, before, "replace")

    def replace(self, key, members):
        return self._save(key, members, self._existing(key, members), "replace")

    def update(self, key, members):
        return self._merge(key, members, self._existing(key, members))

    def remove(self, key, given=None):
        before = self._existing(key, given)
        self.changes.remove(self.collection, key)
        told = self._told(key, documents.revision_of(before))
        if self.wishes.return_old:
            told["old"] = Document(before)
        return told

    # --- what they are made of ----------------------------------------------------------------------------------------------------------

    def _existing(self, key, given):
        before = self.collection.get(key)
        if before is None:
            raise no_document()
        wanted = self.wishes.revision
        if wanted is None and not self.wishes.ignore_revisions and isinstance(given, dict):
            wanted = given.get("_rev")
        if wanted is not None and wanted != documents.revision_of(before):
            raise conflict(self.collection, key, before)
        return before

    def _merge(self, key, members, before):
        old = Document(before).members
        kept = {name: value for name, value in old.items() if name not in ("_key", "_id", "_rev")}
        given = {name: value for name, value in members.items() if name not in ("_key", "_id", "_rev")}
        return self._save(key, documents.merged(kept, given, self.wishes.keep_null, self.wishes.merge_objects), before, "update")

    def _save(self, key, members, before, event):
        members = schema.with_computed(self.call, self.collection, members, event)
        schema.check(self.collection, members, before is None)
        revision = self.store.ticks.revision()
        text = documents.text(self.collection, key, revision, members)
        self.changes.put(self.collection, key, text)
        told = self._told(key, revision)
        if before is not None:
            told["_oldRev"] = documents.revision_of(before)
            if self.wishes.return_old:
                told["old"] = Document(before)
        if self.wishes.return_new:
            told["new"] = Document(text)
        return told

    def _told(self, key, revision):
        return {"_id": f"{self.collection.name}/{key}", "_key": key, "_rev": revision}

    def new_key(self):
        options = self.collection.properties["keyOptions"]
        kind = options["type"]
        last = max(self.collection.last_value, options.get("lastValue") or 0)
        if kind == "uuid":
            digits = secrets.token_hex(16)
            return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        if kind == "autoincrement":
            step, offset = options["increment"], options["offset"]
            return str(offset + step * ((max(last, offset) - offset) // step + 1))
        number = max(self.store.ticks.next(), last + 1)
        return f"{number:016x}" if kind == "padded" else str(number)


def conflict(collection, key, before):
    revision = documents.revision_of(before)
    return Failure(
        412, 1200, "conflict, _rev values do not match", [("etag", f'"{revision}"')],
        {"_id": f"{collection.name}/{key}", "_key": key, "_rev": revision}, leading=True)


def key_in(collection, given):
    """The key that an element of a bulk request names: a key, an id, or a document with one of them."""
    if isinstance(given, dict):
        given = given.get("_key", given.get("_id"))
        if given is None:
            raise Failure(400, 1226, "missing document key")
    if not isinstance(given, str):
        raise bad_key()
    name, slash, key = given.partition("/")
    if not slash:
        return given
    if name != collection.name:
        raise no_document()
    return key
