"""What a disposable server in a container costs beyond the same with the docker client."""
import os
import secrets
import shutil
import statistics
import subprocess

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
