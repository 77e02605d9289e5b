"""Snapshots that real servers wrote (contract 0.13). Skipped where there are none."""

import os
import shutil
import struct
import subprocess
import unittest

import recordings
from running import FORM, StandIn, form

MISSING = "there are no fixtures here; LIFEBOAT_QDRANT_CONTRACT names the folder that holds them"


@unittest.skipIf(recordings.folder() is None, MISSING)
@unittest.skipIf(shutil.which("zstd") is None, "needs zstd")
class Fixtures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn()
        cls.addClassCleanup(cls.server.__exit__)
        cls.server.start()
        os.makedirs(os.path.join(cls.server.snapshots, "t"))

    maxDiff = 2000

    def unpack(self, version, file):
        path = os.path.join(self.server.snapshots, "t", "fixture.snapshot")
        name = file.removesuffix(".snapshot.zst")
        subprocess.run(["zstd", "-qdf", recordings.snapshot(version, name), "-o", path], check=True)
        return path

    def test_0_13_every_collection_comes_back_as_it_was(self):
        for version in recordings.VERSIONS:
            for fixture in recordings.index(version):
                if "-shard-" in fixture["file"].removeprefix("named-sparse-multi-two") or "exact_count" not in fixture:
                    continue
                with self.subTest(version=version, file=fixture["file"]):
                    self.check(version, fixture)

    def check(self, version, fixture):
        server = self.server
        path = self.unpack(version, fixture["file"])
        server.delete("/collections/t")
        answer = server.put("/collections/t/snapshots/recover", {"location": f"file://{path}", "checksum": fixture["sha256"]})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(server.count("t").result["count"], fixture["exact_count"])
        info = server.get("/collections/t").result
        self.assertEqual(info["config"]["params"], fixture["info"]["config"]["params"])
        self.assertEqual(info["payload_schema"], fixture["info"]["payload_schema"])
        first = fixture["first_points"]
        read = server.post("/collections/t/points/scroll", {"limit": max(1, len(first)), "with_vector": True}).result["points"]
        self.assertEqual(as_float32(read), as_float32(first))
        for golden in fixture.get("golden") or []:
            body = {"query": golden["query"], "using": golden.get("using"), "limit": len(golden["top"]), "params": {"exact": True}}
            found = server.post("/collections/t/points/query", body).result["points"]
            self.assertEqual([point["id"] for point in found], [point["id"] for point in golden["top"]])
            for point, expected in zip(found, golden["top"]):
                self.assertAlmostEqual(point["score"], expected["score"], places=5)

    def test_0_13_parts_in_rocksdb_are_refused_and_the_others_are_not(self):
        refused = {fixture["file"]: fixture for fixture in recordings.index("1.15.5")}
        path = self.unpack("1.15.5", "unnamed-384.snapshot.zst")
        answer = self.server.put("/collections/old/snapshots/recover", {"location": f"file://{path}"})
        self.assertEqual(answer.status, 500)
        self.assertRegex(answer.error, r"^Service internal error: IO Error: Failed to deserialize \./storage/collections/old/0/segments/\S+/payload_index/config\.json: "
                                       r"unknown variant `rocks_db`, expected `gridstore` or `mmap` at line 1 column 518$")
        # The collection that the recover has made stays behind (contract 6.2).
        self.assertEqual(self.server.get("/collections/old/exists").result, {"exists": True})
        self.assertIn("Failed to restore local replica", self.server.count("old").error)
        self.check("1.15.5", refused["quantised-indexed.snapshot.zst"])

    def test_5_1_shard_snapshots_in_both_forms(self):
        server = self.server
        fixtures = {fixture["file"]: fixture for fixture in recordings.index("1.18.3")}
        whole = fixtures["named-sparse-multi-two-shards.snapshot.zst"]
        path = self.unpack("1.18.3", whole["file"])
        server.delete("/collections/t")
        server.put("/collections/t/snapshots/recover", {"location": f"file://{path}"})
        ids = [point["id"] for point in server.post("/collections/t/points/scroll", {"limit": 1000, "with_payload": False}).result["points"]]
        self.assertEqual(server.post("/collections/t/points/delete?wait=true", {"points": ids}).status, 200)
        for shard, file in enumerate(("named-sparse-multi-shard-0", "named-sparse-multi-shard-1-streamed")):
            with open(self.unpack("1.18.3", f"{file}.snapshot.zst"), "rb") as content:
                answer = server.ask("POST", f"/collections/t/shards/{shard}/snapshots/upload", form(content.read()), FORM)
            self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(server.count("t").result["count"], whole["exact_count"])

    def test_5_2_a_whole_storage(self):
        with StandIn() as server:
            server.stop()
            shutil.rmtree(server.storage)
            full = os.path.join(server.folder, "full.snapshot")
            subprocess.run(["zstd", "-qdf", recordings.snapshot("1.18.3", "full-storage"), "-o", full], check=True)
            server.options = ["--storage-snapshot", full]
            server.start()
            counts = {one["name"]: server.count(one["name"]).result["count"] for one in server.get("/collections").result["collections"]}
            self.assertEqual(counts, {"bq": 200, "documents": 400, "empty": 0, "indexed": 3000, "novec": 1, "rich": 300, "sparse": 100})
            self.assertEqual([alias["alias_name"] for alias in server.get("/aliases").result["aliases"]], ["live"])


def as_float32(value):
    """In an exact tie the two ways of writing the shortest text choose another last digit; it is the same number."""
    if isinstance(value, float):
        return struct.unpack("<f", struct.pack("<f", value))[0]
    if isinstance(value, dict):
        return {name: as_float32(one) for name, one in value.items()}
    return [as_float32(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    unittest.main()
