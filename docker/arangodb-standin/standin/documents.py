"""A document is the text that a dump shows of it: `_key`, `_id`, of an edge `_from` and `_to`, `_rev`, and the rest as it came."""

import re

from . import jsontext
from .answers import Failure, bad_key
from .jsontext import write

SYSTEM = ("_key", "_id", "_from", "_to", "_rev")
_KEY = re.compile(r"[A-Za-z0-9_\-:.@()+,=;$!*'%]{1,254}")
# A collection's name, which may hold nearly everything, and a key.
_HANDLE = re.compile(r"([^/\x00-\x1f]+)/([A-Za-z0-9_\-:.@()+,=;$!*'%]{1,254})")
_STRING = r'"(?:[^"\\]|\\.)*"'
_HEAD = re.compile(rf'\{{"_key":"([^"]*)","_id":{_STRING}(?:,"_from":({_STRING}),"_to":({_STRING}))?,"_rev":"([^"]*)"')


class Document:
    """Of a query: read when somebody looks into it, and written as it is."""

    __slots__ = ("text", "_members")

    def __init__(self, text):
        self.text = text
        self._members = None

    @property
    def members(self):
        if self._members is None:
            self._members = jsontext.read(self.text)
        return self._members


def key_of(text):
    return text[9:text.index('"', 9)]


def revision_of(text):
    return _HEAD.match(text)[4]


def ends_of(text):
    """(_from, _to) of an edge."""
    found = _HEAD.match(text)
    return (jsontext.read(found[2]), jsontext.read(found[3])) if found and found[2] else (None, None)


def rest_of(text):
    """Everything behind `_rev`: `,"a":1}` or `}`."""
    return text[_HEAD.match(text).end():]


def is_key(key):
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def split_handle(handle):
    """(collection, key) of `collection/key`, or None."""
    found = _HANDLE.fullmatch(handle) if isinstance(handle, str) else None
    return (found[1], found[2]) if found else None


def handle_text(collection, key):
    return write(f"{collection}/{key}")


def text(collection, key, revision, members):
    """Of members that were read. `_id` and `_rev` among them do not count."""
    parts = [f'{{"_key":"{key}","_id":{handle_text(collection.name, key)}']
    if collection.is_edge:
        ends = members.get("_from"), members.get("_to")
        if not (split_handle(ends[0]) and split_handle(ends[1])):
            raise Failure(400, 1233, "edge attribute missing or invalid")
        parts.append(f'"_from":{write(ends[0])},"_to":{write(ends[1])}')
    parts.append(f'"_rev":"{revision}"')
    for name, value in members.items():
        if name in SYSTEM and (name in ("_key", "_id", "_rev") or collection.is_edge):
            continue
        parts.append(f"{write(name)}:{write(value)}")
    return ",".join(parts) + "}"


def with_revision(collection, line, key, revision):
    """Of a line of a dump in the server's own form: what stands behind `_rev` is taken as it is. None for any other line."""
    if "\\" in line:
        return None
    found = _HEAD.match(line)
    if not found or found[1] != key or (found[2] is not None) != collection.is_edge:
        return None
    rest = line[found.end():]
    if '"_rev"' in rest or '"_id"' in rest or '"_key"' in rest or '"_from"' in rest or '"_to"' in rest or not jsontext.is_compact(line):
        return None
    if collection.is_edge:
        if not (split_handle(found[2][1:-1]) and split_handle(found[3][1:-1])):
            raise Failure(400, 1233, "edge attribute missing or invalid")
        ends = f',"_from":{found[2]},"_to":{found[3]}'
    else:
        ends = ""
    return f'{{"_key":"{key}","_id":{handle_text(collection.name, key)}{ends},"_rev":"{revision}"{rest}'


def renamed(text_before, name):
    """The same document after its collection has got another name."""
    found = _HEAD.match(text_before)
    ends = f',"_from":{found[2]},"_to":{found[3]}' if found[2] else ""
    return f'{{"_key":"{found[1]}","_id":{handle_text(name, found[1])}{ends},"_rev":"{found[4]}"{text_before[found.end():]}'


def checked_key(members):
    """The key that the client chose, or None."""
    if "_key" not in members:
        return None
    if not is_key(members["_key"]):
        raise bad_key()
    return members["_key"]


def merged(old, patch, keep_null, merge_objects):
    """What PATCH makes of `old`; both without the system attributes."""
    together = dict(old)
    for name, value in patch.items():
        before = together.get(name)
        if value is None and not keep_null:
            together.pop(name, None)
        elif merge_objects and isinstance(value, dict) and isinstance(before, dict):
            together[name] = merged(before, value, keep_null, True)
        elif isinstance(value, dict) and not keep_null:
            together[name] = _without_null(value)
        else:
            together[name] = value
    return together


def _without_null(members):
    return {name: _without_null(one) if isinstance(one, dict) else one for name, one in members.items() if one is not None}
