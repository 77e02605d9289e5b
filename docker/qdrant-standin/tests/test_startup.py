"""Starting and ending (contract 2.4 and 5.2)."""

import os
import shutil
import subprocess
import sys
import unittest

from running import LAUNCHER, StandIn


class Startup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn()
        cls.addClassCleanup(cls.server.__exit__)
        server = cls.server
        server.start()
        server.fill("a", 10)
        server.fill("b", 5)
        server.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "a", "alias_name": "live"}}]})
        cls.full = os.path.join(server.folder, "full.snapshot")
        shutil.copy(os.path.join(server.snapshots, server.post("/snapshots").result["name"]), cls.full)
        cls.one = os.path.join(server.folder, "one.snapshot")
        shutil.copy(os.path.join(server.snapshots, "a", server.snapshot("a")), cls.one)
        server.stop()

    def setUp(self):
        shutil.rmtree(self.server.storage, ignore_errors=True)
        self.server.options = []

    def start(self, *options):
        self.server.options = list(options)
        self.server.start()
        self.addCleanup(self.server.kill)

    def panics(self, *options):
        self.server.options = list(options)
        code, errors = self.server.start(expecting_failure=True)
        self.assertEqual(code, 101, errors)
        return errors

    def test_5_2_a_storage_snapshot_brings_collections_and_aliases(self):
        self.start("--storage-snapshot", self.full)
        self.assertEqual((self.server.count("live").result["count"], self.server.count("b").result["count"]), (10, 5))
        self.server.stop()
        # Without the flag an existing collection is a panic, and what that start leaves makes the next one fail too (0.12).
        self.assertIn("already exists. Use --force-snapshot to overwrite it.", self.panics("--storage-snapshot", self.full))
        self.assertIn("File exists", self.panics("--storage-snapshot", self.full, "--force-snapshot"))
        shutil.rmtree(os.path.join(self.server.storage, "snapshots_recovery_tmp"))
        self.start("--storage-snapshot", self.full, "--force-snapshot")
        self.server.add("a", 3, first=101)
        # Every restart restores again, and later writes are gone.
        self.server.restart()
        self.assertEqual(self.server.count("a").result["count"], 10)
        self.server.stop()

    def test_5_2_one_collection_by_snapshot(self):
        self.start("--snapshot", f"{self.one}:a2")
        self.assertEqual(self.server.count("a2").result["count"], 10)
        self.server.stop()

    def test_5_2_a_missing_or_damaged_file_is_a_panic(self):
        self.panics("--storage-snapshot", os.path.join(self.server.folder, "none"))
        damaged = os.path.join(self.server.folder, "damaged")
        with open(self.full, "rb") as file, open(damaged, "wb") as half:
            half.write(file.read()[:20000])
        self.panics("--storage-snapshot", damaged)

    def test_2_4_a_collection_that_cannot_be_loaded_is_a_panic(self):
        self.start()
        self.server.fill("c", 5)
        self.server.stop()
        segments = os.path.join(self.server.storage, "collections", "c", "0", "segments")
        for segment in os.listdir(segments):
            with open(os.path.join(segments, segment, "segment.json"), "w") as file:
                file.write("{")
        self.panics()

    def test_a_termination_ends_it_well_and_keeps_what_was_not_waited_for(self):
        self.start()
        self.server.fill("c", 5)
        self.server.put("/collections/c/points", {"points": [{"id": 77, "vector": [1, 2, 3, 4]}]})
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual(self.server.count("c").result["count"], 6)
        self.assertEqual(self.server.stop(), 0)

    def test_a_stopped_servers_storage_can_be_copied(self):
        self.start()
        self.server.fill("c", 5)
        self.server.stop()
        with StandIn() as other:
            other.stop()
            shutil.rmtree(other.storage)
            shutil.copytree(self.server.storage, other.storage)
            other.start()
            self.assertEqual(other.count("c").result["count"], 5)

    def test_it_says_what_it_is(self):
        said = subprocess.run([LAUNCHER, "--version"], env={**os.environ, "QDRANT_STANDIN_PYTHON": sys.executable}, capture_output=True, text=True)
        self.assertEqual(said.stdout, "qdrant-standin, on the engine of qdrant-edge-py 0.8.0\n")


if __name__ == "__main__":
    unittest.main()
