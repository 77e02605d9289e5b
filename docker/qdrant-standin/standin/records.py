"""Points as JSON text.

The engine hands vectors out as doubles, whose shortest form is not that of the float32. But its `repr` is written in Rust, from
the float32: so that text is taken over, in one go for each point and without a look at the single numbers.
"""

import json
import re

from .answers import to_text
from .ids import id_text

_NAMED = re.compile(r'\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}')
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|SparseVector\(indices=(\[[^\]]*\]), values=(\[[^\]]*\])\)|(\[[^"]*?\](?=,|\}))')
_NUMBER = re.compile(r"-?inf|NaN|-?\d+(?:\.\d+)?")
_SCORE = re.compile(r'ScoredPoint\(id=(?:\d+|"[^"]*"), version=(\d+), score=([^,]+), ')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


def record_text(record):
    """{id, payload?, vector?, order_value?}"""
    parts = [f'{{"id":{id_text(record.id)}']
    _add_contents(parts, record)
    if record.order_value is not None:
        parts.append(f',"order_value":{json.dumps(record.order_value)}')
    parts.append("}")
    return "".join(parts)


def scored_text(point):
    """{id, version, score, payload?, vector?}"""
    version, score = _SCORE.match(repr(point)).groups()
    parts = [f'{{"id":{id_text(point.id)},"version":{version},"score":{_numbers(score)}']
    _add_contents(parts, point)
    parts.append("}")
    return "".join(parts)


def _add_contents(parts, point):
    payload = point.payload
    if payload is not None:
        parts.append(f',"payload":{to_text(payload)}')
    vector = _vector_text(repr(point))
    if vector is not None:
        parts.append(f',"vector":{vector}')


def _vector_text(written):
    start = written.index("vector=") + len("vector=")
    first = written[start]
    if first == "[":
        return _numbers(written[start:written.index("payload=", start) - 2])
    if first == "{":
        return _TOKENS.sub(_token, _NAMED.match(written, start).group()).replace('": ', '":').replace(", ", ",")
    return None


def _token(match):
    indices, values, numbers = match.groups()
    if indices is not None:
        return f'{{"indices":{indices},"values":{_numbers(values)}}}'
    if numbers is not None:
        return _numbers(numbers)
    return to_text(_unescaped(match.group()[1:-1]))


def _numbers(text):
    """Rust writes 0.5 as 0.5 but 1.0 as 1, and never an exponent; the server writes 1.0, 1e-7, and null for what is no number."""
    if text.count(".") != text.count(",") + 1 or "0.00000" in text:
        text = _NUMBER.sub(_number, text)
    return text.replace(", ", ",")


def _number(match):
    text = match.group()
    if text[-1] in "fN":
        return "null"
    if "." not in text:
        return text + ".0" if len(text) < 17 else _exponent(text)
    return _exponent(text) if text.startswith(("0.00000", "-0.00000")) else text


def _exponent(text):
    digits, sign = text.lstrip("-"), "-" if text[0] == "-" else ""
    if "." in digits:
        fraction = digits[2:]
        significant = fraction.lstrip("0")
        power = len(significant) - len(fraction) - 1
    else:
        significant, power = digits.rstrip("0"), len(digits) - 1
    significant = significant.rstrip("0")
    mantissa = significant[0] + ("." + significant[1:] if len(significant) > 1 else "")
    return f"{sign}{mantissa}e{power}"


def _unescaped(text):
    """A text in Rust's notation."""
    simple = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else simple.get(m[2], m[2]), text)
