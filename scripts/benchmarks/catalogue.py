"""A store that has been in use for years."""
import datetime
import hashlib
import json
import os
import shutil
import statistics

from table import seconds

COUNT = 10_000
TIMES = 15


def check(world, table):
    fill(world)
    # Who checks has not just written ten thousand sets.
    os.sync()
    taken = []
    for _ in range(TIMES):
        # What is found wanting does not matter here: nothing of this was ever proven.
        output, took = world.run("check", "thousands", expecting=(0, 1))
        taken.append(took)
    table.add(f"check on a catalogue of {COUNT} backups", seconds(statistics.median(taken)), "", "", "<= 200 ms", statistics.median(taken) <= 0.2)
    shutil.rmtree(f"{world.folder}/store/thousands")


def fill(world):
    """Backups of policy `thousands`, an hour apart, the newest a moment old: copies of a real one under other names and dates."""
    source = world.newest_backup("small")
    folder = f"{world.folder}/store/{source}"
    with open(f"{folder}/manifest.json") as file:
        manifest = json.load(file)
    with open(f"{os.path.dirname(folder)}/set.json") as file:
        end = json.load(file)
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)
    for number in range(COUNT):
        write(world, folder, manifest, end, now - datetime.timedelta(hours=number))


def write(world, source, manifest, end, moment):
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    name = moment.strftime("%Y%m%dT%H%M%SZ") + "-aaaaaa"
    path = f"{world.folder}/store/thousands/{name}"
    os.makedirs(f"{path}/small/dump")
    for artifact in manifest["artifacts"]:
        os.link(f"{source}/{artifact['key']}", f"{path}/small/{artifact['key']}")
    manifest = {**manifest, "id": f"thousands/{name}/small", "startedAt": stamp, "finishedAt": stamp, "recoveryPoint": stamp}
    manifest.pop("checksum", None)
    manifest["checksum"] = hashlib.sha256(compact(manifest)).hexdigest()
    sealed = compact(manifest)
    keep(f"{path}/small/manifest.json", sealed)
    member = {**end["members"][0], "manifestSHA256": hashlib.sha256(sealed).hexdigest()}
    keep(
        f"{path}/set.json",
        compact({**end, "policy": "thousands", "set": name, "members": [member], "recoveryPoint": stamp, "finishedAt": stamp}))


def compact(value):
    """As the program itself writes it to hash it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def keep(path, content):
    with open(path, "wb") as file:
        file.write(content)
