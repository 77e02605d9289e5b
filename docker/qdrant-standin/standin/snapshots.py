"""Making, listing and deleting snapshots, in the server's layout (contract 4, 5 and 9)."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time

from .activity import hold
from .answers import broken, not_found
from .archive import Reader, Writer

SUFFIX = ".snapshot"


class _Hashing:
    """A file that is being written, and the SHA-256 of it."""

    def __init__(self, file):
        self.file = file
        self.hash = hashlib.sha256()

    def write(self, data):
        self.file.write(data)
        self.hash.update(data)


# --- making -------------------------------------------------------------------------------------------------------------------


def create(storage, collection):
    """One in the same second replaces the earlier one: the name has no more than seconds (contract 4)."""
    name = f"{collection.name}-{storage.peer}-{_now(storage)}{SUFFIX}"
    with storage.activity.snapshot(collection.name), scratch(storage) as folder:
        collection.refuse_snapshot_of_troubled_shards()
        try:
            packed = [_pack(shard, os.path.join(folder, str(shard.number))) for shard in collection.shards]
        except OSError as error:
            raise broken("failed to create snapshot: Service internal error: Failed to flush id_tracker mapping: "
                         f"Service runtime error: IO Error: {error}") from None
        hold(storage.settings.snapshot_pause)

        def fill(tar):
            for shard, parts in zip(collection.shards, packed):
                _add_shard(tar, f"{shard.number}/", parts, collection)
            _add_collection(tar, collection)

        return _write(storage.snapshot_folder(collection.name), name, folder, fill)


def create_of_shard(storage, collection, number):
    shard = find_shard(collection, number)
    name = f"{collection.name}-shard-{shard.number}-{_now(storage)}{SUFFIX}"
    with storage.activity.snapshot(collection.name), scratch(storage) as folder:
        collection.refuse_snapshot_of_troubled_shards()
        parts = _pack(shard, os.path.join(folder, "shard"))
        hold(storage.settings.snapshot_pause)
        return _write(shard_folder(storage, collection, shard), name, folder, lambda tar: _add_shard(tar, "", parts, collection))


def stream_shard(storage, collection, number):
    """(name, chunks) of the form without inner tars."""
    shard = find_shard(collection, number)
    collection.refuse_snapshot_of_troubled_shards()
    name = f"{collection.name}-shard-{shard.number}-{_now(storage)}{SUFFIX}"
    folder = os.path.join(storage.snapshots, "tmp", secrets.token_hex(6))
    os.makedirs(folder)
    path = os.path.join(folder, "streamed")
    with shard.writing, open(path, "wb") as file:
        shard.flush()
        tar = Writer(file)
        segments = os.path.join(shard.folder, "segments")
        for segment in sorted(os.listdir(segments)):
            for inside, full in _files(os.path.join(segments, segment)):
                tar.file(f"segments/{segment}/files/{inside}", full)
        for inside, full in _files(os.path.join(shard.folder, "wal")):
            tar.file(f"wal/{inside}", full)
        _add_states(tar, "", collection)
        tar.end()

    def chunks():
        try:
            with open(path, "rb") as file:
                while data := file.read(1 << 18):
                    yield data
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return name, chunks()


def create_full(storage):
    """Takes a snapshot of every collection beside the others, and removes it again: one that was taken in the same second has the
    same name, and goes with it (contract 0.3)."""
    name = f"full-snapshot-{_now(storage)}{SUFFIX}"
    mapping, made = {}, []
    with scratch(storage) as folder:
        for collection_name in sorted(storage.collections):
            collection = storage.collections[collection_name]
            made.append((collection_name, create(storage, collection)["name"]))
            mapping[collection_name] = made[-1][1]
        listed = json.dumps({"collections_mapping": mapping, "collections_aliases": storage.aliases}, indent=2)

        def fill(tar):
            for collection_name, file_name in made:
                tar.file(file_name, os.path.join(storage.snapshot_folder(collection_name), file_name))
            tar.data("config.json", listed.encode())

        described = _write(storage.snapshots, name, folder, fill)
        for collection_name, file_name in made:
            with contextlib.suppress(FileNotFoundError):
                remove(os.path.join(storage.snapshot_folder(collection_name), file_name))
    return described


def _pack(shard, folder):
    """The shard's files as they are now, so that writes may go on afterwards: one tar for each segment, and the WAL."""
    os.makedirs(folder)
    packed = {"segments": [], "wal": []}
    with shard.writing:
        shard.flush()
        segments = os.path.join(shard.folder, "segments")
        for segment in sorted(os.listdir(segments)):
            path = os.path.join(folder, f"{segment}.tar")
            with open(path, "wb") as file:
                tar = Writer(file)
                for inside, full in _files(os.path.join(segments, segment)):
                    tar.file(f"snapshot/files/{inside}", full)
                tar.end()
            packed["segments"].append((f"segments/{segment}.tar", path))
        # An empty WAL would start the numbers of operations again, and later updates would be ignored (contract 13).
        path = os.path.join(folder, "wal.tar")
        with open(path, "wb") as file:
            tar = Writer(file)
            for inside, full in _files(os.path.join(shard.folder, "wal")):
                tar.file(f"wal/{inside}", full)
        packed["wal"] = path
    return packed


def _add_shard(tar, prefix, parts, collection):
    for name, path in parts["segments"]:
        tar.file(prefix + name, path, mtime=0)
    _add_wal(tar, prefix, parts["wal"])
    _add_states(tar, prefix, collection)


def _add_wal(tar, prefix, path):
    with open(path, "rb") as file:
        for entry in (reader := Reader(file)):
            unpacked = path + ".part"
            reader.extract(entry, unpacked)
            tar.file(prefix + entry.name, unpacked)
            os.remove(unpacked)


def _add_states(tar, prefix, collection):
    tar.data(f"{prefix}replica_state.json", _json(collection.replica_state))
    tar.data(f"{prefix}shard_config.json", _json({"type": "ReplicaSet"}))


def _add_collection(tar, collection):
    tar.data("version.info", b"0.4.2")
    tar.data("config.json", _json(collection.config))
    tar.data("shard_key_mapping.json", b"[]")
    tar.data("payload_index.json", _json({"schema": collection.schema}))


def _files(folder):
    """(path inside, path) of every file below a folder."""
    found = []
    for place, _, names in os.walk(folder):
        found += [(os.path.relpath(os.path.join(place, name), folder), os.path.join(place, name)) for name in names]
    return sorted(found)


def _write(folder, name, scratch_folder, fill):
    path = os.path.join(scratch_folder, "snapshot")
    with open(path, "wb") as file:
        sink = _Hashing(file)
        tar = Writer(sink)
        fill(tar)
        tar.end()
    os.makedirs(folder, exist_ok=True)
    os.replace(path, os.path.join(folder, name))
    with open(os.path.join(folder, f"{name}.checksum"), "w") as file:
        file.write(sink.hash.hexdigest())
    return describe(folder, name)


@contextlib.contextmanager
def scratch(storage):
    folder = os.path.join(storage.snapshots, "tmp", secrets.token_hex(6))
    os.makedirs(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _now(storage):
    """The time in names. A test that needs two snapshots in one second, or in two, names a file that tells the time."""
    clock = storage.settings.clock
    return time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime(os.stat(clock).st_mtime if clock else None))


# --- those that are there --------------------------------------------------------------------------------------------------------


def describe(folder, name):
    status = os.stat(os.path.join(folder, name))
    described = {"name": name, "creation_time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(status.st_mtime)), "size": status.st_size}
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, f"{name}.checksum")) as file:
        # What an upload left behind is stale, and shown all the same (contract 4).
        described["checksum"] = file.read().strip()
    return described


def listing(folder):
    found = []
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(SUFFIX) and entry.is_file():
                with contextlib.suppress(FileNotFoundError):
                    found.append(describe(folder, entry.name))
    return found


def existing(folder, name, said=None):
    """The path of a snapshot. No name leads out of the folder."""
    path = os.path.join(folder, name)
    if "/" in name or name in ("", ".", "..") or not os.path.isfile(path):
        raise not_found(f"Snapshot {said or name} not found")
    return path


def remove(path):
    os.remove(path)
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{path}.checksum")


def find_shard(collection, number):
    for shard in collection.shards:
        if shard.number == number:
            return shard
    raise not_found(f"shard {number} not found")


def shard_folder(storage, collection, shard):
    return os.path.join(storage.snapshot_folder(collection.name), "shards", str(shard.number))
