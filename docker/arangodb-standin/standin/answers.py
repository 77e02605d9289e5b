"""What goes back to the client, and the failures that become an answer (contract 1 and 15)."""

from . import jsontext

JSON = "application/json"
LINES = "application/x-arango-dump; charset=utf-8"
TEXT = "text/plain"


class Answer:
    def __init__(self, status, body=b"", headers=(), kind=JSON):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.kind = kind  # None: no content-type
        self.cut_after = None  # bytes of the body after which the connection ends: a fault that was asked for


class Failure(Exception):
    """A refusal. `also` are further members, which stand behind those of every error."""

    def __init__(self, status, number, message, headers=(), also=None, leading=False):
        super().__init__(message)
        self.status = status
        self.number = number
        self.message = message
        self.headers = list(headers)
        self.also = also or {}
        self.leading = leading

    def answer(self):
        if self.leading:
            # Of revisions that do not match: another order than everywhere else, as recorded.
            body = {"error": True, "code": self.status, "errorNum": self.number, "errorMessage": self.message}
        else:
            body = {"code": self.status, "error": True, "errorMessage": self.message, "errorNum": self.number}
        return json({**body, **self.also}, self.status, self.headers)

    @property
    def item(self):
        """In the array of a bulk operation."""
        return {"error": True, "errorNum": self.number, "errorMessage": self.message}


def json(value, status=200, headers=()):
    return Answer(status, jsontext.encode(jsontext.write(value)), headers)


def ok(members=None, status=200, headers=()):
    """`error` and `code`, then the members: what most endpoints answer."""
    return json({"error": False, "code": status, **(members or {})}, status, headers)


def result(value, status=200):
    return ok({"result": value}, status)


def behind(members, status=200):
    """The same the other way round, as indexes and users have it."""
    return json({**members, "error": False, "code": status}, status)


def empty(status, headers=(), kind=None):
    return Answer(status, b"", headers, kind)


# --- failures that several endpoints know -----------------------------------------------------------------------------------------


def bad_parameter(words="bad parameter"):
    return Failure(400, 400, words)


def unknown_path(path):
    return Failure(404, 404, f"unknown path '{path}'")


def no_collection(name):
    return Failure(404, 1203, f"collection or view not found: {name}")


def no_view():
    return Failure(404, 1203, "collection or view not found")


def no_document():
    return Failure(404, 1202, "document not found")


def no_database():
    return Failure(404, 1228, "database not found")


def duplicate(words="duplicate name"):
    return Failure(409, 1207, words)


def bad_key():
    return Failure(400, 1221, "illegal document key")


def bad_json(words):
    return Failure(400, 600, f"VPackError error: {words}")


def forbidden(words="forbidden"):
    return Failure(403, 11, words)


def only_in_system():
    return Failure(403, 1230, "operation only allowed in system database")


def not_here(what):
    """What a real server can and the stand-in cannot: never passed off as a fault of the request's."""
    return Failure(501, 9, f"the stand-in cannot do this: {what}")
