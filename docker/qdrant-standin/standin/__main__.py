"""Starts the stand-in: restore if asked to, load, and only then listen (contract 2.4)."""

import os
import signal
import sys
import threading

from . import settings as environment
from . import startup, wire
from .answers import Failure
from .server import Server
from .storage import Storage

FLUSH_EVERY = 5.0


def main():
    given = startup.options(sys.argv[1:])
    # As the first process of a container it would not die of a signal that nobody handles.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: os._exit(128 + number))
    settings = environment.from_environment()
    storage = Storage(settings)
    try:
        storage.prepare()
        startup.restore(storage, given)
        storage.load()
        listener = wire.listen(settings)
    except startup.Panic as panic:
        startup.panic(panic)
    except (Failure, OSError, ValueError) as error:
        startup.panic(getattr(error, "text", error))
    server = Server(settings, storage)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    threading.Thread(target=wire.accept, args=(listener, settings, server.respond), daemon=True).start()
    address, port = listener.getsockname()[:2]
    print(f"qdrant-standin {settings.introduces_itself_as} listening on http://{address}:{port}", flush=True)
    while not ending.wait(FLUSH_EVERY):
        storage.flush()
    listener.close()
    storage.close()
    sys.stdout.flush()
    # Requests that still run, and a recover that is held, end here.
    os._exit(0)


if __name__ == "__main__":
    main()
