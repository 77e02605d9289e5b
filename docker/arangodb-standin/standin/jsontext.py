"""JSON in which every number keeps the text that it was written in: 64-bit integers, -0.0 and 1e400 come out as they went in."""

import codecs
import json
import math
import re
import sys

# A number of any length may be an attribute.
sys.set_int_max_str_digits(0)

_quoted = json.encoder.encode_basestring


class Malformed(ValueError):
    """The text is no JSON. `what` is for the answer."""


class Real(float):
    """A number that is not written as a plain integer, with its text."""

    __slots__ = ("text",)

    def __new__(cls, text):
        self = float.__new__(cls, text)
        self.text = text
        return self


def _integer(text):
    return Real(text) if text == "-0" else int(text)


def _no_constant(word):
    # Python reads NaN and Infinity, which are not JSON.
    raise Malformed("Expecting digit")


_plain = json.JSONDecoder(parse_float=Real, parse_constant=_no_constant)
_with_minus_zero = json.JSONDecoder(parse_float=Real, parse_int=_integer, parse_constant=_no_constant)


def read(text):
    """`text` is str or bytes."""
    if not isinstance(text, str):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("Invalid UTF-8 sequence") from None
    try:
        return (_with_minus_zero if "-0" in text else _plain).decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(_words(error)) from None
    except RecursionError:
        raise Malformed("Too deep nesting in Array/Object") from None


def _words(error):
    rest = error.doc[error.pos:].lstrip()
    if not rest:
        return "Unexpected end of input"
    if "property name" in error.msg:
        return "Expecting '\"' or '}'"
    if "delimiter" in error.msg:
        return "Expecting ',' or '}'" if error.doc[:error.pos].rfind("{") > error.doc[:error.pos].rfind("[") else "Expecting ',' or ']'"
    return "Expecting digit" if rest[:1].isalpha() else "Expecting value"


def write(value):
    """The shortest text of `value`: no spaces, and nothing escaped that need not be."""
    kind = type(value)
    if kind is str:
        return _quoted(value)
    if kind is int:
        return str(value)
    if kind is dict:
        return "{" + ",".join([f"{_quoted(name)}:{write(one)}" for name, one in value.items()]) + "}"
    if kind is list or kind is tuple:
        return "[" + ",".join([write(one) for one in value]) + "]"
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    return _unusual(value)


def _unusual(value):
    text = getattr(value, "text", None)  # a Real, or a document that is in its text already
    if text is not None:
        return text
    if isinstance(value, float):
        if not math.isfinite(value):
            return "null"
        # ArangoDB prints a double that is whole without a fraction.
        return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
    if isinstance(value, str):
        return _quoted(str(value))
    raise TypeError(f"{type(value).__name__} is no JSON")


def _as_escapes(error):
    return "".join(f"\\u{ord(one):04x}" for one in error.object[error.start:error.end]), error.end


# Half a surrogate pair has no UTF-8.
codecs.register_error("json-escape", _as_escapes)


def encode(text):
    return text.encode("utf-8", "json-escape")


_SPACE = re.compile(r"[ \t\r\n]")


def is_compact(text):
    """Whether there is no space between the tokens. Only for text without any backslash."""
    return _SPACE.search("".join(text.split('"')[::2])) is None
