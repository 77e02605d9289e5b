"""The functions of AQL that the stand-in knows."""

import math
import re
import time

from .answers import Failure
from .aql_values import attribute, equal, finite, is_number, kind, number, order, plain, text, truth
from .aql_words import Cannot
from .documents import split_handle


def call(name, arguments, query):
    """A function of the variables, out of those of the arguments."""
    if name in ("DOCUMENT", "CURRENT_USER", "CURRENT_DATABASE", "COLLECTION_COUNT"):
        return _of_server(name, arguments, query)
    known = _FUNCTIONS.get(name)
    if known is None:
        raise Cannot(f"function {name}()")
    function, least, most = known
    if not least <= len(arguments) <= most:
        raise Failure(
            400, 1541, f"invalid number of arguments for function '{name}()', expected number of arguments: minimum: {least}, maximum: {most}")
    if name in _SEARCHES:
        return _near(name, function, arguments, query)
    return lambda env: function(*[one(env) for one in arguments])


def _near(name, function, arguments, query):
    """As a server refuses it where no vector index can be used. Here it is exact."""
    def near(env):
        if not query.has_vector_index(_SEARCHES[name]):
            raise Failure(400, 1554, "failed vector search")
        return function(*[one(env) for one in arguments])

    return near


def _of_server(name, arguments, query):
    if name == "CURRENT_USER":
        return lambda env: query.call.user
    if name == "CURRENT_DATABASE":
        return lambda env: query.call.database.name
    if name == "COLLECTION_COUNT":
        return lambda env: len(query.collection(str(arguments[0](env))))

    def document(env):
        given = [one(env) for one in arguments]
        wanted = plain(given[-1])
        prefix = f"{given[0]}/" if len(given) == 2 and isinstance(given[0], str) else ""
        if isinstance(wanted, list):
            return [found for found in (query.document(prefix + str(one)) for one in wanted) if found is not None]
        return query.document(prefix + str(wanted)) if isinstance(wanted, str) else None

    return document


def is_in(value, array):
    array = plain(array)
    return isinstance(array, list) and any(equal(value, one) for one in array)


def like(value, pattern, ignore_case=False):
    parts = re.findall(r"\\.|.", text(pattern), re.DOTALL)
    made = "".join({"%": ".*", "_": "."}.get(one, re.escape(one[-1])) for one in parts)
    return re.fullmatch(made, text(value), re.DOTALL | (re.IGNORECASE if ignore_case else 0)) is not None


def length(value):
    value = plain(value)
    if value is None:
        return 0
    if isinstance(value, (list, dict, str)):
        return len(value)
    return len(text(value)) if is_number(value) else int(value)


def _numbers(values):
    return [plain(one) for one in plain(values) or [] if one is not None]


def total(values):
    found = _numbers(values)
    return sum(found) if all(is_number(one) for one in found) else None


def average(values):
    found = _numbers(values)
    return sum(found) / len(found) if found and all(is_number(one) for one in found) else None


def lowest(values):
    found = _numbers(values)
    return min(found, key=order) if found else None


def highest(values):
    found = _numbers(values)
    return max(found, key=order) if found else None


def unique(values):
    seen, kept = set(), []
    for one in plain(values) or []:
        if order(one) not in seen:
            seen.add(order(one))
            kept.append(one)
    return kept


# --- vectors -------------------------------------------------------------------------------------------------------------------------


def _vectors(one, other):
    one, other = plain(one), plain(other)
    same = isinstance(one, list) and isinstance(other, list) and len(one) == len(other)
    return (one, other) if same and all(is_number(part) for part in (*one, *other)) else None


def cosine(one, other, options=None):
    pair = _vectors(one, other)
    if pair is None:
        return None
    lengths = math.sqrt(sum(part * part for part in pair[0])) * math.sqrt(sum(part * part for part in pair[1]))
    return finite(sum(a * b for a, b in zip(*pair)) / lengths) if lengths else None


def distance(one, other, options=None):
    pair = _vectors(one, other)
    return None if pair is None else math.sqrt(sum((a - b) ** 2 for a, b in zip(*pair)))


def manhattan(one, other):
    pair = _vectors(one, other)
    return None if pair is None else sum(abs(a - b) for a, b in zip(*pair))


# --- the rest --------------------------------------------------------------------------------------------------------------------------


def rounded(value):
    return math.floor(number(value) + 0.5)


def _power(one, other):
    try:
        found = number(one) ** number(other)
        return None if isinstance(found, complex) else finite(found)
    except (ZeroDivisionError, OverflowError):
        return None


def _root(value):
    return math.sqrt(number(value)) if number(value) >= 0 else None


def _has(value, name):
    members = plain(value)
    return isinstance(members, dict) and text(name) in members


def _merged(*values):
    together = {}
    for one in plain(values[0]) if len(values) == 1 and isinstance(plain(values[0]), list) else values:
        if not isinstance(plain(one), dict):
            return None
        together.update(plain(one))
    return together


def _kept(keeps):
    def kept(value, *names):
        names = [text(one) for name in names for one in (plain(name) if isinstance(plain(name), list) else [name])]
        members = plain(value)
        return {name: one for name, one in members.items() if (name in names) == keeps} if isinstance(members, dict) else None

    return kept


def _names(value, remove_system=False, sort=False):
    members = plain(value)
    if not isinstance(members, dict):
        return None
    names = [name for name in members if not (truth(remove_system) and name.startswith("_"))]
    return sorted(names) if truth(sort) else names


def _first(values):
    values = plain(values)
    return values[0] if isinstance(values, list) and values else None


def _last(values):
    values = plain(values)
    return values[-1] if isinstance(values, list) and values else None


def _concat(*values):
    return "".join("".join(text(part) for part in plain(one)) if isinstance(plain(one), list) else text(one) for one in values)


def _substring(value, start, count=None):
    value, start = text(value), int(number(start))
    start = max(len(value) + start, 0) if start < 0 else start
    return value[start:] if count is None else value[start:start + int(number(count))]


def _parsed(value):
    found = split_handle(attribute(value, "_id") if kind(value) == "object" else plain(value))
    return {"collection": found[0], "key": found[1]} if found else None


def _pushed(values, value, only_new=False):
    values = plain(values)
    if values is None:
        return [value]
    return values if not isinstance(values, list) or truth(only_new) and is_in(value, values) else [*values, value]


def _not_null(*values):
    return next((one for one in values if one is not None), None)


def _is(name):
    return lambda value: kind(value) == name


_MANY = 1 << 16
_SEARCHES = {"APPROX_NEAR_COSINE": "cosine", "APPROX_NEAR_L2": "l2"}
_FUNCTIONS = {
    "LENGTH": (length, 1, 1), "COUNT": (length, 1, 1), "SUM": (total, 1, 1), "MIN": (lowest, 1, 1), "MAX": (highest, 1, 1),
    "AVERAGE": (average, 1, 1), "AVG": (average, 1, 1), "UNIQUE": (unique, 1, 1), "SORTED": (lambda a: sorted(plain(a) or [], key=order), 1, 1),
    "SORTED_UNIQUE": (lambda a: sorted(unique(a), key=order), 1, 1), "COUNT_DISTINCT": (lambda a: len(unique(a)), 1, 1),
    "CONCAT": (_concat, 1, _MANY), "LOWER": (lambda a: text(a).lower(), 1, 1), "UPPER": (lambda a: text(a).upper(), 1, 1),
    "TRIM": (lambda a: text(a).strip(), 1, 1), "SUBSTRING": (_substring, 2, 3), "CONTAINS": (lambda a, b: text(b) in text(a), 2, 2),
    "STARTS_WITH": (lambda a, b: text(a).startswith(text(b)), 2, 2), "LIKE": (like, 2, 3), "SPLIT": (lambda a, b: text(a).split(text(b)), 2, 2),
    "CHAR_LENGTH": (lambda a: len(text(a)), 1, 1), "REVERSE": (lambda a: plain(a)[::-1] if isinstance(plain(a), (str, list)) else None, 1, 1),
    "ABS": (lambda a: abs(number(a)), 1, 1), "ROUND": (rounded, 1, 1), "FLOOR": (lambda a: math.floor(number(a)), 1, 1),
    "CEIL": (lambda a: math.ceil(number(a)), 1, 1), "SQRT": (_root, 1, 1), "POW": (_power, 2, 2),
    "HAS": (_has, 2, 2), "ATTRIBUTES": (_names, 1, 3), "KEYS": (_names, 1, 3), "VALUES": (lambda a: list((plain(a) or {}).values()), 1, 1),
    "MERGE": (_merged, 1, _MANY), "KEEP": (_kept(True), 2, _MANY), "UNSET": (_kept(False), 2, _MANY),
    "FIRST": (_first, 1, 1), "LAST": (_last, 1, 1), "PUSH": (_pushed, 2, 3), "APPEND": (lambda a, b: [*(plain(a) or []), *(plain(b) or [])], 2, 2),
    "POSITION": (lambda a, b: is_in(b, a), 2, 2), "NOT_NULL": (_not_null, 1, _MANY), "PARSE_IDENTIFIER": (_parsed, 1, 1),
    "DATE_NOW": (lambda: int(time.time() * 1000), 0, 0), "TO_STRING": (text, 1, 1), "TO_NUMBER": (number, 1, 1), "TO_BOOL": (truth, 1, 1),
    "TYPENAME": (kind, 1, 1), "IS_NULL": (_is("null"), 1, 1), "IS_NUMBER": (_is("number"), 1, 1), "IS_STRING": (_is("string"), 1, 1),
    "IS_BOOL": (_is("bool"), 1, 1), "IS_ARRAY": (_is("array"), 1, 1), "IS_OBJECT": (_is("object"), 1, 1),
    "COSINE_SIMILARITY": (cosine, 2, 2), "L2_DISTANCE": (distance, 2, 2), "L1_DISTANCE": (manhattan, 2, 2),
    "APPROX_NEAR_COSINE": (cosine, 2, 3), "APPROX_NEAR_L2": (distance, 2, 3),
}
