"""What goes back to the client, and the failures that become an answer (contract 2.2 and 2.3)."""

import json
import time

TEXT = "text/plain; charset=utf-8"


class Answer:
    def __init__(self, status, body=b"", headers=(), closes=False):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.closes = closes  # the connection ends after it
        self.part = None  # (open file, length) instead of a body
        self.chunks = None  # an iterator instead of a body: no length is known


class Failure(Exception):
    """A refusal with the server's status and text. `plain`: as text, not in the envelope; `untyped`: without a content type."""

    def __init__(self, status, text, plain=False, headers=(), closes=False, untyped=False):
        super().__init__(text)
        self.status = status
        self.text = text
        self.plain = plain
        self.headers = headers
        self.closes = closes
        self.untyped = untyped

    def answer(self, began):
        if self.plain:
            kind = [] if self.untyped else [("content-type", TEXT)]
            return Answer(self.status, self.text.encode(), [*kind, *self.headers], self.closes)
        body = {"status": {"error": self.text}, "time": elapsed(began)}
        return Answer(self.status, compact(body), [("content-type", "application/json"), *self.headers], self.closes)

    def as_plain(self):
        return Failure(self.status, self.text, plain=True)


def wrong_input(text):
    return Failure(400, f"Wrong input: {text}")


def bad_request(text):
    return Failure(400, f"Bad request: {text}")


def bad_json(text):
    return Failure(400, f"Format error in JSON body: {text}")


def invalid(text, where="JSON body"):
    return Failure(422, f"Validation error in {where}: [{text}]")


def forbidden(text):
    return Failure(403, f"Forbidden: {text}")


def not_found(text):
    return Failure(404, f"Not found: {text}")


def no_collection(name):
    return not_found(f"Collection `{name}` doesn't exist!")


def broken(text):
    return Failure(500, f"Service internal error: {text}")


def ok(result, began):
    """`result` is JSON text."""
    body = f'{{"result":{result},"status":"ok","time":{elapsed(began)}}}'
    return Answer(200, body.encode(), [("content-type", "application/json")])


def accepted(began):
    return Answer(202, compact({"status": "accepted", "time": elapsed(began)}), [("content-type", "application/json")])


def text(status, words):
    return Answer(status, words.encode(), [("content-type", TEXT)])


def empty(status):
    return Answer(status)


def elapsed(began):
    return round(time.monotonic() - began, 9)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def to_text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
