"""All collections and aliases of one server, in the official image's folders: storage/collections/{name}, storage/aliases."""

import contextlib
import json
import os
import secrets
import shutil
import threading

from .activity import Activity
from .answers import Failure, bad_request, broken, invalid, no_collection, not_found, wrong_input
from .collection import Collection

FORBIDDEN = '<>:"/\\|?*\0\x1f'


class Storage:
    def __init__(self, settings):
        self.settings = settings
        self.root = settings.storage
        self.snapshots = settings.snapshots
        self.collections = {}
        self.aliases = {}
        self.lock = threading.RLock()
        self.activity = Activity(settings)
        self.peer = None

    # --- starting and ending ------------------------------------------------------------------------------------------------

    def prepare(self):
        for folder in (self.root, self.snapshots, self._of_collections, os.path.dirname(self._alias_file)):
            os.makedirs(folder, exist_ok=True)
        # What a killed recover had unpacked, and a killed snapshot or upload had written.
        for folder in (self.temporary, os.path.join(self.snapshots, "tmp")):
            shutil.rmtree(folder, ignore_errors=True)
        path = os.path.join(self.root, "raft_state.json")
        if not os.path.exists(path):
            # The mark is ours: whoever reads the folder of a stopped server learns what it was.
            _write_json(path, {"this_peer_id": secrets.randbelow(2**53 - 1) + 1, "stand_in": True})
        with open(path) as file:
            self.peer = json.load(file)["this_peer_id"]

    def load(self):
        with contextlib.suppress(FileNotFoundError), open(self._alias_file) as file:
            self.aliases = json.load(file)
        for name in sorted(os.listdir(self._of_collections)):
            self.collections[name] = Collection.load(name, self.folder(name), self.settings, self.peer)

    def flush(self):
        for collection in list(self.collections.values()):
            collection.flush()

    def close(self):
        for collection in list(self.collections.values()):
            collection.close()

    @property
    def _of_collections(self):
        return os.path.join(self.root, "collections")

    @property
    def _alias_file(self):
        return os.path.join(self.root, "aliases", "data.json")

    @property
    def temporary(self):
        return os.path.join(self.root, "tmp")

    def folder(self, name):
        return os.path.join(self._of_collections, name)

    def snapshot_folder(self, name):
        return os.path.join(self.snapshots, name)

    # --- collections ----------------------------------------------------------------------------------------------------------

    def resolved(self, name):
        return self.aliases.get(name, name)

    def get(self, name):
        """The collection of that name, or behind that alias."""
        collection = self.collections.get(self.resolved(name))
        if collection is None:
            raise no_collection(name)
        return collection

    def create(self, name, config):
        self.refuse_name(name)
        with self.lock:
            if name in self.collections:
                raise Failure(409, f"Wrong input: Collection `{name}` already exists!")
            if name in self.aliases:
                raise wrong_input(f"Can't create collection with name {name}. Alias with the same name already exists")
            most = self.settings.most_collections
            if most is not None and len(self.collections) >= most:
                raise bad_request(f"Can't create collection with name {name}. Max collections limit reached: {most}")
            if name in (".", ".."):
                return self._create_outside(name)
            return self.add(name, config)

    def add(self, name, config):
        with self.lock:
            folder = self.folder(name)
            shutil.rmtree(folder, ignore_errors=True)
            collection = Collection(name, folder, config, self.settings, self.peer)
            try:
                collection.create()
            except BaseException:
                collection.close()
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self.collections[name] = collection
            return collection

    def _create_outside(self, name):
        """Contract 0.8: 1.18 refuses `..`; 1.16 says yes and empties the storage folder."""
        if not self.settings.is_1_16:
            raise broken("Invalid path to delete: ./storage/collections/.." if name == ".." else
                         "failed to rename file from ./storage/collections/. to ./storage/.deleted: Device or resource busy (os error 16)")
        if name == ".":
            raise broken("Can't clear directory for collection .. Error: failed to remove directory `./storage/collections/.`")
        for entry in os.listdir(self.root):
            path = os.path.join(self.root, entry)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)

    def refuse_name(self, name):
        where = "name" if self.settings.is_1_16 else "collection_name"
        if not 1 <= len(name.encode()) <= 255:
            raise invalid(f'{where}: value "{name}" invalid, must be from 1 to 255 characters', "path parameters")
        for character in FORBIDDEN:
            if character in name:
                raise invalid(f'{where}: collection name cannot contain "{character}" char', "path parameters")

    def drop(self, name):
        """False when there is none of that name; an alias is none. Snapshots stay on the disk (contract 3)."""
        with self.lock:
            collection = self.collections.pop(name, None)
            if collection is None:
                return False
            remaining = {alias: target for alias, target in self.aliases.items() if target != name}
            if remaining != self.aliases:
                self._set_aliases(remaining)
            for shard in collection.shards:
                with shard.writing, shard.lock:
                    if shard.handle is not None:
                        handle, shard.handle = shard.handle, None
                        shard.absent = True
                        handle.close()
            # Out of the way in one step, so that a kill leaves no half of it to be loaded.
            away = os.path.join(self.root, ".deleted", secrets.token_hex(6))
            os.makedirs(os.path.dirname(away), exist_ok=True)
            os.rename(collection.folder, away)
        shutil.rmtree(away, ignore_errors=True)
        return True

    # --- aliases --------------------------------------------------------------------------------------------------------------

    def change_aliases(self, actions):
        """In order; what was applied before a failure stays (contract 3)."""
        for action in actions:
            with self.lock:
                self._set_aliases(self._after(action))

    def _after(self, action):
        aliases = dict(self.aliases)
        if "create_alias" in action:
            alias, target = action["create_alias"]["alias_name"], action["create_alias"]["collection_name"]
            if target not in self.collections:
                raise no_collection(target)
            if alias in self.collections:
                raise Failure(409, f"Wrong input: Collection `{alias}` already exists!")
            aliases[alias] = target
        elif "delete_alias" in action:
            aliases.pop(action["delete_alias"]["alias_name"], None)
        elif "rename_alias" in action:
            old, new = action["rename_alias"]["old_alias_name"], action["rename_alias"]["new_alias_name"]
            if old not in aliases:
                raise not_found(f"Alias {old} does not exists!")
            aliases[new] = aliases.pop(old)
        return aliases

    def _set_aliases(self, aliases):
        _write_json(self._alias_file, aliases)
        self.aliases = aliases

    def set_aliases(self, aliases):
        with self.lock:
            self._set_aliases(aliases)

    def new_temporary(self, prefix):
        path = os.path.join(self.temporary, f"{prefix}{secrets.token_hex(3)}")
        os.makedirs(path)
        return path


def _write_json(path, value):
    with open(path + ".new", "w") as file:
        json.dump(value, file, separators=(",", ":"))
    os.replace(path + ".new", path)
