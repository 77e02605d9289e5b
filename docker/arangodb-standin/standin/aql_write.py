"""INSERT, UPDATE, REPLACE, REMOVE and UPSERT in their simple forms."""

from .aql_values import equal, plain
from .aql_words import Cannot
from .answers import Failure
from .documents import Document
from .writing import Wishes, Writer, key_in


def write(reader, kind):
    query = reader.query
    query.writes = True
    reader.stops_at_in = True
    if kind == "UPSERT":
        parts = _upsert(reader)
    else:
        parts = (reader.expression(), reader.expression() if kind in ("UPDATE", "REPLACE") and reader.skip("WITH") else None)
    reader.stops_at_in = False
    reader.expect("IN", "INTO")
    name = reader._collection_name()
    query.collection(name, "rw")
    options = reader._options()
    for one in ("NEW", "OLD"):
        if not query.is_variable(one):
            query.declare(one)

    def written(stream):
        # Everything is read before anything is written.
        for env in list(stream):
            collection = query.collection(name, "rw")
            writer = Writer(query.call, query.changes, collection, _wishes(options))
            try:
                told = _KINDS[kind](writer, env, *parts)
                query.stats["writesExecuted"] += 1
            except Failure as failure:
                if not options.get("ignoreErrors"):
                    raise _at_node(query, kind, failure)
                query.stats["writesIgnored"] += 1
                told = {}
            yield {**env, "NEW": told.get("new"), "OLD": told.get("old")}

    return written


def _at_node(query, kind, failure):
    if not query.call.options.is_3_12 or isinstance(failure, Cannot):
        return failure
    node = f"{kind.capitalize()}Node"
    return Failure(failure.status, failure.number, f"AQL: {failure.message} [node #3: {node}] (while executing)")


def _wishes(options):
    def flag(name, otherwise=False):
        return bool(options.get(name, otherwise))

    wishes = Wishes(flag, options)
    wishes.return_new = wishes.return_old = True
    return wishes


def _members(value):
    value = plain(value)
    if not isinstance(value, dict):
        raise Failure(400, 1227, "invalid document type")
    return value


def _insert(writer, env, value, _):
    return writer.insert(_members(value(env)))


def _change(how):
    def change(writer, env, value, more):
        which = plain(value(env))
        return how(writer)(key_in(writer.collection, which), _members(more(env) if more else which))

    return change


def _remove(writer, env, value, _):
    return writer.remove(key_in(writer.collection, plain(value(env))))


# --- UPSERT ------------------------------------------------------------------------------------------------------------------------


def _upsert(reader):
    example = reader.expression()
    reader.expect("INSERT")
    new = reader.expression()
    how = reader.expect("UPDATE", "REPLACE").text
    before = reader.query.is_variable("OLD")
    if not before:
        reader.query.declare("OLD")
    return example, new, how, reader.expression()


def _do_upsert(writer, env, example, new, how, changed):
    wanted = _members(example(env))
    for key, text in writer.collection.texts.items():
        document = Document(text)
        if all(equal(document.members.get(name), value) for name, value in wanted.items()):
            members = _members(changed({**env, "OLD": document}))
            return writer.update(key, members) if how == "UPDATE" else writer.replace(key, members)
    return writer.insert(_members(new({**env, "OLD": None})))


_KINDS = {
    "INSERT": _insert, "UPDATE": _change(lambda writer: writer.update), "REPLACE": _change(lambda writer: writer.replace),
    "REMOVE": _remove, "UPSERT": _do_upsert,
}
