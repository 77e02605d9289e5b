"""Walks along edges: FOR v, e, p IN 1..2 OUTBOUND start GRAPH 'g'. Depth first, and no edge twice on one path."""

from .aql_values import attribute, number, plain
from .aql_words import Cannot
from .documents import Document, ends_of

_DIRECTIONS = ("OUTBOUND", "INBOUND", "ANY")


def traversal(reader, names):
    """None if what comes is none."""
    start, least, most = reader.place, None, None
    if not reader.at(*_DIRECTIONS):
        if reader.token.kind not in ("number", "bind"):
            return None
        least = reader._sum()
        most = reader._sum() if reader.skip("..") else least
        if not reader.at(*_DIRECTIONS):
            reader.place = start
            return None
    direction = reader.take().text
    if reader.at("SHORTEST_PATH", "K_SHORTEST_PATHS", "K_PATHS", "ALL_SHORTEST_PATHS"):
        raise Cannot(reader.token.text)
    begin = reader._sum()
    edges = _edges(reader, direction)
    if reader.at("PRUNE"):
        raise Cannot("PRUNE")
    options = reader._options()
    if options.get("order", "dfs") != "dfs" or options.get("uniqueVertices", "none") != "none" or options.get("bfs"):
        raise Cannot("a traversal with an order or uniqueness of its own")
    if len(names) > 3:
        raise reader.wrong()
    for name in names:
        reader.query.declare(name)

    def walked(stream):
        for env in stream:
            low = int(number(least(env))) if least else 1
            high = int(number(most(env))) if most else low
            first = plain(begin(env))
            first = attribute(first, "_id") if isinstance(first, dict) else first
            if isinstance(first, str):
                for vertices, path in _walk(reader.query, [first], [], edges(), low, high):
                    yield {**env, **_variables(reader.query, names, vertices, path)}

    return walked


def _edges(reader, direction):
    """A function that gives (collection, direction) of all that is walked along."""
    if reader.skip("GRAPH"):
        name = reader.expression()({}) if reader.token.kind in ("string", "bind") else reader.name()
        return lambda: [(one, direction) for one in reader.query.edges_of_graph(name)]
    found = []
    while True:
        along = reader.take().text if reader.at(*_DIRECTIONS) else direction
        name = reader._collection_name()
        reader.query.collection(name)
        found.append((name, along))
        if not reader.skip(","):
            return lambda: found


def _walk(query, vertices, path, edges, low, high):
    if low <= len(path) <= high:
        yield vertices, path
    if len(path) >= high:
        return
    for other, text in _from(query, vertices[-1], edges):
        if text not in path:
            yield from _walk(query, [*vertices, other], [*path, text], edges, low, high)


def _from(query, vertex, edges):
    for name, direction in edges:
        for text in _index(query, name).get(vertex, ()):
            source, target = ends_of(text)
            if source == vertex and direction in ("OUTBOUND", "ANY"):
                yield target, text
            if target == vertex and direction in ("INBOUND", "ANY") and (source != vertex or direction == "INBOUND"):
                yield source, text


def _index(query, name):
    """The edges at each vertex. Once for each query, which sees what was there when it began."""
    known = query.__dict__.setdefault("edge_index", {})
    if name not in known:
        found = {}
        for text in query.collection(name).texts.values():
            for end in dict.fromkeys(ends_of(text)):
                found.setdefault(end, []).append(text)
        known[name] = found
    return known[name]


def _variables(query, names, vertices, path):
    made = {names[0]: query.document(vertices[-1])}
    if len(names) > 1:
        made[names[1]] = Document(path[-1]) if path else None
    if len(names) > 2:
        made[names[2]] = {"vertices": [query.document(one) for one in vertices], "edges": [Document(one) for one in path]}
    return made
