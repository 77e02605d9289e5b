"""COLLECT: groups, and what is calculated of each."""

from . import aql_functions
from .aql_values import order
from .aql_words import Cannot

_AGGREGATES = {
    "MIN": aql_functions.lowest, "MAX": aql_functions.highest, "SUM": aql_functions.total, "AVG": aql_functions.average,
    "AVERAGE": aql_functions.average, "COUNT": len, "LENGTH": len, "UNIQUE": aql_functions.unique,
    "COUNT_DISTINCT": lambda values: len(aql_functions.unique(values)), "COUNT_UNIQUE": lambda values: len(aql_functions.unique(values)),
    "SORTED_UNIQUE": lambda values: sorted(aql_functions.unique(values), key=order), "PUSH": list,
}


def collect(reader):
    query = reader.query
    keys = [] if reader.at("WITH", "AGGREGATE", "INTO") else _assignments(reader)
    aggregates, counted, into, projection = [], None, None, None
    if reader.skip("AGGREGATE"):
        aggregates = _aggregates(reader)
    if reader.skip("WITH"):
        reader.expect("COUNT")
        reader.expect("INTO")
        counted = reader.name()
    elif reader.skip("INTO"):
        into = reader.name()
        if reader.skip("="):
            projection = reader.expression()
        if reader.at("KEEP") or reader.token.text == "KEEP":
            raise Cannot("COLLECT … KEEP")
    options = reader._options()
    names = [name for name, _ in keys] + [name for name, _, _ in aggregates] + [name for name in (counted, into) if name]
    # Of the scope that ends here: those are what INTO has.
    before = sorted(query.scopes[-1])
    query.forget_all(names)

    def groups(stream):
        found, outside = {}, {}
        for env in stream:
            outside = env
            values = [value(env) for _, value in keys]
            found.setdefault(tuple(order(one) for one in values), (values, []))[1].append(env)
        if not keys and not found:
            found[()] = ([], [])
        ordered = found.values() if options.get("method") == "hash" else [found[key] for key in sorted(found)]
        for values, rows in ordered:
            yield {**_kept(outside, before), **_of_group(keys, values, rows, aggregates, counted, into, projection, before)}

    return groups


def _kept(env, gone):
    """Variables of outer queries stay."""
    return {name: value for name, value in env.items() if name not in gone}


def _of_group(keys, values, rows, aggregates, counted, into, projection, before):
    made = {name: value for (name, _), value in zip(keys, values)}
    for name, function, argument in aggregates:
        made[name] = function([argument(env) for env in rows])
    if counted:
        made[counted] = len(rows)
    if into:
        made[into] = [projection(env) if projection else {name: env.get(name) for name in before} for env in rows]
    return made


def _assignments(reader):
    found = []
    while True:
        name = reader.name()
        reader.expect("=")
        found.append((name, reader.expression()))
        if not reader.skip(","):
            return found


def _aggregates(reader):
    found = []
    while True:
        name = reader.name()
        reader.expect("=")
        function = reader.take().text.upper()
        if function not in _AGGREGATES:
            raise Cannot(f"AGGREGATE with {function}")
        reader.expect("(")
        argument = (lambda env: 1) if reader.at(")") else reader.expression()
        reader.expect(")")
        found.append((name, _AGGREGATES[function], argument))
        if not reader.skip(","):
            return found
