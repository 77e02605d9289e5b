"""What a recover does, in the server's order (contract 6)."""

import json
import os
import shutil

import qdrant_edge as edge

from . import config as configuration
from . import sources
from .activity import hold
from .answers import Failure, broken, wrong_input
from .archive import unpack_file

PARTS_OF_A_SHARD = ("shard_config.json", "replica_state.json")


def recover(storage, name, source):
    """Into the collection of that name, or the one behind that alias, or a new one."""
    target = storage.resolved(name)
    with storage.activity.recover(target) as work:
        folder = storage.new_temporary(f"col-{target}-recovery-")
        try:
            path = sources.fetch(source, storage, folder)
            unpacked = os.path.join(folder, "unpacked")
            os.makedirs(unpacked)
            _unpack(storage, path, unpacked, source)
            _into_collection(storage, target, unpacked, work)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def recover_file(storage, name, path, checksum=None):
    """A file that came by upload, or was named when the program started."""
    target = storage.resolved(name)
    with storage.activity.recover(target) as work:
        folder = storage.new_temporary(f"col-{target}-recovery-")
        try:
            _unpack(storage, path, folder, sources.Source(path, checksum, None))
            _into_collection(storage, target, folder, work)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _unpack(storage, path, folder, source):
    """1. Unpack, and look at the checksum if there is one; without one damaged bytes pass (contract 0.1)."""
    if os.path.isdir(path):
        raise _unreadable(storage, path, source)
    if source.checksum is not None:
        found = sources.sha256(path)
        if found != source.checksum:
            raise wrong_input(f"Snapshot checksum mismatch: expected {source.checksum}, got {found}")
    try:
        unpack_file(path, folder)
    except Failure as failure:
        if "reached unknown entry" in failure.text:
            raise _unreadable(storage, path, source) from None
        if "Forbidden entry type" in failure.text and storage.settings.is_1_16:
            raise wrong_input(f"Validation failed: malformed snapshot archive {path}: archive contains Symlink entry") from None
        raise


def _unreadable(storage, path, source):
    if storage.settings.is_1_16:
        return broken(f"failed to read snapshot archive {path}")
    if source.location.startswith("http"):
        return broken("Failed to unpack tar archive: Malformed tar archive, reached unknown entry")
    return broken("File IO error: Malformed tar archive, reached unknown entry")


def _into_collection(storage, name, folder, work):
    config = _config(folder)
    _unpack_shards(storage, config, folder)
    with storage.lock:
        collection = storage.collections.get(name)
        created = collection is None
        if created:
            collection = storage.add(name, config)
            collection.schema = _schema(folder)
            collection.save()
    if not created:
        configuration.check_compatible(collection.config, config)
    with collection.recovering:
        for shard in collection.shards:
            _replace(storage, collection, shard, os.path.join(folder, str(shard.number)), work)


def _config(folder):
    path = os.path.join(folder, "config.json")
    try:
        with open(path) as file:
            config = json.load(file)
    except FileNotFoundError:
        raise broken(f"File IO error: failed to open file `{path}`: No such file or directory (os error 2)") from None
    except ValueError as error:
        raise broken(f"Json error: {error}") from None
    if not isinstance(config, dict) or "params" not in config:
        raise broken("Json error: missing field `params` at line 9 column 1")
    return config


def _schema(folder):
    try:
        with open(os.path.join(folder, "payload_index.json")) as file:
            return json.load(file).get("schema", {})
    except (OSError, ValueError):
        return {}


def _unpack_shards(storage, config, folder):
    custom = config["params"].get("sharding_method") == "custom"
    for number in range(0 if custom else config["params"]["shard_number"]):
        unpack_shard(storage, os.path.join(folder, str(number)))


def unpack_shard(storage, folder):
    """Looks whether the parts of a shard are there, and unpacks the tars of its segments."""
    if not os.path.exists(os.path.join(folder, "shard_config.json")):
        raise broken(f"Can't read shard config at {folder}")
    if not os.path.exists(os.path.join(folder, "replica_state.json")):
        raise broken(f"Can't restore snapshot in local mode with missing data at shard: {folder}")
    segments = os.path.join(folder, "segments")
    if not os.path.isdir(segments):
        kind = "File IO error" if storage.settings.is_1_16 else "IO Error"
        raise broken(f"{kind}: failed to read directory `{segments}`: No such file or directory (os error 2)")
    for entry in sorted(os.listdir(segments)):
        path = os.path.join(segments, entry)
        if entry.endswith(".tar"):
            inner = path[:-4]
            unpack_file(path, inner)
            os.remove(path)
            _lift(inner, os.path.join(inner, "snapshot", "files"))
            shutil.rmtree(os.path.join(inner, "snapshot"), ignore_errors=True)
        elif os.path.isdir(os.path.join(path, "files")):
            # The streamed form.
            _lift(path, os.path.join(path, "files"))
            shutil.rmtree(os.path.join(path, "files"), ignore_errors=True)


def _lift(folder, files):
    if os.path.isdir(files):
        for name in os.listdir(files):
            shutil.move(os.path.join(files, name), os.path.join(folder, name))


def _replace(storage, collection, shard, folder, work):
    """4. From here on a failure costs the old data (contract 6.2), and a kill leaves a dirty shard (contract 0.5)."""
    wal = os.path.join(folder, "wal")
    if not (os.path.isdir(wal) and os.listdir(wal)) and not storage.settings.is_1_16:
        raise wrong_input(f"Replica {collection.peer} of shard {shard.number} has state Some(Active), but expected Some(ManualRecovery)")
    shard.discard()
    hold(storage.settings.recover_pause)
    try:
        if work.met_other:
            raise broken(f"File IO error: failed to remove directory `./storage/collections/{collection.name}/{shard.number}/segments`: "
                         "Directory not empty (os error 39)")
        shard.adopt(folder)
        collection.write_replica_state(shard)
        _make_vectors_fit(storage, collection, shard)
    except BaseException:
        shard.lost()
        raise
    shard.whole_again()


def _make_vectors_fit(storage, collection, shard):
    """1.18 takes other dimensions, and a lack of sparse vectors; 1.16 fails, with the data gone (contract 0.10, 6.3)."""
    with open(os.path.join(shard.folder, "edge_config.json")) as file:
        there = json.load(file)
    sparse = there.get("sparse_vectors") or {}
    missing = [name for name in configuration.sparse_by_name(collection.config) if name not in sparse]
    if storage.settings.is_1_16:
        _refuse_other_vectors(configuration.vectors_by_name(collection.config), there.get("vectors") or {}, missing, sparse)
    for name in missing:
        with shard.updating(True) as handle:
            handle.update(edge.UpdateOperation.create_sparse_vector(name))


def _refuse_other_vectors(ours, theirs, missing, sparse):
    begins = "Vectors configuration is not compatible: origin"
    if missing:
        raise wrong_input(f"{begins} collection have vectors [{', '.join(missing)}], while other vectors [{', '.join(sorted(sparse))}]")
    for name, vector in ours.items():
        size = theirs.get(name, {}).get("size")
        if size != vector["size"]:
            raise wrong_input(f"{begins} vector {name} size: {vector['size']}, while other vector size: {size}")


def recover_shard(storage, collection, shard, path, checksum=None):
    """No look at the dimensions, and none at whose shard it is (contract 0.10)."""
    with storage.activity.recover(collection.name) as work:
        folder = storage.new_temporary(f"{collection.name}-shard-")
        try:
            _unpack(storage, path, folder, sources.Source(path, checksum, None))
            for part in PARTS_OF_A_SHARD:
                if not os.path.exists(os.path.join(folder, part)):
                    raise broken(f"Can't restore snapshot in local mode with missing data at shard: {folder}")
            unpack_shard(storage, folder)
            with collection.recovering:
                _replace(storage, collection, shard, folder, work)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
