"""Collections of Qdrant: captured and recovered beside what one would type with curl.

On LIFEBOAT_QDRANT_URL (with LIFEBOAT_QDRANT_API_KEY), where a collection `lifeboat_bench` comes and goes, or else on the stand-in, whose own
time is then in both sides. Both sides of a capture by snapshot have the server make one, fetch it, hash it and delete the server's copy;
ours is the whole program, from its start to the published backup. Of a restore only the step that writes points is timed.
"""
import hashlib
import json
import os
import random
import secrets
import subprocess
import time
import urllib.request

from memory import CEILING, peak
from pairs import alternate
from table import mebibytes, seconds
from world import FULL, free_port

NAME = "lifeboat_bench"
DIMENSIONS = 384
POINTS = 200_000 if FULL else 20_000
PAGE = 1000
TIMES = 3

CONFIGURATION = """
targets:
  vectors: {{engine: qdrant, stage: development, url: "{url}", api_key: {{file: "{folder}/api-key"}}}}
stores:
  main: {{directory: "{folder}/store"}}
policies:
  snapshots: {{targets: {{vectors: {{collections: {{include: [{name}], golden_queries: 0}}}}}}, store: main}}
  points: {{targets: {{vectors: {{collections: {{include: [{name}], way: points, golden_queries: 0}}}}}}, store: main}}
state: "{folder}/state"
locks: "{folder}/locks"
"""

# One request at a time, as the loop beside it: more of them gain on a server with threads, and only hinder one another in the stand-in.
RUNBOOK = """
runbook: rebuild-points
title: Write the points again
version: 1
targets: {{vectors: qdrant}}
backups: {{points: qdrant}}
steps:
  - {{name: Drop, qdrant.drop-collection: {{collection: {name}, refill: points}}}}
  - {{name: Create, qdrant.create-collection: {{collection: {name}, like: points}}}}
  - {{name: Write, qdrant.recover-points: {{collection: {name}, from: points, jobs: 1}}}}
  - {{name: Verify, qdrant.verify: {{collection: {name}, against: points, points: counts}}}}
"""


class Server:
    def __init__(self, world):
        self.world = world
        self.process = None
        self.key = os.environ.get("LIFEBOAT_QDRANT_API_KEY", "")
        self.url = os.environ.get("LIFEBOAT_QDRANT_URL")
        self.is_stand_in = not self.url
        if self.is_stand_in:
            self.key = secrets.token_hex(12)
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            settings = {
                "QDRANT__SERVICE__HOST": "127.0.0.1", "QDRANT__SERVICE__HTTP_PORT": str(port), "QDRANT__SERVICE__API_KEY": self.key,
                "QDRANT__STORAGE__STORAGE_PATH": f"{world.folder}/qdrant/storage",
                "QDRANT__STORAGE__SNAPSHOTS_PATH": f"{world.folder}/qdrant/snapshots"}
            os.makedirs(f"{world.folder}/qdrant")
            self.process = subprocess.Popen(
                [os.environ["LIFEBOAT_QDRANT_STANDIN"]], env={**os.environ, **settings}, cwd=f"{world.folder}/qdrant",
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.wait()

    def wait(self):
        for _ in range(600):
            try:
                return self.call("GET", "/readyz")
            except OSError:
                time.sleep(0.05)
        raise SystemExit("bench: the Qdrant server does not get ready")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        else:
            self.call("DELETE", f"/collections/{NAME}")

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method, data=body, headers={"api-key": self.key, "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def create(self):
        self.call("DELETE", f"/collections/{NAME}")
        self.call("PUT", f"/collections/{NAME}", json.dumps({"vectors": {"size": DIMENSIONS, "distance": "Cosine"}}).encode())

    def write(self, bodies):
        for body in bodies:
            self.call("PUT", f"/collections/{NAME}/points?wait=true", body)

    def curl(self, *arguments):
        return subprocess.run(
            ["curl", "-sS", "--fail", "-H", f"api-key: {self.key}", *arguments], check=True, stdout=subprocess.PIPE).stdout


def bodies():
    """Ready-made, of some four megabytes."""
    numbers = random.Random(1)
    points = [
        {"id": i, "vector": [round(numbers.uniform(-1, 1), 6) for _ in range(DIMENSIONS)], "payload": {"page": i % 900, "shelf": f"s{i % 50}"}}
        for i in range(2000)]
    text = [json.dumps(point["vector"]) for point in points]
    for start in range(0, POINTS, PAGE):
        inner = ",".join(
            '{"id":%d,"vector":%s,"payload":%s}' % (i, text[i % 2000], json.dumps(points[i % 2000]["payload"]))
            for i in range(start, min(start + PAGE, POINTS)))
        yield ('{"points":[' + inner + "]}").encode()


def vectors(world, table):
    if not os.environ.get("LIFEBOAT_QDRANT_URL") and not os.environ.get("LIFEBOAT_QDRANT_STANDIN"):
        table.add("collections of Qdrant", "not measured: there is no server of Qdrant, and no stand-in (make setup)")
        return
    server = Server(world)
    try:
        measure(world, table, server)
    finally:
        server.stop()


def measure(world, table, server):
    os.makedirs(f"{world.folder}/vectors")
    site = Site(world, server)
    world.say(f"filling a collection with {POINTS} points of {DIMENSIONS}")
    server.create()
    server.write(bodies())
    whom = "the stand-in" if server.is_stand_in else "the server"

    def by_curl():
        made = json.loads(server.curl("-X", "POST", f"{server.url}/collections/{NAME}/snapshots"))["result"]
        server.curl("-o", f"{site.folder}/plain", f"{server.url}/collections/{NAME}/snapshots/{made['name']}")
        with open(f"{site.folder}/plain", "rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == made["checksum"]
        server.curl("-X", "DELETE", f"{server.url}/collections/{NAME}/snapshots/{made['name']}")

    ours, rival = alternate(lambda: site.run("backup", "snapshots"), by_curl, TIMES)
    table.add(
        f"capture of {POINTS} points by snapshot from {whom}, beside curl and sha256", seconds(ours), seconds(rival), f"{ours / rival:.2f}",
        "rate >= 0.8", rival / ours >= 0.8)

    def unread():
        for start in range(0, POINTS, PAGE):
            server.call(
                "POST", f"/collections/{NAME}/points/scroll",
                json.dumps({"limit": PAGE, "offset": start, "with_payload": True, "with_vector": True}).encode())

    ours, rival = alternate(lambda: site.run("backup", "points"), unread, TIMES)
    table.add(
        f"capture of {POINTS} points one by one from {whom}, beside reading the answers only", seconds(ours), seconds(rival),
        f"{ours / rival:.2f}", "rate >= 0.6", rival / ours >= 0.6)

    ready = list(bodies())

    def by_hand():
        server.create()
        begun = time.monotonic()
        server.write(ready)
        taken.append(time.monotonic() - begun)

    taken, steps = [], []
    alternate(lambda: steps.append(site.restore()), by_hand, TIMES)
    ours, rival = sorted(steps)[len(steps) // 2], sorted(taken)[len(taken) // 2]
    table.add(
        f"writing {POINTS} points into {whom}, beside a loop with ready-made bodies", seconds(ours), seconds(rival), f"{ours / rival:.2f}",
        "rate >= 0.8", rival / ours >= 0.8)

    for what, arguments in {
        "capture by snapshot": ("backup", "snapshots"), "capture by points": ("backup", "points"), "writing points": site.restoring(),
    }.items():
        most = peak(site, *arguments)
        table.add(f"peak anonymous memory of {what}, {POINTS} points", mebibytes(most), "", "", "< 64 MiB", most < CEILING)


class Site:
    """A configuration of its own beside that of the databases."""

    def __init__(self, world, server):
        self.world = world
        self.folder = f"{world.folder}/vectors"
        for name, text in {
            "lifeboat.yaml": CONFIGURATION.format(url=server.url, folder=self.folder, name=NAME), "api-key": server.key,
            "rebuild.yaml": RUNBOOK.format(name=NAME)}.items():
            with open(f"{self.folder}/{name}", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(text)
        os.mkdir(f"{self.folder}/store")
        self.demand = world.demand

    def command(self, *arguments):
        return [self.world.lifeboat, arguments[0], "--config", f"{self.folder}/lifeboat.yaml"] + list(arguments[1:])

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), env=self.world.program_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, expecting=(0,)):
        process = self.start(*arguments)
        output, errors = process.communicate()
        self.demand(process.returncode in expecting, arguments, process.returncode, output + errors)
        return output

    def restoring(self):
        store = f"{self.folder}/store/points"
        backup = f"points/{sorted(os.listdir(store))[-1]}/vectors"
        return (
            "run", f"{self.folder}/rebuild.yaml", "--target", "vectors=vectors", "--backup", f"points={backup}", "--confirm", "vectors")

    def restore(self):
        """How long the writing took, without the proof that is due before the drop."""
        self.run(*self.restoring(), "--json")
        runs = sorted(os.listdir(f"{self.folder}/state/runs"))
        with open(f"{self.folder}/state/runs/{runs[-1]}/journal.jsonl") as lines:
            events = [json.loads(line)["event"] for line in lines if line.strip("\0 \n")]
        ended = [event["data"] for event in events if event["event"] == "step.ended"]
        return ended[2]["seconds"]
