"""What AQL makes of values: order, truth, numbers, attributes."""

import math

from .documents import Document


def plain(value):
    """A document as its members; everything else as it is."""
    return value.members if isinstance(value, Document) else value


def attribute(value, name):
    members = plain(value)
    return members.get(name) if isinstance(members, dict) else None


def element(value, place):
    value = plain(value)
    if isinstance(value, dict):
        return value.get(place) if isinstance(place, str) else None
    if isinstance(value, list) and is_number(place):
        place = int(place)
        return value[place] if -len(value) <= place < len(value) else None
    return None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def truth(value):
    value = plain(value)
    return value is not None and value is not False and not (is_number(value) and value == 0) and value != ""


_KINDS = {"null": 0, "bool": 1, "number": 2, "string": 3, "array": 4, "object": 5}


def kind(value):
    value = plain(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "array", dict: "object"}[type(value)]


def order(value):
    """A key to sort by: null, booleans, numbers, texts, arrays, objects. Equal values have equal keys."""
    value = plain(value)
    rank = _KINDS[kind(value)]
    if rank == 0:
        return (0,)
    if rank == 3:
        return (3, value.casefold(), value.swapcase())
    if rank == 4:
        return (4, tuple(order(one) for one in value))
    if rank == 5:
        return (5, tuple((name, order(value[name])) for name in sorted(value) if value[name] is not None))
    return (rank, value)


def equal(one, other):
    one, other = plain(one), plain(other)
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return order(one) == order(other)


def number(value):
    """As arithmetic takes it: null for what is none is 0."""
    value = plain(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        return _number_in(value)
    if isinstance(value, list) and len(value) == 1:
        return number(value[0])
    return 0


def _number_in(text):
    text = text.strip()
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = float(text)
        return found if math.isfinite(found) else 0
    except ValueError:
        return 0


def whole(value):
    """A double without a fraction is an integer when it is written."""
    return int(value) if isinstance(value, float) and math.isfinite(value) and value == int(value) and abs(value) < 2**53 else value


def finite(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value


def text(value):
    from .jsontext import write

    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    # Not the text that it was stored with: as a number it has its own.
    return write(whole(float(value)) if isinstance(value, float) else value)


def elements(value):
    """What FOR goes through; None if it is no array."""
    value = plain(value)
    return value if isinstance(value, list) else None
