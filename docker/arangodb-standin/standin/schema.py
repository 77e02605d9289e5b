"""Schemas and computed values of a collection: documents that are written by hand meet them, restored ones do not (contract 5 and 8)."""

import re

from . import answers
from .aql_values import equal
from .answers import Failure

_TYPES = {
    "object": lambda value: isinstance(value, dict), "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str), "boolean": lambda value: isinstance(value, bool), "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value),
}
_SAYS_NOTHING = {"title", "description", "default", "examples", "$schema", "$comment", "$id"}


def check(collection, members, is_new):
    """1620 for a document that the schema refuses."""
    schema = collection.properties.get("schema")
    if not schema or not schema.get("rule") or schema.get("level", "strict") == "none":
        return
    if not is_new and schema.get("level") in ("new", "moderate"):
        return  # of moderate, only what was valid before has to be so afterwards
    if not fits(schema["rule"], members):
        raise Failure(400, 1620, schema.get("message") or "document does not match the schema")


def fits(rule, value):
    if isinstance(rule, bool):
        return rule
    for name, wanted in rule.items():
        if name in _SAYS_NOTHING:
            continue
        if name not in _KEYWORDS:
            raise answers.not_here(f"'{name}' in a schema")
        if not _KEYWORDS[name](wanted, value, rule):
            return False
    return True


def _is_number(value):
    return _TYPES["number"](value)


def _properties(wanted, value, rule):
    return not isinstance(value, dict) or all(fits(one, value[name]) for name, one in wanted.items() if name in value)


def _additional(wanted, value, rule):
    if not isinstance(value, dict):
        return True
    known = rule.get("properties", {})
    # The server's own attributes are no concern of a schema.
    return all(fits(wanted, one) for name, one in value.items() if name not in known and not name.startswith("_"))


def _types(wanted, value, rule):
    return any(_TYPES[one](value) for one in ([wanted] if isinstance(wanted, str) else wanted))


def _counted(kind, compare):
    return lambda wanted, value, rule: not isinstance(value, kind) or compare(len(value), wanted)


def _compared(compare):
    return lambda wanted, value, rule: not _is_number(value) or compare(value, wanted)


_KEYWORDS = {
    "type": _types, "properties": _properties, "additionalProperties": _additional,
    "required": lambda wanted, value, rule: not isinstance(value, dict) or all(name in value for name in wanted),
    "items": lambda wanted, value, rule: not isinstance(value, list) or all(fits(wanted, one) for one in value),
    "enum": lambda wanted, value, rule: any(equal(one, value) for one in wanted), "const": lambda wanted, value, rule: equal(wanted, value),
    "minimum": _compared(lambda value, least: value >= least), "maximum": _compared(lambda value, most: value <= most),
    "exclusiveMinimum": _compared(lambda value, least: value > least), "exclusiveMaximum": _compared(lambda value, most: value < most),
    "minLength": _counted(str, lambda count, least: count >= least), "maxLength": _counted(str, lambda count, most: count <= most),
    "minItems": _counted(list, lambda count, least: count >= least), "maxItems": _counted(list, lambda count, most: count <= most),
    "pattern": lambda wanted, value, rule: not isinstance(value, str) or re.search(wanted, value) is not None,
    "anyOf": lambda wanted, value, rule: any(fits(one, value) for one in wanted),
    "allOf": lambda wanted, value, rule: all(fits(one, value) for one in wanted),
    "oneOf": lambda wanted, value, rule: sum(fits(one, value) for one in wanted) == 1,
    "not": lambda wanted, value, rule: not fits(wanted, value),
}


# --- computed values -------------------------------------------------------------------------------------------------------------------


def with_computed(call, collection, members, event):
    """`event` is insert, update or replace."""
    from . import aql  # which writes documents itself

    for one in collection.properties.get("computedValues") or ():
        if event not in one.get("computeOn", ("insert", "update", "replace")) or not one.get("overwrite") and one["name"] in members:
            continue
        value = aql.make(call, one["expression"], {"doc": members} if "@doc" in one["expression"] else {}, {}).run()[0]
        if value is not None or one.get("keepNull", True):
            members = {**members, one["name"]: value}
    return members
