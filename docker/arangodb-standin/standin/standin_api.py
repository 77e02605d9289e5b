"""What only the stand-in has: mishaps to order, and what it was asked so far."""

from . import answers, jsontext
from .answers import Failure


def requests(call):
    with call.server.counting:
        counted = dict(sorted(call.server.counted.items()))
    return answers.json({"requests": counted, "total": sum(counted.values())})


def faults(call):
    return answers.json({"faults": call.server.faults.shown()})


def set_faults(call):
    """One fault, or a list; they replace those that were there."""
    try:
        given = jsontext.read(call.request.body)
    except jsontext.Malformed as error:
        raise Failure(400, 600, f"the faults are no JSON: {error}") from None
    call.server.faults.set(given["faults"] if isinstance(given, dict) and "faults" in given else given)
    return faults(call)


def clear_faults(call):
    call.server.faults.set([])
    return faults(call)
