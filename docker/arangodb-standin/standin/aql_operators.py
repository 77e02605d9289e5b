"""What operators make of the functions beside them."""

import re

from .answers import Failure
from .aql_values import attribute, element, finite, number, order, plain, text, truth
from .jsontext import Real


def literal(text):
    if any(one in text for one in ".eE"):
        return Real(text)
    return Real(text) if text == "-0" else int(text)


def either(left, right):
    return lambda env: (lambda value: value if truth(value) else right(env))(left(env))


def both(left, right):
    return lambda env: (lambda value: right(env) if truth(value) else value)(left(env))


def negated(inside):
    return lambda env: not truth(inside(env))


def attribute_of(value, name):
    return lambda env: attribute(value(env), name(env))


def element_of(value, place):
    return lambda env: element(value(env), place(env))


def matches(value, pattern):
    try:
        return re.search(str(plain(pattern)), text(value)) is not None
    except re.error as error:
        raise Failure(400, 1557, f"invalid regular expression: {error}") from None


def _ordered(compare):
    return lambda left, right: lambda env: compare(order(left(env)), order(right(env)))


COMPARE = {
    "<": _ordered(lambda one, other: one < other), "<=": _ordered(lambda one, other: one <= other),
    ">": _ordered(lambda one, other: one > other), ">=": _ordered(lambda one, other: one >= other),
}


def _calculated(calculate):
    def made(left, right):
        def value(env):
            try:
                return finite(calculate(number(left(env)), number(right(env))))
            except (ZeroDivisionError, OverflowError):
                return None

        return value

    return made


ARITHMETIC = {
    "+": _calculated(lambda one, other: one + other), "-": _calculated(lambda one, other: one - other),
    "*": _calculated(lambda one, other: one * other), "/": _calculated(lambda one, other: one / other),
    "%": _calculated(lambda one, other: one - other * int(one / other)),
}

