"""AQL as words, and what its errors say (contract 9)."""

import json
import re

from .answers import Failure

KEYWORDS = {
    "FOR", "IN", "FILTER", "SORT", "ASC", "DESC", "LIMIT", "RETURN", "DISTINCT", "LET", "COLLECT", "INTO", "WITH", "COUNT", "AGGREGATE",
    "INSERT", "UPDATE", "REPLACE", "REMOVE", "UPSERT", "OPTIONS", "AND", "OR", "NOT", "LIKE", "NULL", "TRUE", "FALSE", "OUTBOUND", "INBOUND",
    "ANY", "GRAPH", "ALL", "NONE", "SEARCH", "PRUNE", "WINDOW", "SHORTEST_PATH", "K_SHORTEST_PATHS", "K_PATHS", "ALL_SHORTEST_PATHS",
}
# Words that may be names as well.
_SOFT = {"COUNT", "OPTIONS", "PRUNE", "SEARCH", "WITH"}

_TOKEN = re.compile(r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<number>(?:0|[1-9]\d*)(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<name>[A-Za-z_$][A-Za-z0-9_$]*|`[^`]*`|´[^´]*´)
  | (?P<bind>@@?[A-Za-z0-9][A-Za-z0-9_]*|@@?_[A-Za-z0-9_]+)
  | (?P<sign>==|!=|<=|>=|&&|\|\||=~|!~|\.\.|::|\[\*+\]|[-+*/%<>=!?:.,()\[\]{}])
""", re.VERBOSE | re.DOTALL)


class Token:
    __slots__ = ("kind", "text", "value", "at")

    def __init__(self, kind, text, value, at):
        self.kind, self.text, self.value, self.at = kind, text, value, at


class Cannot(Failure):
    """What AQL has and the stand-in has not."""

    def __init__(self, what):
        super().__init__(400, 1501, f"the stand-in for ArangoDB cannot do this, and a real server may: {what}")


def words(query):
    tokens, at = [], 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if not found:
            raise unexpected(query, at, f"unexpected character '{query[at]}'")
        kind, text = found.lastgroup, found.group()
        if kind != "space":
            tokens.append(_token(kind, text, at))
        at = found.end()
    tokens.append(Token("end", "", None, len(query)))
    return tokens


def _token(kind, text, at):
    if kind == "name":
        if text[0] in "`´":
            return Token("name", text[1:-1], None, at)
        if text.upper() in KEYWORDS:
            return Token("word", text.upper(), text, at)
    if kind == "string":
        return Token("string", text, _unquoted(text), at)
    return Token(kind, text, None, at)


def _unquoted(text):
    inside = text[1:-1]
    if "\\" not in inside:
        return inside
    if text[0] == "'":
        inside = re.sub(r"""\\'|"|\\.""", lambda found: {"\\'": "'", '"': '\\"'}.get(found[0], found[0]), inside, flags=re.DOTALL)
    try:
        return json.loads(f'"{inside}"', strict=False)
    except ValueError:
        return re.sub(r"\\(.)", r"\1", inside, flags=re.DOTALL)


def is_name(token):
    return token.kind == "name" or token.kind == "word" and token.text in _SOFT


def name_of(token):
    return token.text if token.kind == "name" else token.value


# --- errors ------------------------------------------------------------------------------------------------------------------------


def unexpected(query, at, what):
    line = query.count("\n", 0, at) + 1
    column = at - (query.rfind("\n", 0, at) + 1) + 1
    return Failure(400, 1501, f"syntax error, {what} near '{query[at:at + 32]}' at position {line}:{column}")
