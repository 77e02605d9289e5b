"""A stand-in of its own for a test: started on a free port, asked over HTTP, ended for good."""

import base64
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

LAUNCHER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "arangodb-standin")
PASSWORD = "lifeboat"
DUMP = {"content-type": "application/x-arango-dump"}


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.pairs = headers
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(status, errorNum)"""
        return self.status, self.json.get("errorNum")

    @property
    def lines(self):
        return self.text.splitlines()


class StandIn:
    """`with StandIn() as server:`; what it was given stays the same over restarts."""

    def __init__(self, version="3.12.5", options=(), authentication=True, endpoint="tcp://127.0.0.1:0", environment=None):
        self.folder = tempfile.mkdtemp(prefix="arangodb-standin-test-")
        self.directory = os.path.join(self.folder, "data")
        self.endpoint = endpoint.replace("FOLDER", self.folder)
        self.options = ["--standin.version", version, "--server.authentication", "true" if authentication else "false", *options]
        self.environment = {"ARANGODB_DEFAULT_ROOT_PASSWORD": PASSWORD, **(environment or {})}
        self.process = None
        self.port = None
        self.connection = None
        self.headers = {"authorization": basic("root", PASSWORD)}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- its life -----------------------------------------------------------------------------------------------------------------

    def start(self, expecting_failure=False):
        arguments = [LAUNCHER, "--server.endpoint", self.endpoint, "--database.directory", self.directory, *self.options]
        environment = {**os.environ, "ARANGODB_STANDIN_PYTHON": sys.executable, **self.environment}
        self.process = subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE if expecting_failure else None)
        if expecting_failure:
            _, errors = self.process.communicate(timeout=30)
            return self.process.returncode, errors.decode()
        # It says so once it listens, and listens once everything is read.
        line = self.process.stdout.readline().decode().strip()
        found = re.search(r"ready for business on (?:http://.*:(\d+)|unix:(.*))$", line)
        if not found:
            raise RuntimeError(f"the stand-in did not start: {line!r}")
        self.port = int(found[1]) if found[1] else None
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

    # --- asking it -------------------------------------------------------------------------------------------------------------------

    def connect(self):
        if self.port is not None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.connect(self.endpoint.removeprefix("unix://"))
        return connection

    def ask(self, method, path, body=None, headers=None):
        if not isinstance(body, (str, bytes, type(None))):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if self.connection is None:
            self.connection = self.connect()
        try:
            self.connection.request(method, path, body, {**self.headers, **(headers or {})})
            response = self.connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
            if response.will_close:
                self._forget_connection()
            return answer
        except (OSError, http.client.HTTPException):
            self._forget_connection()
            raise

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def put(self, path, body=None, **more):
        return self.ask("PUT", path, body, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.ask("PATCH", path, body, **more)

    def delete(self, path, body=None, **more):
        return self.ask("DELETE", path, body, **more)

    # --- what most tests begin with ------------------------------------------------------------------------------------------------------

    def make(self, name, texts=(), type=2, database="_system", **properties):
        """A collection with documents, each the text of one."""
        self.post(f"/_db/{database}/_api/collection", {"name": name, "type": type, **properties})
        if texts:
            self.restore(name, texts, database)

    def restore(self, name, lines, database="_system"):
        body = "".join(f"{line}\n" for line in lines)
        return self.put(f"/_db/{database}/_api/replication/restore-data?collection={name}", body, headers=DUMP)

    def count(self, name, database="_system"):
        return self.get(f"/_db/{database}/_api/collection/{name}/count").json["count"]

    def query(self, text, binds=None, database="_system", **more):
        return self.post(f"/_db/{database}/_api/cursor", {"query": text, "bindVars": binds or {}, **more})

    def result(self, text, **binds):
        answer = self.query(text, binds)
        if answer.status != 201:
            raise AssertionError(f"{text}: {answer.status} {answer.text}")
        return answer.json["result"]

    def batch(self, database="_system", ttl=600):
        return self.post(f"/_db/{database}/_api/replication/batch?serverId=7&syncerId=8", {"ttl": ttl}).json["id"]

    def dump(self, name, database="_system", chunk=1 << 20):
        """The lines of a collection, in a batch of its own."""
        batch, lines, more = self.batch(database), [], True
        while more:
            answer = self.get(
                f"/_db/{database}/_api/replication/dump?collection={name}&batchId={batch}&useEnvelope=false&chunkSize={chunk}")
            lines += answer.lines
            more = answer.headers["x-arango-replication-checkmore"] == "true"
        self.delete(f"/_db/{database}/_api/replication/batch/{batch}?serverId=7")
        return lines

    def fault(self, kind, **more):
        answer = self.put("/_standin/faults", {"kind": kind, **more})
        if answer.status != 200:
            raise AssertionError(answer.text)


def until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not come")
        time.sleep(0.005)
