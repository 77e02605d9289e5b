"""A collection: its configuration, its registered payload indexes, and its shards."""

import contextlib
import itertools
import json
import os
import threading

from . import config as configuration
from . import indexes
from .answers import broken
from .shard import Shard


class Collection:
    def __init__(self, name, folder, config, settings, peer):
        self.name = name
        self.folder = folder
        self.config = config
        self.settings = settings
        self.peer = peer
        self.schema = {}  # the payload indexes that were registered; segments may have others (contract 6.3)
        self.operations = itertools.count(1)
        self.recovering = threading.Lock()
        # On one node a collection with custom sharding has no shards until somebody makes one, which is refused there.
        custom = config["params"].get("sharding_method") == "custom"
        count = 0 if custom else config["params"]["shard_number"]
        self.shards = [Shard(number, os.path.join(folder, str(number)), settings) for number in range(count)]

    # --- on disk ------------------------------------------------------------------------------------------------------------

    @staticmethod
    def load(name, folder, settings, peer):
        with open(os.path.join(folder, "config.json")) as file:
            collection = Collection(name, folder, json.load(file), settings, peer)
        with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, "payload_index.json")) as file:
            collection.schema = json.load(file).get("schema", {})
        for shard in collection.shards:
            shard.load()
        return collection

    def create(self):
        os.makedirs(self.folder)
        for shard in self.shards:
            shard.create(self.config)
            self.write_replica_state(shard)
        self.save()

    def write_replica_state(self, shard):
        with open(os.path.join(shard.folder, "replica_state.json"), "w") as file:
            json.dump(self.replica_state, file, separators=(",", ":"))

    @property
    def replica_state(self):
        return {"is_local": True, "this_peer_id": self.peer, "peers": {str(self.peer): "Active"}}

    def save(self):
        for name, value in (("config.json", self.config), ("payload_index.json", {"schema": self.schema})):
            path = os.path.join(self.folder, name)
            with open(path + ".new", "w") as file:
                json.dump(value, file, separators=(",", ":"))
            os.replace(path + ".new", path)

    def close(self):
        for shard in self.shards:
            shard.close()

    def flush(self):
        for shard in self.shards:
            shard.flush()

    # --- what it is -----------------------------------------------------------------------------------------------------------

    def info(self):
        counts = {"points": 0, "indexed": 0, "segments": 0}
        schema = {}
        for shard in self.shards:
            with shard.reading("Get Info") as handle:
                info = handle.info()
            counts["points"] += info.points_count
            counts["indexed"] += info.indexed_vectors_count
            counts["segments"] += info.segments_count
            indexes.add_to(schema, info.payload_schema, self.schema)
        answer = {
            "status": "green", "optimizer_status": "ok", "indexed_vectors_count": counts["indexed"],
            "points_count": counts["points"], "segments_count": counts["segments"],
            "config": configuration.shown(self.config), "payload_schema": schema,
        }
        if not self.settings.is_1_16:
            answer["update_queue"] = {"length": 0}
        return answer

    def cluster_info(self):
        shards = []
        for shard in self.shards:
            count = 0
            with contextlib.suppress(Exception), shard.reading("Get Info") as handle:
                count = handle.info().points_count
            shards.append({"shard_id": shard.number, "points_count": count, "state": "Active"})
        return {"peer_id": self.peer, "shard_count": len(self.shards), "local_shards": shards, "remote_shards": [],
                "shard_transfers": []}

    def refuse_snapshot_of_troubled_shards(self):
        for shard in self.shards:
            why = shard.why_no_snapshot()
            if why:
                raise broken(f"failed to create snapshot: Service internal error: {why}" if self.settings.is_1_16 else why)
