"""One shard: a folder, and the engine's only handle on it (contract 13)."""

import contextlib
import json
import os
import re
import shutil
import threading

import qdrant_edge as edge

from . import config as configuration
from .answers import Failure, broken, not_found, wrong_input

DIRTY = "Dirty shard - shard is not fully initialized"
NOT_RESTORED = "Failed to restore local replica"


class Shard:
    def __init__(self, number, folder, settings):
        self.number = number
        self.folder = folder
        self.settings = settings
        self.handle = None
        self.trouble = None  # why it cannot be used, in the server's words
        self.absent = False  # being replaced by a recover
        self.unflushed = False
        self.lock = threading.RLock()  # around every use of the handle
        self.writing = threading.RLock()  # so that nobody writes while a snapshot packs the files

    # --- opening and closing ----------------------------------------------------------------------------------------------

    @property
    def flag(self):
        """Says that the shard is being replaced. The server's name for it, at the same place."""
        return os.path.join(os.path.dirname(self.folder), f"shard_{self.number}.initializing")

    def create(self, config):
        os.makedirs(self.folder, exist_ok=True)
        params = _edge_config(config)
        if params is None:
            # The engine does not create a shard without any vector, but it does load one.
            with open(os.path.join(self.folder, "edge_config.json"), "w") as file:
                json.dump({"vectors": {}, "sparse_vectors": {}}, file)
            self.handle = edge.EdgeShard.load(self.folder)
        else:
            self.handle = edge.EdgeShard.create(self.folder, params)
        self.handle.flush()
        _write_json(os.path.join(self.folder, "shard_config.json"), {"type": "ReplicaSet"})

    def load(self):
        if self.settings.recovery_mode:
            self.trouble = self.settings.recovery_mode
            return
        if os.path.exists(self.flag):
            self.trouble = DIRTY
            return
        self.open()

    def open(self):
        try:
            with self.lock:
                self.handle = edge.EdgeShard.load(self.folder)
                self.trouble, self.absent = None, False
        except BaseException as error:  # a panic of the engine is not an Exception
            raise broken(_words(error)) from None

    def close(self):
        with self.lock:
            if self.handle is not None:
                handle, self.handle = self.handle, None
                with contextlib.suppress(BaseException):
                    handle.flush()
                handle.close()

    def discard(self):
        """Stops the shard and deletes its data, the first half of a recover's last act (contract 6, step 4)."""
        with self.writing, self.lock:
            _write_json(self.flag, {})
            self.absent, self.trouble = True, None
            if self.handle is not None:
                handle, self.handle = self.handle, None
                handle.close()
        for name in ("segments", "wal"):
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(self.folder, "edge_config.json"))

    def adopt(self, folder):
        """Takes over the segments and the WAL in `folder`, the second half."""
        os.makedirs(self.folder, exist_ok=True)
        for name in ("segments", "wal"):
            source = os.path.join(folder, name)
            if os.path.isdir(source):
                shutil.move(source, os.path.join(self.folder, name))
        _write_json(os.path.join(self.folder, "shard_config.json"), {"type": "ReplicaSet"})
        self.open()

    def whole_again(self):
        os.remove(self.flag)

    def lost(self):
        """A recover failed in its last act: the old data is gone, and the new is not there."""
        with self.lock:
            if self.handle is not None:
                self.handle.close()
                self.handle = None
            self.absent, self.trouble = False, NOT_RESTORED

    # --- using --------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def reading(self, what, of=1):
        with self.lock:
            if self.handle is None:
                raise broken(f"{of} of {of} read operations failed:\n  Service internal error: {self._why_not(what)}")
            try:
                yield self.handle
            except Failure:
                raise
            except BaseException as error:
                raise _as_failure(error) from None

    @contextlib.contextmanager
    def updating(self, wait):
        with self.writing, self.lock:
            if self.handle is None:
                raise broken(self._why_not("Update Points"))
            try:
                yield self.handle
            except Failure:
                raise
            except BaseException as error:
                raise _as_failure(error) from None
            finally:
                self.unflushed = True
                if wait and self.handle is not None:
                    self.flush()

    def flush(self):
        with self.writing, self.lock:
            if self.handle is not None and self.unflushed:
                self.handle.flush()
                self.unflushed = False

    def _why_not(self, what):
        if self.absent:
            return f"Local shard {self.number} not found"
        if self.settings.is_1_16:
            return self.trouble
        return f"Failed to {what},  {self.trouble}"

    def why_no_snapshot(self):
        if self.handle is not None:
            return None
        return self._why_not("get_snapshot_creator")


def _write_json(path, value):
    with open(path, "w") as file:
        json.dump(value, file, separators=(",", ":"))


def _words(error):
    text = str(error)
    inner = re.search(r"Service runtime error: (IO Error: .*)", text, re.S)
    if inner:
        text = inner.group(1)
        text = text[text.rfind("Service runtime error: ") + len("Service runtime error: "):] if "Service runtime error: " in text else text
    return text


def _as_failure(error):
    """The engine's complaint with the server's status."""
    text = str(error)
    if text.startswith("No point with id"):
        return not_found(f"{text} found")
    if text.startswith("Service runtime error") or not isinstance(error, Exception):
        return broken(_words(error))
    return wrong_input(text)


# --- the engine's configuration ---------------------------------------------------------------------------------------------

_DATATYPES = {"float32": "Float32", "float16": "Float16", "uint8": "Uint8"}


def _edge_config(config):
    vectors = {name: _vector(vector) for name, vector in configuration.vectors_by_name(config).items()}
    sparse = {name: _sparse(vector) for name, vector in configuration.sparse_by_name(config).items()}
    if not vectors and not sparse:
        return None
    return edge.EdgeConfig(vectors=vectors, sparse_vectors=sparse, on_disk_payload=config["params"].get("on_disk_payload", True))


def _vector(vector):
    datatype = vector.get("datatype")
    if datatype is not None and datatype not in _DATATYPES:
        raise wrong_input(f"the stand-in's engine has no datatype {datatype}")
    return edge.EdgeVectorParams(
        size=vector["size"],
        distance=getattr(edge.Distance, vector["distance"]),
        on_disk=vector.get("on_disk"),
        multivector_config=edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim) if vector.get("multivector_config") else None,
        datatype=datatype and getattr(edge.VectorStorageDatatype, _DATATYPES[datatype]),
    )


def _sparse(vector):
    index = vector.get("index") or {}
    return edge.EdgeSparseVectorParams(
        full_scan_threshold=index.get("full_scan_threshold"),
        on_disk=index.get("on_disk"),
        modifier=edge.Modifier.Idf if vector.get("modifier") == "idf" else None,
    )
