"""What a disposable server in a container costs beyond the same with the docker client."""
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys

from drilling import moment
from pairs import alternate
from table import seconds

# As one would type it: a network that leads nowhere, the container, a login that works, and all of it away again.
SCRIPT = """
set -eu
docker run --detach --name "$name" --env POSTGRES_PASSWORD="$password" --env POSTGRES_INITDB_ARGS='--encoding=UTF8 --locale=C.UTF-8 --no-sync' "$image" >/dev/null
address=$(docker inspect --format '{{.NetworkSettings.IPAddress}}' "$name")
until PGPASSWORD=$password "$programs/psql" -Xqtc 'SELECT 1' -h "$address" -U postgres >/dev/null 2>&1; do sleep 0.01; done
docker rm --force --volumes "$name" >/dev/null
"""

DRILL = """
drill: contained
environment:
  db: {{engine: postgres, image: "{image}"}}
runs:
  - runbook: create.yaml
    targets: {{db: db}}
    backups: {{dump: {{policy: small, target: small, pick: latest}}}}
"""

# As little as a runbook can do: the server is what is timed.
RUNBOOK = """
runbook: create
title: Create an empty database
version: 1
targets: {db: postgres}
backups: {dump: postgres}
steps:
  - {name: Create it, postgres.create-database: {database: empty, like: dump}}
"""

# The same, with a stand-in of an application that asks the server what a client asks first, by the way that the drill goes and past it.
RELAYED = """
drill: relayed
environment:
  db: {{engine: postgres, image: "{image}"}}
  client: {{app: {{command: {command}, uses: db}}}}
given:
  - name: Leave it the time
    postgres.sql: {{database: postgres, sql: SELECT pg_sleep(4)}}
runs:
  - runbook: create.yaml
    targets: {{db: db}}
    backups: {{dump: {{policy: small, target: small, pick: latest}}}}
"""

PROBE = """
import ctypes, json, os, socket, statistics, subprocess, sys, time, urllib.parse
answer, docker = sys.argv[1:3]
relay = urllib.parse.urlsplit(os.environ["DATABASE_URL"])

def ask(*words):
    return subprocess.run([docker, *words], check=True, capture_output=True, text=True).stdout.strip()

def greet(address):
    begun = time.monotonic()
    with socket.create_connection(address, 5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Does it speak TLS? One byte says so.
        connection.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
        connection.recv(1)
    return time.monotonic() - begun

os.environ["DOCKER_HOST"] = os.environ.get("DOCKER_HOST") or sys.argv[3]
pid = ask("inspect", "--format", "{{.State.Pid}}", ask("ps", "--quiet", "--filter", "label=io.lifeboat.drill=relayed").split()[0])
libc = ctypes.CDLL(None, use_errno=True)
ours, theirs = (os.open(f"/proc/{which}/ns/net", os.O_RDONLY) for which in ("self", pid))
taken = ([], [])
for turn in range(100):
    taken[0].append(greet((relay.hostname, relay.port)))
    assert libc.setns(theirs, 0) == 0
    taken[1].append(greet(("127.0.0.1", 5432)))
    assert libc.setns(ours, 0) == 0
with open(answer, "w") as file:
    json.dump([statistics.median(times) for times in taken], file)
time.sleep(1000)
"""


def container(world, table):
    """From the start of the drill's servers to the first login, and from its last step to the removal of the last volume; and the same
    by a script, in turns. A network of its own and the look at what is reached from inside are ours alone."""
    image = os.environ.get("LIFEBOAT_TEST_DOCKER_PGVECTOR")
    if not image or not shutil.which("docker"):
        world.say("no container engine answers here, or it lacks the test images (make docker-images)")
        table.add("a server in a container", "not measured: there is no container engine, or it lacks the test images")
        return
    world.newest_backup("small")
    world.write("create.yaml", RUNBOOK)
    world.write("contained.yaml", DRILL.format(image=image))
    parts = []
    ours, rival = alternate(lambda: parts.append(contained(world)), lambda: by_hand(world, image), times=7)
    starts, ends = zip(*parts)
    own = statistics.median(start + end for start, end in parts)
    beyond = own - rival
    table.add("a container from start to login", seconds(statistics.median(starts)))
    table.add("and from the last step to its removal", seconds(statistics.median(ends)))
    table.add("both beyond what docker needs", seconds(own), seconds(rival), seconds(beyond), "<= 300 ms more", beyond <= 0.3)
    relay(world, table, image)


def relay(world, table, image):
    """What each new connection costs more than one from inside the container's own network. It is no part of the figures above: from
    there on, a relay only hands bytes across."""
    if os.geteuid() != 0:
        table.add("a connection through the relay", "not measured: only root has one")
        return
    answer = f"{world.folder}/relay.json"
    world.write("relay.py", PROBE)
    # What it was given: stand-ins inherit nothing.
    host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    words = json.dumps([sys.executable, f"{world.folder}/relay.py", answer, shutil.which("docker"), host])
    world.write("relayed.yaml", RELAYED.format(image=image, command=words))
    world.run("drill", f"{world.folder}/relayed.yaml", "--environment", "docker", expecting=(2,))
    with open(answer) as file:
        through, past = json.load(file)
    table.add("a connection through the relay", milliseconds(through), milliseconds(past), milliseconds(through - past))


def milliseconds(value):
    return f"{value * 1000:.2f} ms"


def contained(world):
    # It verifies nothing, and says so with 2.
    world.run("drill", f"{world.folder}/contained.yaml", "--environment", "docker", expecting=(2,))
    events = world.journal()
    started = next(event["event"]["data"] for event in events if event["event"]["event"] == "environment.started")
    last_step = max(moment(event["at"]) for event in events if event["event"]["event"] == "step.ended")
    ended = next(moment(event["at"]) for event in events if event["event"]["event"] == "environment.ended")
    return started["seconds"], ended - last_step


def by_hand(world, image):
    values = {"name": f"lifeboat-bench-{secrets.token_hex(6)}", "password": world.password, "image": image, "programs": world.programs}
    subprocess.run(["sh", "-c", SCRIPT], check=True, env={**os.environ, **values})
