"""Documents over HTTP, one or many (contract 8)."""

from . import answers, documents, jsontext
from .answers import Answer, Failure, no_document
from .documents import Document
from .writing import Wishes, Writer, conflict, key_in


def insert(call, collection):
    body = call.json()
    return _write(call, collection, body, lambda writer, one: writer.insert(one), 201)


def replace_many(call, collection):
    if call.request.flag("onlyget"):
        return _read_many(call, collection)
    return _many(call, collection, lambda writer, one: writer.replace(key_in(writer.collection, one), one), 201)


def update_many(call, collection):
    return _many(call, collection, lambda writer, one: writer.update(key_in(writer.collection, one), one), 201)


def remove_many(call, collection):
    return _many(call, collection, lambda writer, one: writer.remove(key_in(writer.collection, one), one), 200)


def replace(call, collection, key):
    body = call.object()
    return _write(call, collection, body, lambda writer, one: writer.replace(key, one), 201)


def update(call, collection, key):
    body = call.object()
    return _write(call, collection, body, lambda writer, one: writer.update(key, one), 201)


def remove(call, collection, key):
    return _write(call, collection, None, lambda writer, one: writer.remove(key), 200)


def read(call, collection, key):
    found = call.collection(collection)
    text = found.get(key)
    if text is None:
        raise no_document()
    revision = documents.revision_of(text)
    tag = [("etag", f'"{revision}"')]
    if _revision(call, "if-none-match") == revision:
        return answers.empty(304, tag, answers.TEXT)
    wanted = _revision(call, "if-match")
    if wanted is not None and wanted != revision:
        raise conflict(found, key, text)
    return Answer(200, jsontext.encode(text), tag)


def _read_many(call, collection):
    found = call.collection(collection)
    return _each(call.json(), lambda one: Document(_text_of(found, one)), 200)


def _text_of(collection, given):
    text = collection.get(key_in(collection, given))
    if text is None:
        raise no_document()
    return text


# --- one or many ---------------------------------------------------------------------------------------------------------------------


def _many(call, collection, do, done):
    body = call.json()
    if not isinstance(body, list):
        raise answers.bad_parameter("expecting an array of documents")
    return _write(call, collection, body, do, done)


def _write(call, name, body, do, done):
    """`done` is the status where the answer waits for the disk; elsewhere it is 202."""
    collection = call.collection(name, "rw")
    wishes = Wishes(call.request.flag, call.request.query)
    waits = call.request.flag("waitForSync") or collection.properties["waitForSync"]
    with call.changes() as changes:
        changes.waits = waits
        writer = Writer(call, changes, collection, wishes)
        if isinstance(body, list):
            return _each(body, lambda one: do(writer, one), done if waits else 202, wishes.silent)
        wishes.revision = _revision(call, "if-match")
        told = do(writer, body)
    headers = [("etag", f'"{told["_rev"]}"'), ("location", f"/_db/{call.database.name}/_api/document/{told['_id']}")]
    return answers.json({} if wishes.silent else told, done if waits else 202, headers)


def _each(items, do, status, silent=False):
    """An item that fails takes no other with it: its number is in a header."""
    if not isinstance(items, list):
        raise answers.bad_parameter("expecting an array")
    told, counted = [], {}
    for one in items:
        try:
            done = do(one)
            if not silent:
                told.append(done)
        except Failure as failure:
            counted[str(failure.number)] = counted.get(str(failure.number), 0) + 1
            told.append(failure.item)
    headers = [("x-arango-error-codes", jsontext.write(counted))] if counted else []
    return answers.json(told, 202 if counted else status, headers)


def _revision(call, header):
    given = call.request.headers.get(header)
    return None if given is None else given.strip('"')
