"""From a request to an answer: faults that were asked for, the route, who asks, and the failures."""

import collections
import threading
import time
import traceback

from . import answers, jsontext
from .access import READ, WRITE, Access, allows
from .answers import Failure
from .contexts import Contexts
from .faults import Faults
from .routes import find

NAME = "arangodb-standin (not ArangoDB)"


class Call:
    """One request, as the handlers see it."""

    def __init__(self, server, request, user, database):
        self.server = server
        self.store = server.store
        self.options = server.options
        self.request = request
        self.user = user
        self.database = database
        self.fault = None  # one that the handler itself has to bring about

    def json(self, otherwise=None):
        if not self.request.body.strip():
            if otherwise is not None:
                return otherwise
            raise answers.bad_json("Expecting value")
        try:
            return jsontext.read(self.request.body)
        except jsontext.Malformed as error:
            raise answers.bad_json(str(error)) from None

    def object(self, otherwise=None):
        body = self.json(otherwise)
        if not isinstance(body, dict):
            raise answers.bad_parameter("expecting a JSON object body")
        return body

    # --- rights ----------------------------------------------------------------------------------------------------------------------

    def must(self, level, database=None):
        name = database or self.database.name
        if not allows(self.server.access.on_database(self.user, name), level):
            raise answers.forbidden()

    def administers(self):
        """Users and databases are the business of whoever may write in `_system`."""
        return allows(self.server.access.on_database(self.user, "_system"), WRITE)

    def in_system(self):
        if not self.database.is_system:
            raise answers.only_in_system()

    def collection(self, name, level=READ):
        found = self.database.collection(name)
        self.may(found, level)
        transaction = self.transaction()
        return transaction.fork_of(found) if transaction else found

    def may(self, collection, level):
        if not allows(self.server.access.on_collection(self.user, self.database.name, collection.name), level):
            raise answers.forbidden()

    # --- changing --------------------------------------------------------------------------------------------------------------------

    def transaction(self):
        id = self.request.headers.get("x-arango-trx-id")
        return self.server.contexts.transaction(id, self) if id else None

    def changes(self):
        """What this request changes, or what its stream transaction will."""
        changes = (self.transaction() or self.store).changes()
        changes.waits = self.request.flag("waitForSync")
        return changes


class Server:
    def __init__(self, options, store):
        self.options = options
        self.store = store
        self.access = Access(store, options)
        self.contexts = Contexts(store.ticks)
        self.faults = Faults(self, options.faults)
        self.started = time.time()
        self.counted = collections.Counter()
        self.counting = threading.Lock()

    def respond(self, request):
        """None: the connection is to end without an answer."""
        if request.segments[:1] == ["_standin"]:
            return self._guarded(request, None)
        with self.counting:
            self.counted[f"{request.method} {'/'.join(['', *request.segments[:3]])}"] += 1
        return self.faults.around(request, lambda fault: self._guarded(request, fault))

    def _guarded(self, request, fault):
        try:
            return self._answer(request, fault)
        except Failure as failure:
            return failure.answer()
        except ConnectionError:
            raise
        except Exception as error:
            # A form of request that the stand-in reads wrongly: the log says where.
            traceback.print_exc()
            return Failure(500, 4, f"the stand-in failed: {type(error).__name__}: {error}").answer()

    def _answer(self, request, fault):
        segments = request.segments
        if segments[:1] == ["_arango"]:
            segments = segments[2:]  # a version of the API; there is one
        route, parameters = find(request.method, segments)
        if request.method == "OPTIONS":
            return answers.empty(200, [("allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")])
        if route is not None and route.is_open:
            return route.handler(Call(self, request, None, None), **parameters)
        user = self.access.user_of(request)
        if route is None:
            raise answers.unknown_path(request.path) if parameters is None else Failure(405, 405, "method not supported")
        with self.store.lock:
            database = self.store.database(request.database_name)
            call = Call(self, request, user, database)
            if not route.is_about_self:
                call.must(READ)
            call.fault = fault
            return route.handler(call, **parameters)
