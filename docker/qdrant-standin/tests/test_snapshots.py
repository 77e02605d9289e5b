"""Snapshots: layout, names, downloads (contract 4, 5 and 9)."""

import concurrent.futures
import hashlib
import os
import tarfile
import unittest

from running import StandIn, touch, until


class Snapshots(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn().__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_9_layout(self):
        server = self.server
        server.fill("layout", 20, shard_number=2)
        server.put("/collections/layout/index?wait=true", {"field_name": "city", "field_schema": "keyword"})
        described = server.post("/collections/layout/snapshots").result
        path = os.path.join(server.snapshots, "layout", described["name"])
        with open(path, "rb") as file:
            content = file.read()
        self.assertEqual((len(content), hashlib.sha256(content).hexdigest()), (described["size"], described["checksum"]))
        self.assertRegex(described["name"], r"^layout-\d+-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.snapshot$")
        self.assertRegex(described["creation_time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        with tarfile.open(path, "r:") as tar:
            entries = {entry.name: entry for entry in tar}
            texts = {name: tar.extractfile(name).read().decode() for name in ("config.json", "payload_index.json", "version.info", "1/shard_config.json")}
            inner_name = next(name for name in entries if name.startswith("0/segments/"))
            with tarfile.open(fileobj=tar.extractfile(inner_name), mode="r:") as inner:
                insides = inner.getnames()
        names = set(entries)
        for name in ("0/replica_state.json", "0/shard_config.json", "1/replica_state.json", "shard_key_mapping.json", "0/wal/open-1"):
            self.assertIn(name, names)
        self.assertTrue(inner_name.endswith(".tar"))
        self.assertTrue(all(name.startswith("snapshot/files/") for name in insides))
        self.assertIn("snapshot/files/segment.json", insides)
        self.assertTrue(entries["0/wal/open-1"].issparse(), "an old-GNU sparse entry")
        self.assertEqual(texts["version.info"], "0.4.2")
        self.assertEqual(texts["payload_index.json"], '{"schema":{"city":"keyword"}}')
        self.assertEqual(texts["1/shard_config.json"], '{"type":"ReplicaSet"}')
        self.assertIn('"shard_number":2', texts["config.json"])

    def test_4_two_in_one_second_have_one_name(self):
        server = self.server
        server.fill("second", 5)
        first, second = server.post("/collections/second/snapshots").result, server.post("/collections/second/snapshots").result
        self.assertEqual(first["name"], second["name"])
        self.assertEqual(server.get("/collections/second/snapshots").result, [second])

    def test_0_3_a_full_snapshot_deletes_a_collections_snapshot_of_the_same_second(self):
        server = self.server
        for collection in server.get("/collections").result["collections"]:
            server.delete(f"/collections/{collection['name']}")
        server.fill("same", 5)
        server.snapshot("same")
        full = server.post("/snapshots").result
        self.assertEqual(server.get("/collections/same/snapshots").result, [])
        self.assertEqual(server.get("/snapshots").result, [full])
        with tarfile.open(os.path.join(server.snapshots, full["name"])) as tar:
            self.assertEqual(tar.getnames()[-1], "config.json")
        server.delete(f"/snapshots/{full['name']}")

    def test_4_1_downloads(self):
        server = self.server
        server.fill("down", 5)
        name = server.snapshot("down")
        path = f"/collections/down/snapshots/{name}"
        whole = server.get(path)
        headers = dict(whole.headers)
        size = len(whole.body)
        self.assertEqual((headers["content-length"], headers["accept-ranges"]), (str(size), "bytes"))
        part = server.get(path, headers={"Range": f"bytes={size - 100}-", "If-Match": headers["etag"]})
        self.assertEqual((part.status, part.body), (206, whole.body[-100:]))
        self.assertEqual(dict(part.headers)["content-range"], f"bytes {size - 100}-{size - 1}/{size}")
        self.assertEqual(server.get(path, headers={"Range": "bytes=0-9", "If-Match": '"x"'}).status, 412)
        self.assertEqual(server.get(path, headers={"Range": f"bytes={size}-"}).status, 416)
        # If-Range is not honoured.
        self.assertEqual(server.get(path, headers={"Range": "bytes=0-9", "If-Range": '"x"'}).status, 206)
        self.assertEqual(server.ask("HEAD", path).status, 404)

    def test_4_3_an_upload_replaces_a_file_of_that_name_and_stays_with_the_old_checksum(self):
        server = self.server
        server.fill("up", 5)
        described = server.post("/collections/up/snapshots").result
        server.add("up", 5, first=6)
        server.next_second()
        newer = server.get(f"/collections/up/snapshots/{server.snapshot('up')}").body
        self.assertEqual(server.upload("up", newer, described["name"]).result, True)
        listed = {one["name"]: one for one in server.get("/collections/up/snapshots").result}[described["name"]]
        self.assertEqual((listed["size"], listed["checksum"]), (len(newer), described["checksum"]))
        self.assertEqual(server.count("up").result["count"], 10)

    def test_2_3_the_labels_of_an_uploads_checksum_are_swapped_and_nothing_stays(self):
        server = self.server
        server.fill("sum", 5)
        content = b"whatever"
        computed, sent = hashlib.sha256(content).hexdigest(), "0" * 64
        answer = server.upload("sum", content, query=f"checksum={sent}")
        self.assertEqual((answer.status, answer.error), (400, f"Checksum mismatch: expected {computed}, actual {sent}"))
        self.assertEqual(server.get("/collections/sum/snapshots").result, [])
        # What could not be unpacked does stay.
        self.assertEqual(server.upload("sum", b"junk" * 1000, "junk.snapshot").status, 500)
        self.assertEqual([one["name"] for one in server.get("/collections/sum/snapshots").result], ["junk.snapshot"])

    def test_0_6_a_drop_during_a_create_succeeds_and_the_snapshot_is_finished(self):
        with StandIn() as server:
            held = os.path.join(server.folder, "hold")
            server.environment["QDRANT_STANDIN_SNAPSHOT_PAUSE"] = held
            server.restart()
            server.fill("c", 5)
            touch(held)
            # The client hangs up at once.
            with server.raw() as connection:
                connection.sendall(b"POST /collections/c/snapshots HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
                until(lambda: os.path.exists(held + ".waiting"))
            self.assertIn('snapshot_creation_running{id="c"} 1', server.get("/metrics").text)
            server.add("c", 5, first=6)
            self.assertEqual(server.delete("/collections/c").result, True)
            os.remove(held)
            folder = os.path.join(server.snapshots, "c")
            until(lambda: os.path.isdir(folder) and any(name.endswith(".checksum") for name in os.listdir(folder)))
            name = next(name for name in os.listdir(folder) if name.endswith(".snapshot"))
            self.assertEqual(server.recover("c", "c", name).result, True)
            self.assertEqual(server.count("c").result["count"], 5)

    def test_4_three_at_once_do_not_disturb_each_other(self):
        server = self.server
        server.fill("three", 5)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            made = list(pool.map(lambda _: server.aside("POST", "/collections/three/snapshots").status, range(3)))
        self.assertEqual(made, [200, 200, 200])


if __name__ == "__main__":
    unittest.main()
