"""POST /_api/import: lines or an array of documents, or a table (contract 8)."""

from . import answers, jsontext
from .answers import Failure, bad_parameter
from .jsontext import write
from .writing import Wishes, Writer

_MODES = {"error": "conflict", "update": "update", "replace": "replace", "ignore": "ignore"}
# Of what is no edge: the words are of the import alone.
_NoEnds = Failure(400, 1233, "missing '_from' or '_to' attribute")


class _Import:
    def __init__(self, call):
        query = call.request.query
        if not query.get("collection"):
            raise bad_parameter("'collection' is missing, expecting /_api/import?collection=<identifier>")
        self.call = call
        self.collection = call.collection(query["collection"], "rw")
        self.prefixes = {"_from": query.get("fromPrefix", ""), "_to": query.get("toPrefix", "")}
        if query.get("onDuplicate", "error") not in _MODES:
            raise bad_parameter("invalid value for 'onDuplicate'")
        self.wishes = Wishes(call.request.flag, {"overwriteMode": _MODES[query.get("onDuplicate", "error")]})
        self.is_all_or_nothing = call.request.flag("complete")
        self.counted = {"created": 0, "errors": 0, "empty": 0, "updated": 0, "ignored": 0}
        self.details = []

    def run(self, documents, first):
        """`first` is what the first of them is called where something is wrong with it."""
        with self.call.changes() as changes:
            if self.call.request.flag("overwrite"):
                changes.truncate(self.collection)
            writer = Writer(self.call, changes, self.collection, self.wishes)
            for position, document in enumerate(documents, first):
                self._one(writer, position, document)
        told = {"error": False, **self.counted}
        if self.call.request.flag("details"):
            told["details"] = self.details
        return answers.json(told, 201)

    def _one(self, writer, position, document):
        if document is None:
            self.counted["empty"] += 1
            return
        try:
            if isinstance(document, Failure):
                raise document
            if not isinstance(document, dict):
                raise Failure(400, 1227, "invalid document type")
            document = self._with_prefixes(document)
            if writer.collection.is_edge and not ("_from" in document and "_to" in document):
                raise _NoEnds
            existing = writer.collection.get(document["_key"]) if isinstance(document.get("_key"), str) else None
            writer.insert(document)
        except Failure as failure:
            self._failed(position, document, failure)
            return
        self.counted["created" if existing is None else "ignored" if self.wishes.mode == "ignore" else "updated"] += 1

    def _with_prefixes(self, document):
        for name, prefix in self.prefixes.items():
            value = document.get(name)
            if prefix and isinstance(value, str) and "/" not in value:
                document = {**document, name: f"{prefix}/{value}"}
        return document

    def _failed(self, position, document, failure):
        # Without the index that a single insert names, as recorded.
        message = failure.message.split(" - ")[0]
        if self.is_all_or_nothing:
            raise Failure(failure.status, failure.number, message)
        self.counted["errors"] += 1
        shown = document.also.get("line", "") if isinstance(document, Failure) else write(document)
        if failure is _NoEnds:
            self.details.append(f"at position {position}: {message}, offending document: {shown}")
        elif failure.number == 1227:
            self.details.append(f"at position {position}: invalid JSON type (expecting object), offending document: {shown}")
        elif failure.number == 600:
            self.details.append(f"at position {position}: {message}, offending context: {shown}")
        else:
            self.details.append(f"at position {position}: creating document failed with error '{message}', offending document: {shown}")


def run(call):
    load = _Import(call)
    text = call.request.body.decode("utf-8", "replace")
    kind = call.request.query.get("type", "")
    if kind == "auto":
        kind = "list" if text.lstrip().startswith("[") else "documents"
    if kind in ("list", "array"):
        return load.run(_list(call), 1)
    if kind == "documents":
        return load.run([_line(line, load.is_all_or_nothing) for line in _lines(text)], 0)
    if kind:
        raise bad_parameter("invalid value for type, expecting one of: documents, array, list, auto")
    return load.run(_table(text, load.is_all_or_nothing), 1)


def _lines(text):
    lines = text.split("\n")
    return lines[:-1] if lines and not lines[-1].strip() else lines


def _list(call):
    documents = call.json()
    if not isinstance(documents, list):
        raise bad_parameter("expecting a JSON array in the request")
    return documents


def _line(line, must):
    """None for an empty one; a failure in place of a document for one that is no JSON."""
    if not line.strip():
        return None
    try:
        return jsontext.read(line)
    except jsontext.Malformed as error:
        failure = Failure(400, 600, "invalid JSON", also={"line": line})
        if must:
            raise Failure(400, 600, f"invalid JSON: {error}") from None
        return failure


def _table(text, must):
    """The first line has the names, each further one the values."""
    lines = _lines(text)
    names = _line(lines[0], True) if lines else None
    if not isinstance(names, list) or any(not isinstance(one, str) or not one for one in names):
        raise bad_parameter("no JSON array found in second line")
    documents = []
    for line in lines[1:]:
        values = _line(line, must)
        if isinstance(values, list):
            if len(values) != len(names):
                values = Failure(400, 400, f"wrong number of JSON values, expecting {len(names)}", also={"line": line})
            else:
                values = {name: value for name, value in zip(names, values) if value is not None}
        documents.append(values)
    return documents
