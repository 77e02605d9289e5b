"""Whether two answers are alike: status, headers that mean something, members and their types, and the number of an error."""

import json

# What is data and not form: members of these have names of their own.
DATA = {".details", ".result._system.collections", ".identifiers", ".serverInfo"}
# What the stand-in says about itself.
OURS_ONLY = {".standin"}
# An optional one: revisions and estimates that depend on what there is.
HEADERS = ("etag", "location", "x-arango-error-codes", "content-type", "server", "connection", "x-arango-queue-time-seconds", "cache-control")


def differences(recorded, ours):
    """`recorded` is a response of the transcripts, `ours` a running.Answer."""
    if recorded["status"] != ours.status:
        return [f"status {recorded['status']}, ours {ours.status}: {ours.body[:200]!r}"]
    found = []
    for name in HEADERS:
        theirs, own = recorded["headers"].get(name), ours.headers.get(name)
        if (theirs is None) != (own is None):
            found.append(f"header {name}: {theirs}, ours {own}")
        elif name in ("content-type", "x-arango-error-codes", "server", "connection") and theirs != own:
            found.append(f"header {name}: {theirs}, ours {own}")
    text = recorded.get("bodyWire") or recorded.get("body") or ""
    if not text or not ours.body:
        if bool(text) != bool(ours.body):
            found.append(f"body {text[:80]!r}, ours {ours.body[:80]!r}")
        return found
    theirs = json.loads(text)
    compare(json.loads(theirs) if isinstance(theirs, str) else theirs, ours.json, "", found)
    return found


def compare(theirs, ours, where, found):
    if _kind(theirs) != _kind(ours):
        found.append(f"{where or '.'}: {_kind(theirs)}, ours {_kind(ours)}")
    elif where in DATA:
        return
    elif isinstance(theirs, dict):
        for name in sorted(theirs.keys() | ours.keys()):
            if f"{where}.{name}" in OURS_ONLY:
                continue
            if name not in ours or name not in theirs:
                found.append(f"{where}.{name}: {'missing' if name in theirs else 'ours only'}")
            else:
                compare(theirs[name], ours[name], f"{where}.{name}", found)
    elif isinstance(theirs, list):
        _lists(theirs, ours, where, found)
    elif where.rpartition(".")[2] in ("errorNum", "error", "code", "hasMore", "count", "created", "errors", "empty", "updated", "ignored"):
        if theirs != ours and not where.startswith(".result"):
            found.append(f"{where}: {theirs}, ours {ours}")


def _lists(theirs, ours, where, found):
    if bool(theirs) != bool(ours):
        found.append(f"{where}: {len(theirs)} elements, ours {len(ours)}")
    if {_form(one) for one in theirs} == {_form(one) for one in ours}:
        return  # in whatever order
    if len(theirs) != len(ours) and not (theirs and ours and {_form(one) for one in ours} <= {_form(one) for one in theirs}):
        found.append(f"{where}: {len(theirs)} elements, ours {len(ours)}")
    for one, other in zip(theirs, ours):
        compare(one, other, f"{where}[]", found)


def _form(value):
    if isinstance(value, dict):
        return tuple(sorted((name, _form(one)) for name, one in value.items()))
    return tuple(sorted({_form(one) for one in value}, key=repr)) if isinstance(value, list) else _kind(value)


def _kind(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {dict: "object", list: "array", str: "text"}.get(type(value), "number")
