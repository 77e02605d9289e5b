"""From a request to an answer: access, the route, the envelope."""

import threading
import time
import traceback

from . import access, answers
from .answers import Failure
from .routes import find


class Server:
    def __init__(self, settings, storage):
        self.settings = settings
        self.storage = storage
        self.responses = {}  # for telemetry: "GET /readyz" -> status -> [count, seconds]
        self.lock = threading.Lock()
        self.started = time.time()

    def respond(self, request):
        route, parameters = find(request)
        try:
            request.access = access.of_request(request, self.settings)
            if route is None:
                return answers.empty(404)
            answer = route.handler(self, request, **parameters)
        except Failure as failure:
            if route is not None and route.plain:
                failure = failure.as_plain()
            answer = failure.answer(request.began)
        except ConnectionError:
            raise
        except Exception as error:
            # A form of request that the stand-in reads wrongly: the log says where.
            traceback.print_exc()
            answer = answers.broken(f"the stand-in failed: {type(error).__name__}: {error}").answer(request.began)
        if route is not None:
            self._count(f"{request.method} {route.pattern}", answer.status, time.monotonic() - request.began)
        return answer

    def _count(self, route, status, seconds):
        with self.lock:
            counted = self.responses.setdefault(route, {}).setdefault(status, [0, 0.0])
            counted[0] += 1
            counted[1] += seconds

    # --- what handlers begin with ---------------------------------------------------------------------------------------------

    def reading(self, request, name):
        request.access.must_read(self.storage.resolved(name))
        return self.storage.get(name)

    def writing(self, request, name):
        request.access.must_write(self.storage.resolved(name), points=True)
        return self.storage.get(name)

    def job(self, request, work):
        """With wait=false the answer is 202 for anything, and what goes wrong is in the log only (contract 0.7)."""
        if request.flag("wait", True):
            return answers.ok(answers.to_text(work()), request.began)
        begun = threading.Event()

        def run():
            self.storage.activity.tell(begun)
            try:
                _logged(work)
            finally:
                begun.set()

        threading.Thread(target=run, daemon=True).start()
        # Whoever asks next whether it is at work shall hear so; a recover that has first to fetch something is not waited for.
        begun.wait(1)
        return answers.accepted(request.began)


def _logged(work):
    try:
        work()
    except Failure as failure:
        print(f"ERROR qdrant-standin: {failure.text}", flush=True)
    except Exception:
        traceback.print_exc()
