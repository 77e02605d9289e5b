"""Whether two answers are alike: status, kind of body, members and their types, and how an error's text begins."""

import json
import re

# What is data and not form: members of these have names of their own.
DATA = {"payload", "responses"}
# By design: the stand-in is built from no commit of Qdrant's. The contract calls the member optional.
OURS_LACKS = {".commit"}
# Where the text behind is a parser's, whose words the contract does not name.
PARSERS = ("Format error in JSON body:", "Validation error in", "Deserialize error in", "Service internal error: Json error:")
COMPARED = 34
HEADERS = ("etag", "content-range", "accept-ranges", "content-disposition", "last-modified", "retry-after", "content-encoding")


def differences(recorded, ours):
    """`recorded` is a response of the transcripts, `ours` a running.Answer."""
    found = []
    if recorded["status"] != ours.status:
        return [f"status {recorded['status']}, ours {ours.status}: {ours.body[:160]!r}"]
    theirs = {name.lower(): value for name, value in recorded["headers"]}
    own = {name.lower(): value for name, value in ours.headers}
    if theirs.get("content-type") != own.get("content-type"):
        found.append(f"content-type {theirs.get('content-type')}, ours {own.get('content-type')}")
    for name in HEADERS:
        if (name in theirs) != (name in own):
            found.append(f"header {name}: {theirs.get(name)}, ours {own.get(name)}")
    if ("chunked" in theirs.get("transfer-encoding", "")) != ("chunked" in own.get("transfer-encoding", "")):
        found.append("transfer-encoding")
    if "body" not in recorded:
        if not ours.body:
            found.append("a body, ours empty")
        return found
    if theirs.get("content-type", "").startswith("application/json"):
        compare(json.loads(recorded["body"]), json.loads(ours.body), "", found)
    elif bool(recorded["body"]) != bool(ours.body):
        found.append(f"body {recorded['body'][:60]!r}, ours {ours.body[:60]!r}")
    elif theirs.get("content-type", "text").startswith("text") and not recorded["body"].startswith("# HELP"):
        _text(recorded["body"], ours.text, found)
    return found


def compare(theirs, ours, where, found):
    if where.endswith(".id") and {_kind(theirs), _kind(ours)} <= {"number", "text"}:
        return  # which points came first is data
    if _kind(theirs) != _kind(ours):
        found.append(f"{where or '.'}: {_kind(theirs)}, ours {_kind(ours)}")
    elif isinstance(theirs, dict):
        if where.rpartition(".")[2] in DATA:
            return
        for name in sorted(theirs.keys() | ours.keys()):
            if f"{where}.{name}" in OURS_LACKS and name not in ours:
                continue
            if name not in ours or name not in theirs:
                found.append(f"{where}.{name}: {'missing' if name in theirs else 'ours only'}")
            else:
                compare(theirs[name], ours[name], f"{where}.{name}", found)
    elif isinstance(theirs, list):
        if bool(theirs) != bool(ours):
            found.append(f"{where}: {len(theirs)} elements, ours {len(ours)}")
        if {_form(one) for one in theirs} == {_form(one) for one in ours}:
            return  # lists of snapshots have no order
        for one, other in zip(theirs, ours):
            compare(one, other, f"{where}[]", found)
    elif where == ".status.error":
        _text(theirs, ours, found)


def _form(value):
    if isinstance(value, dict):
        return tuple(sorted((name, _form(one)) for name, one in value.items() if name != "id"))
    return tuple(sorted({_form(one) for one in value}, key=repr)) if isinstance(value, list) else _kind(value)


def _kind(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {dict: "object", list: "array", str: "text"}.get(type(value), "number")


def _text(theirs, ours, found):
    if _beginning(theirs) != _beginning(ours):
        found.append(f"text {theirs[:120]!r}, ours {ours[:120]!r}")


def _beginning(text):
    for parser in PARSERS:
        if text.startswith(parser):
            return parser
    text = re.sub(r'(?<=[ "`])/[^ "`]+', "/…", text)
    text = re.sub(r"[0-9a-f]{16,}", "#", text)
    return re.sub(r"\d+", "#", text)[:COMPARED]
