"""A stand-in of its own for a test: started on a free port, asked over HTTP, ended for good."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

LAUNCHER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "qdrant-standin")
BOUNDARY = "----lifeboat0boundary"


def _in_memory():
    """Every waited-for write is flushed to the disk, which may be a slow one."""
    memory = "/dev/shm"
    there = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    return memory if there else None


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def result(self):
        return self.json["result"]

    @property
    def error(self):
        return self.json["status"]["error"]


class StandIn:
    """`with StandIn() as server:`; what it was given stays the same over restarts."""

    def __init__(self, version="1.18.3", environment=None, options=()):
        self.folder = tempfile.mkdtemp(prefix="qdrant-standin-test-", dir=_in_memory())
        self.snapshots = os.path.join(self.folder, "snapshots")
        self.storage = os.path.join(self.folder, "storage")
        self.version = version
        self.environment = dict(environment or {})
        self.options = list(options)
        self.process = None
        self.port = None
        self.connection = None
        self.headers = {}
        self.clock = os.path.join(self.folder, "clock")
        os.makedirs(self.snapshots)
        with open(self.clock, "w"):
            pass

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- its life -----------------------------------------------------------------------------------------------------------

    def start(self, expecting_failure=False):
        environment = {
            **os.environ, "QDRANT__SERVICE__HOST": "127.0.0.1", "QDRANT__SERVICE__HTTP_PORT": "0",
            "QDRANT_STANDIN_VERSION": self.version, "QDRANT_STANDIN_CLOCK": self.clock, "QDRANT_STANDIN_PYTHON": sys.executable, **self.environment,
        }
        self.process = subprocess.Popen(
            [LAUNCHER, *self.options], cwd=self.folder, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if expecting_failure else None)
        if expecting_failure:
            _, errors = self.process.communicate(timeout=30)
            return self.process.returncode, errors.decode()
        # It says so once it listens, and listens once everything is loaded.
        line = self.process.stdout.readline().decode()
        found = re.search(r":(\d+)$", line.strip())
        if not found:
            raise RuntimeError(f"the stand-in did not start: {line!r}")
        self.port = int(found.group(1))
        return None

    def stop(self):
        self._forget_connection()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=10)
        self.process.stdout.close()
        return code

    def kill(self):
        self._forget_connection()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process is not None and self.process.stdout:
            self.process.stdout.close()

    def restart(self):
        self.stop()
        self.start()

    def _forget_connection(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    # --- asking it ------------------------------------------------------------------------------------------------------------

    def ask(self, method, path, body=None, headers=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        headers = {**self.headers, **(headers or {})}
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.putrequest(method, path, skip_accept_encoding=True)
                for name, value in headers.items():
                    self.connection.putheader(name, value)
                if body is not None or method in ("PUT", "POST", "PATCH"):
                    self.connection.putheader("content-length", str(len(body or b"")))
                self.connection.endheaders()
                try:
                    if body:
                        self.connection.send(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it has answered and reads no more
                response = self.connection.getresponse()
                answer = Answer(response.status, response.getheaders(), response.read())
                if response.will_close:
                    self._forget_connection()
                return answer
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._forget_connection()
                if attempt == 2:
                    raise
        return None

    def aside(self, method, path, body=None):
        """On a connection of its own, for another thread; None if the server went away."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def put(self, path, body=None, **more):
        return self.ask("PUT", path, body, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)

    def delete(self, path, **more):
        return self.ask("DELETE", path, **more)

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    # --- what most tests begin with ---------------------------------------------------------------------------------------------

    def fill(self, name, count, first=1, **config):
        """A collection with points as the recordings have them."""
        config.setdefault("vectors", {"size": 4, "distance": "Cosine"})
        self.put(f"/collections/{name}", config)
        return self.add(name, count, first)

    def add(self, name, count, first=1):
        points = [{"id": number, "vector": [number, 1, 2, 3], "payload": {"city": ("London", "Moscow", "Berlin")[(number - 1) % 3], "n": number}}
                  for number in range(first, first + count)]
        return self.put(f"/collections/{name}/points?wait=true", {"points": points})

    def next_second(self):
        """Names of snapshots have no more than seconds: the clock of the tests goes on when it is told to."""
        later = os.stat(self.clock).st_mtime + 1
        os.utime(self.clock, (later, later))

    def snapshot(self, name):
        return self.post(f"/collections/{name}/snapshots").result["name"]

    def location(self, collection, snapshot):
        return "file://" + urllib.parse.quote(os.path.join(self.snapshots, collection, snapshot))

    def recover(self, name, collection, snapshot, **more):
        return self.put(f"/collections/{name}/snapshots/recover", {"location": self.location(collection, snapshot), **more})

    def count(self, name):
        return self.post(f"/collections/{name}/points/count", {"exact": True})

    def upload(self, name, content, file_name="mine.snapshot", query="priority=snapshot"):
        return self.post(f"/collections/{name}/snapshots/upload?{query}", form(content, file_name), headers=FORM)

    def until_quiet(self):
        """Until no snapshot and no recover runs: those that were asked for with wait=false."""
        until(lambda: not re.search(r"^snapshot_(creation|recovery)_running\{.*\} [1-9]", self.get("/metrics").text, re.M))


FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def form(content, file_name="mine.snapshot", name="snapshot", kind="application/octet-stream", before=b""):
    given = "" if file_name is None else f'; filename="{file_name}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{given}\r\nContent-Type: {kind}\r\n\r\n'
    return before + head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def touch(path):
    with open(path, "w"):
        pass


def until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not come")
        time.sleep(0.005)
