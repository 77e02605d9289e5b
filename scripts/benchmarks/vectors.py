"""Collections of Qdrant: captured and recovered beside what one would type with curl.

On LIFEBOAT_QDRANT_URL (with LIFEBOAT_QDRANT_API_KEY), where a collection `lifeboat_bench` comes and goes, or else on the stand-in, whose own
time is then in both sides. Both sides of a capture by snapshot have the server make one, fetch it, hash it and delete the server's copy;
ours is the whole program, from its start to the published backup. Of a download alone only the time from the server's answer to the file
that is written and hashed is taken, and of a restore only that of the step that recovers the snapshot or writes the points.
"""
import hashlib
import json
import os
import pty
import random
import secrets
import statistics
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

BY_SNAPSHOT = """
runbook: recover-snapshot
title: Recover the snapshot again
version: 1
targets: {{vectors: qdrant}}
backups: {{snapshots: qdrant}}
steps:
  - {{name: Drop, qdrant.drop-collection: {{collection: {name}, refill: snapshots}}}}
  - {{name: Recover, qdrant.recover-snapshot: {{collection: {name}, from: snapshots}}}}
  - {{name: Verify, qdrant.verify: {{collection: {name}, against: snapshots, points: counts}}}}
"""

# One request at a time, as the loop beside it: more of them gain on a server with threads, and only hinder one another in the stand-in.
BY_POINTS = """
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

    def fetched_by_curl():
        made = json.loads(server.curl("-X", "POST", f"{server.url}/collections/{NAME}/snapshots"))["result"]
        begun = time.monotonic()
        server.curl("-o", f"{site.folder}/plain", f"{server.url}/collections/{NAME}/snapshots/{made['name']}")
        downloads[1].append(time.monotonic() - begun)
        server.curl("-X", "DELETE", f"{server.url}/collections/{NAME}/snapshots/{made['name']}")

    downloads = ([], [])
    alternate(lambda: downloads[0].append(site.fetching()), fetched_by_curl, TIMES)
    ours, rival = (statistics.median(taken) for taken in downloads)
    table.add(
        f"the download alone of {mebibytes(os.path.getsize(f'{site.folder}/plain'))} from {whom}, written and hashed, beside curl alone",
        seconds(ours), seconds(rival), f"{ours / rival:.2f}", "rate >= 0.8", rival / ours >= 0.8)

    # The file of the last one is there, and the server has it no more.
    with open(f"{site.folder}/plain", "rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()

    def uploaded_by_curl():
        server.call("DELETE", f"/collections/{NAME}")
        begun = time.monotonic()
        server.curl(
            "-X", "POST", "-F", f"snapshot=@{site.folder}/plain;filename=bench.snapshot",
            f"{server.url}/collections/{NAME}/snapshots/upload?priority=snapshot&checksum={checksum}")
        recoveries[1].append(time.monotonic() - begun)
        server.curl("-X", "DELETE", f"{server.url}/collections/{NAME}/snapshots/bench.snapshot")

    recoveries = ([], [])
    alternate(lambda: recoveries[0].append(site.restore("snapshots", 1)), uploaded_by_curl, TIMES)
    ours, rival = (statistics.median(taken) for taken in recoveries)
    table.add(
        f"recovery of {POINTS} points by snapshot on {whom}, counted and green, beside an upload by curl", seconds(ours), seconds(rival),
        f"{ours / rival:.2f}", "rate >= 0.8", rival / ours >= 0.8)

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
    alternate(lambda: steps.append(site.restore("points", 2)), by_hand, TIMES)
    ours, rival = sorted(steps)[len(steps) // 2], sorted(taken)[len(taken) // 2]
    table.add(
        f"writing {POINTS} points into {whom}, beside a loop with ready-made bodies", seconds(ours), seconds(rival), f"{ours / rival:.2f}",
        "rate >= 0.8", rival / ours >= 0.8)

    for what, arguments in {
        "capture by snapshot": ("backup", "snapshots"), "capture by points": ("backup", "points"), "recovery by snapshot": site.restoring("snapshots"), "writing points": site.restoring("points"),
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
            "snapshots.yaml": BY_SNAPSHOT.format(name=NAME), "points.yaml": BY_POINTS.format(name=NAME)}.items():
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

    def fetching(self):
        """How long the download took in a capture by snapshot. What happens within a step is told to a terminal only."""
        ours, its = pty.openpty()
        process = subprocess.Popen(
            self.command("backup", "snapshots"), env=self.world.program_environment, stdout=subprocess.DEVNULL, stderr=its)
        os.close(its)
        words, begun, ended = [], None, None
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            try:
                while piece := terminal.read(4096):
                    now = time.monotonic()
                    words.append(piece.decode(errors="replace"))
                    said = "".join(words)
                    if begun is None and " bytes" in said:
                        begun = now
                    if ended is None and "fetched '" in said:
                        ended = now
            except OSError:  # the other end was closed
                pass
        self.demand(process.wait() == 0 and begun and ended, ("backup", "snapshots"), process.returncode, "".join(words))
        return ended - begun

    def restoring(self, policy):
        store = f"{self.folder}/store/{policy}"
        backup = f"{policy}/{sorted(os.listdir(store))[-1]}/vectors"
        return (
            "run", f"{self.folder}/{policy}.yaml", "--target", "vectors=vectors", "--backup", f"{policy}={backup}", "--confirm", "vectors")

    def restore(self, policy, step):
        """How long that step took, without the proof that is due before the drop."""
        self.run(*self.restoring(policy), "--json")
        runs = sorted(os.listdir(f"{self.folder}/state/runs"))
        with open(f"{self.folder}/state/runs/{runs[-1]}/journal.jsonl") as lines:
            events = [json.loads(line)["event"] for line in lines if line.strip("\0 \n")]
        return [event["data"] for event in events if event["event"] == "step.ended"][step]["seconds"]
