"""The options of the program, which restore before anything is served (contract 5.2)."""

import argparse
import json
import os
import shutil
import sys

from . import recover
from .answers import Failure
from .archive import Malformed, Reader


class Panic(Exception):
    """Ends the program with 101, as a panic of the server does."""


def options(arguments):
    parser = argparse.ArgumentParser(prog="qdrant-standin", allow_abbrev=False)
    parser.add_argument("--storage-snapshot", metavar="FILE")
    parser.add_argument("--snapshot", metavar="FILE:COLLECTION", action="append", default=[])
    parser.add_argument("--force-snapshot", action="store_true")
    parser.add_argument("--config-path", help="read by nobody: the environment decides")
    parser.add_argument("--disable-telemetry", action="store_true", help="there is none")
    parser.add_argument("--version", action="version", version="qdrant-standin, on the engine of qdrant-edge-py 0.8.0")
    return parser.parse_args(arguments)


def restore(storage, given):
    if given.storage_snapshot:
        _whole_storage(storage, given.storage_snapshot, given.force_snapshot)
    for one in given.snapshot:
        file, _, name = one.rpartition(":")
        if not file:
            raise Panic(f"Collection name is missing: {one}")
        _collection(storage, file, name, given.force_snapshot)


def _whole_storage(storage, file, force):
    folder = os.path.join(storage.root, "snapshots_recovery_tmp")
    _unpack(file, folder)
    with open(os.path.join(folder, "config.json")) as listed:
        config = json.load(listed)
    for name, inside in config["collections_mapping"].items():
        _collection(storage, os.path.join(folder, inside), name, force)
    storage.set_aliases(config.get("collections_aliases", {}))
    shutil.rmtree(folder)


def _unpack(file, folder):
    """What a failed start has left there makes every later one fail (contract 0.12)."""
    try:
        with open(file, "rb") as source:
            os.makedirs(folder, exist_ok=True)
            reader = Reader(source)
            for entry in reader:
                path = os.path.join(folder, os.path.basename(entry.name))
                if os.path.exists(path):
                    raise Panic(f'failed to unpack `{path}`: Os {{ code: 17, kind: AlreadyExists, message: "File exists" }}')
                reader.extract(entry, path)
    except FileNotFoundError:
        raise Panic(f'Error {{ kind: OpenFile, source: Os {{ code: 2, kind: NotFound }}, path: "{file}" }}') from None
    except Malformed as error:
        raise Panic(str(error)) from None
    if not os.path.exists(os.path.join(folder, "config.json")):
        raise Panic(f"failed to open file `{folder}/config.json`: No such file or directory (os error 2)")


def _collection(storage, file, name, force):
    if os.path.exists(storage.folder(name)):
        if not force:
            raise Panic(f"Collection {name} already exists. Use --force-snapshot to overwrite it.")
        shutil.rmtree(storage.folder(name))
    try:
        if not os.path.exists(file):
            raise Panic(f'Failed to recover snapshot {name}: Snapshot file "{file}" does not exist')
        recover.recover_file(storage, name, file)
    except Failure as failure:
        raise Panic(f"Failed to recover snapshot {name}: {failure.text}") from None
    finally:
        # Loaded again with the others, from what is on the disk.
        collection = storage.collections.pop(name, None)
        if collection is not None:
            collection.close()


def panic(words):
    print(f"ERROR qdrant-standin: Panic occurred: {words}", file=sys.stderr, flush=True)
    # Not sys.exit: threads of the engine may not wait for each other after a panic.
    os._exit(101)
