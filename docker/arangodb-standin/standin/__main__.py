"""Starts the stand-in: read what is in the database directory, and only then listen (contract 3)."""

import gc
import os
import signal
import sys
import threading

from . import making, options, wire
from .journal import Locked
from .server import NAME, Server
from .store import Store


def main():
    arguments = sys.argv[1:]
    if "--version" in arguments:
        print(f"{NAME}, stands in for {', '.join(options.VERSIONS)}")
        return
    # Documents are texts, which are in no cycle: looking for those all the time would take longer than the work.
    gc.set_threshold(100_000, 50, 100)
    # As the first process of a container it would not die of a signal that nobody handles.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: os._exit(0))
    try:
        given = options.read(arguments)
        if given.log_file and given.log_file not in ("-", "+"):
            sys.stderr = sys.stdout = open(given.log_file, "a", buffering=1)
        store = Store(given.directory)
        store.load()
        if store.journal.is_new:
            making.first_start(store, given, os.environ.get("ARANGODB_DEFAULT_ROOT_PASSWORD", ""))
        marker = os.path.join(given.directory, "SERVER")
        with open(marker, "w") as file:
            file.write('{"serverId":"' + store.server_id + '"}')
        server = Server(given, store)
        listeners = [wire.listen(one) for one in given.endpoints]
    except options.Wrong as wrong:
        end(wrong.code, str(wrong))
    except (Locked, OSError) as error:
        end(1, str(error))
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    for listener in listeners:
        threading.Thread(target=wire.accept, args=(listener, given, NAME, server.respond), daemon=True).start()
    places = ", ".join(_shown(endpoint, listener) for endpoint, listener in zip(given.endpoints, listeners))
    print(f"{NAME} {given.version} is ready for business on {places}", flush=True)
    ending.wait()
    for listener in listeners:
        listener.close()
    store.close()
    # Requests that still run end here.
    os._exit(0)


def _shown(endpoint, listener):
    if endpoint[0] == "unix":
        return f"unix://{endpoint[1]}"
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def end(code, words):
    print(f"FATAL {words}", file=sys.stderr, flush=True)
    os._exit(code)


if __name__ == "__main__":
    main()
