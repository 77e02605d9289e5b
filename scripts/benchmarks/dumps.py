"""A dump of ArangoDB, verified beside what reads it and does nothing else."""
import gzip
import hashlib
import json
import os
import shutil
import subprocess

from pairs import alternate
from table import mebibytes, seconds
from watching import anonymous_bytes, watch
from world import FULL

TIMES = 3 if FULL else 5
# MB of unpacked lines.
SIZES = {"small": 200, "big": 2000 if FULL else 400}
RATE = 0.3
CEILING = 64 * 2**20
DIFFERENCE = 8 * 2**20


def write_dump(folder, megabytes):
    """Half of it documents, half edges between them, packed as arangodump packs them. Returns how many lines there are."""
    os.makedirs(folder)
    with open(f"{folder}/ENCRYPTION", "w") as file:
        file.write("none")
    with open(f"{folder}/dump.json", "w") as file:
        json.dump({"database": "bench", "lastTickAtDumpStart": "1", "useEnvelope": False,
                   "properties": {"id": "77", "name": "bench", "isSystem": False}}, file)
    documents = megabytes * 1_000_000 // 2 // 391
    edges = megabytes * 1_000_000 // 2 // 143

    def document(number):
        mixed = number * 2654435761 % 4294967296
        text = hashlib.md5(b"%d" % (number // 3)).hexdigest()
        numbers = ",".join(f"{(mixed >> shift) % 10000 / 10000}" for shift in range(16))
        return (
            f'{{"_key":"{number:09}","_id":"chunks/{number:09}","_rev":"_h{mixed:08x}--_","title":"{text}","page":{number % 900},'
            f'"body":"{text * 4}","weights":[{numbers}],"tags":{{"shelf":"{text[:6]}","lent":{"true" if mixed & 1 else "null"}}}}}\n')

    def edge(number):
        start, end = number * 7919 % documents, number * 104729 % documents
        return (
            f'{{"_key":"{number:09}","_id":"cites/{number:09}","_from":"chunks/{start:09}","_to":"chunks/{end:09}",'
            f'"_rev":"_i{number:08x}--_","since":{1900 + number % 120}}}\n')

    for name, type, count, line in (("chunks", 2, documents, document), ("cites", 3, edges, edge)):
        base = f"{folder}/{name}_{hashlib.md5(name.encode()).hexdigest()}"
        with open(f"{base}.structure.json", "w") as file:
            json.dump({"indexes": [], "parameters": {"name": name, "type": type, "id": str(100 + type), "isSystem": False}}, file)
        with gzip.open(f"{base}.data.json.gz", "wb", compresslevel=6) as file:
            for start in range(0, count, 5000):
                file.write("".join(map(line, range(start, min(count, start + 5000)))).encode())
    return documents + edges


def dumps(world, table):
    folders = {name: f"{world.folder}/dump-{name}" for name in SIZES}
    lines = {}
    for name, megabytes in SIZES.items():
        world.say(f"writing a dump of {megabytes} MB")
        lines[name] = write_dump(folders[name], megabytes)

    def verified(name):
        output, _ = world.run("arangodb", "verify-dump", folders[name], "--json")
        held = json.loads(output)["dumps"][0]["collections"]
        world.demand(sum(each["documents"] for each in held) == lines[name], ("arangodb", "verify-dump"), 0, output)

    def counted(name):
        script = f"zcat {folders[name]}/*.data.json.gz | wc -l"
        counted = int(subprocess.run(["sh", "-c", script], check=True, stdout=subprocess.PIPE).stdout)
        world.demand(counted == lines[name], ("zcat", "wc"), 0, str(counted))

    ours, theirs = alternate(lambda: verified("small"), lambda: counted("small"), TIMES)
    table.add(
        f"arangodb verify-dump of {SIZES['small']} MB beside zcat | wc -l", seconds(ours), seconds(theirs), f"{ours / theirs:.2f}",
        f"rate >= {RATE}", theirs / ours >= RATE)

    def peak(name):
        process = world.start("arangodb", "verify-dump", folders[name])
        words, seen = watch(process, anonymous_bytes)
        world.demand(process.returncode == 0, ("arangodb", "verify-dump"), process.returncode, words)
        return max(bytes for _, bytes in seen)

    small, big = peak("small"), peak("big")
    table.add(
        f"peak anonymous memory of arangodb verify-dump, {SIZES['big']} beside {SIZES['small']} MB", mebibytes(big), mebibytes(small),
        f"{big / small:.2f}", "< 64 MiB, within 8 MiB", big < CEILING and small < CEILING and abs(big - small) <= DIFFERENCE)
    for folder in folders.values():
        shutil.rmtree(folder)
