"""Recovers, and what they destroy (contract 0, 4.2 and 6)."""

import concurrent.futures
import json
import os
import unittest

import scenes
from running import FORM, StandIn, form, touch, until

DIRTY = "Service internal error: 1 of 1 read operations failed:\n  Service internal error: Failed to count,  Dirty shard - shard is not fully initialized"
GONE = "Service internal error: 1 of 1 read operations failed:\n  Service internal error: Failed to count,  Failed to restore local replica"
ABSENT = "Service internal error: 1 of 1 read operations failed:\n  Service internal error: Local shard 0 not found"


class Recover(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn().__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.server.fill("s", 20)
        cls.name = cls.server.snapshot("s")
        with open(os.path.join(cls.server.snapshots, "s", cls.name), "rb") as file:
            cls.content = file.read()

    def fresh(self, name, **config):
        self.server.delete(f"/collections/{name}")
        if config:
            self.assertEqual(self.server.put(f"/collections/{name}", config).result, True)

    def test_6_1_a_missing_collection_is_made_from_the_snapshot(self):
        server = self.server
        self.fresh("made", vectors={"size": 4, "distance": "Cosine"}, hnsw_config={"m": 8}, metadata={"model": "m1"})
        server.add("made", 10)
        for field in ("city", "n"):
            server.put("/collections/made/index?wait=true", {"field_name": field, "field_schema": "keyword"})
        points = server.post("/collections/made/points/scroll", {"with_vector": True}).result
        info = server.get("/collections/made").result
        name = server.snapshot("made")
        server.delete("/collections/made")
        self.assertEqual(server.recover("made", "made", name).result, True)
        self.assertEqual(server.post("/collections/made/points/scroll", {"with_vector": True}).result, points)
        self.assertEqual(server.get("/collections/made").result, info)
        # Writes go on where they were: updates of what was recovered count.
        server.put("/collections/made/points/payload?wait=true", {"payload": {"x": 1}, "points": [1]})
        self.assertEqual(server.get("/collections/made/points/1").result["payload"]["x"], 1)

    def test_6_3_an_existing_collection_keeps_its_configuration_and_registers_no_index(self):
        server = self.server
        self.fresh("kept", vectors={"size": 4, "distance": "Cosine"})
        server.add("kept", 5)
        server.put("/collections/kept/index?wait=true", {"field_name": "city", "field_schema": "keyword"})
        name = server.snapshot("kept")
        self.fresh("kept", vectors={"size": 4, "distance": "Cosine"}, hnsw_config={"m": 8})
        self.assertEqual(server.recover("kept", "kept", name).result, True)
        info = server.get("/collections/kept").result
        self.assertEqual(info["config"]["hnsw_config"]["m"], 8)
        # There in the segments, and in no list: the next snapshot has none.
        self.assertEqual(info["payload_schema"], {"city": {"data_type": "keyword", "points": 5}})
        path = os.path.join(server.storage, "collections", "kept", "payload_index.json")
        with open(path) as file:
            self.assertEqual(file.read(), '{"schema":{}}')

    def test_6_3_vectors_are_compared_deeply_and_the_number_of_shards(self):
        base = {"size": 4, "distance": "Cosine"}
        for vectors, shards in (({**base, "size": 3}, 1), ({**base, "distance": "Dot"}, 1), ({**base, "on_disk": False}, 1),
                                ({**base, "hnsw_config": {"m": 8}}, 1), ({"": base}, 1), ({}, 1), (base, 2)):
            self.fresh("other", vectors=vectors, shard_number=shards)
            answer = self.server.recover("other", "s", self.name)
            self.assertEqual(answer.status, 400, vectors)
            self.assertTrue(answer.error.startswith("Wrong input: Snapshot is not compatible with existing collection: Collection "), answer.error)
        for more in ({"hnsw_config": {"m": 8}}, {"on_disk_payload": False}, {"sparse_vectors": {"bm25": {}}}):
            self.fresh("other", vectors=base, **more)
            self.assertEqual(self.server.recover("other", "s", self.name).result, True, more)
            self.assertEqual(self.server.count("other").result["count"], 20)

    def test_12_4_a_recover_to_an_alias_overwrites_the_collection_behind_it(self):
        server = self.server
        self.fresh("behind", vectors={"size": 4, "distance": "Cosine"})
        server.add("behind", 3)
        server.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "behind", "alias_name": "front"}}]})
        self.assertEqual(server.recover("front", "s", self.name).result, True)
        self.assertEqual(server.count("behind").result["count"], 20)
        self.assertEqual(server.get("/collections/front/exists").result, {"exists": True})

    def test_0_1_damaged_bytes_pass_unless_a_checksum_is_sent(self):
        server = self.server
        self.fresh("damaged")
        self.write("flipped.snapshot", scenes.flipped(self.content))
        before = server.get("/collections/s/points/1").result
        self.assertEqual(server.recover("damaged", "s", "flipped.snapshot").result, True)
        self.assertEqual(server.count("damaged").result["count"], 20)
        self.assertNotEqual(server.get("/collections/damaged/points/1").result, before)
        answer = server.recover("damaged", "s", "flipped.snapshot", checksum="ab" * 32)
        self.assertEqual(answer.status, 400)
        self.assertTrue(answer.error.startswith(f"Wrong input: Snapshot checksum mismatch: expected {'ab' * 32}, got "))

    def test_4_2_sources_that_are_refused(self):
        server = self.server
        with open(os.path.join(server.folder, "outside.snapshot"), "wb") as file:
            file.write(self.content)
        for location, status, text in (
            ("x.snapshot", 400, "Format error in JSON body: "),
            ("/qdrant/x.snapshot", 400, "Format error in JSON body: "),
            ("ftp://h/k", 400, "Bad request: URL ftp://h/k with scheme ftp is not supported"),
            ("file://x", 400, "Bad request: Invalid snapshot URI, file path must be absolute or on localhost"),
            (f"file://{server.snapshots}/none", 400, f'Bad request: Snapshot file "{server.snapshots}/none" does not exist'),
            (f"file://{server.folder}/outside.snapshot", 403, "Forbidden: Snapshot file path must be inside the snapshots directory"),
            (f"file://{server.snapshots}/s", 500, "Service internal error: File IO error: Malformed tar archive, reached unknown entry"),
            ("http://127.0.0.1:9/x", 500, "Service internal error: Http request error: error sending request for url (http://127.0.0.1:9/x)"),
            (f"http://127.0.0.1:{server.port}/nothing", 400, f"Wrong input: Failed to download tar from http://127.0.0.1:{server.port}/nothing: status - 404 Not Found"),
        ):
            answer = server.put("/collections/refused/snapshots/recover", {"location": location})
            self.assertEqual(answer.status, status, answer.text)
            self.assertTrue(answer.error.startswith(text), answer.error)
        self.assertEqual(server.get("/collections/refused/exists").result, {"exists": False})

    def test_1_its_own_download_works_until_the_collection_is_gone(self):
        server = self.server
        self.fresh("own", vectors={"size": 4, "distance": "Cosine"})
        server.add("own", 5)
        url = f"http://127.0.0.1:{server.port}/collections/own/snapshots/{server.snapshot('own')}"
        self.assertEqual(server.put("/collections/own/snapshots/recover", {"location": url}).result, True)
        server.delete("/collections/own")
        self.assertEqual(server.put("/collections/own/snapshots/recover", {"location": url}).status, 400)

    def test_0_10_a_shard_put_into_another_is_counted_twice(self):
        server = self.server
        self.fresh("shards", vectors={"size": 4, "distance": "Cosine"}, shard_number=2)
        server.add("shards", 20)
        of_first = server.get("/collections/shards/cluster").result["local_shards"][0]["points_count"]
        name = server.post("/collections/shards/shards/0/snapshots").result["name"]
        content = server.get(f"/collections/shards/shards/0/snapshots/{name}").body
        answer = server.ask("POST", "/collections/shards/shards/1/snapshots/upload", form(content), FORM)
        self.assertEqual((answer.status, answer.result), (200, None))
        self.assertEqual(server.count("shards").result["count"], 2 * of_first)

    def write(self, name, content):
        with open(os.path.join(self.server.snapshots, "s", name), "wb") as file:
            file.write(content)


class Held(unittest.TestCase):
    """A recover that is held in its middle."""

    def setUp(self):
        self.server = StandIn()
        self.held = os.path.join(self.server.folder, "hold")
        self.server.environment["QDRANT_STANDIN_RECOVER_PAUSE"] = self.held
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.server.fill("c", 20)
        self.name = self.server.snapshot("c")
        self.server.add("c", 1, first=100)
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.addCleanup(self.pool.shutdown)

    def held_recover(self):
        touch(self.held)

        body = {"location": self.server.location("c", self.name)}
        recover = self.pool.submit(self.server.aside, "PUT", "/collections/c/snapshots/recover", body)
        until(lambda: os.path.exists(self.held + ".waiting"))
        return recover

    def test_0_4_reads_and_writes_fail_meanwhile(self):
        recover = self.held_recover()
        self.assertIn('snapshot_recovery_running{id="c"} 1', self.server.get("/metrics").text)
        self.assertEqual((self.server.count("c").status, self.server.count("c").error), (500, ABSENT))
        self.assertEqual(self.server.get("/collections/c").error, ABSENT)
        self.assertEqual(self.server.add("c", 1).status, 500)
        self.assertEqual(self.server.get("/readyz").status, 200)
        os.remove(self.held)
        self.assertEqual(recover.result().status, 200)
        self.assertEqual(self.server.count("c").result["count"], 20)

    def test_0_2_a_snapshot_that_meets_it_destroys_the_collection_until_it_is_recovered_again(self):
        recover = self.held_recover()
        self.assertEqual(self.server.post("/collections/c/snapshots").status, 500)
        os.remove(self.held)
        self.assertEqual(recover.result().status, 500)
        self.assertIn("Directory not empty", recover.result().error)
        self.assertEqual((self.server.count("c").status, self.server.count("c").error), (500, GONE))
        self.assertEqual(self.server.recover("c", "c", self.name).result, True)
        self.assertEqual(self.server.count("c").result["count"], 20)

    def test_0_2_1_16_survives_it(self):
        self.server.version = "1.16.3"
        self.server.environment["QDRANT_STANDIN_SNAPSHOT_PAUSE"] = held = os.path.join(self.server.folder, "hold-snapshot")
        self.server.restart()
        touch(held)
        snapshot = self.pool.submit(self.server.aside, "POST", "/collections/c/snapshots")
        until(lambda: os.path.exists(held + ".waiting"))
        self.assertEqual(self.server.recover("c", "c", self.name).status, 200)
        os.remove(held)
        self.assertEqual(snapshot.result().status, 200)
        self.assertEqual(self.server.count("c").result["count"], 20)

    def test_0_5_a_kill_meanwhile_leaves_a_dirty_shard_until_it_is_recovered_again(self):
        recover = self.held_recover()
        self.server.kill()
        self.assertIsNone(recover.result())
        os.remove(self.held)
        self.server.start()
        self.assertEqual(self.server.get("/readyz").status, 200)
        self.assertEqual(self.server.get("/collections/c/exists").result, {"exists": True})
        self.assertEqual((self.server.count("c").status, self.server.count("c").error), (500, DIRTY))
        self.assertEqual(os.listdir(self.server.storage + "/tmp") if os.path.exists(self.server.storage + "/tmp") else [], [])
        self.assertEqual(self.server.recover("c", "c", self.name).result, True)
        self.server.restart()
        self.assertEqual(self.server.count("c").result["count"], 20)

    def test_0_6_a_client_that_hangs_up_stops_nothing(self):
        touch(self.held)
        body = json.dumps({"location": self.server.location("c", self.name)}).encode()
        with self.server.raw() as connection:
            connection.sendall(b"PUT /collections/c/snapshots/recover HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            until(lambda: os.path.exists(self.held + ".waiting"))
        os.remove(self.held)
        self.server.until_quiet()
        self.assertEqual(self.server.count("c").result["count"], 20)

    def test_a_held_recover_does_not_keep_it_from_ending(self):
        recover = self.held_recover()
        self.assertEqual(self.server.stop(), 0)
        self.assertIsNone(recover.result())


class Meeting(unittest.TestCase):
    def test_0_2_a_recover_that_meets_a_snapshot_lets_the_snapshot_fail(self):
        with StandIn() as server:
            held = os.path.join(server.folder, "hold")
            server.environment["QDRANT_STANDIN_SNAPSHOT_PAUSE"] = held
            server.restart()
            server.fill("c", 20)
            name = server.snapshot("c")
            touch(held)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                snapshot = pool.submit(server.aside, "POST", "/collections/c/snapshots")
                until(lambda: os.path.exists(held + ".waiting"))
                self.assertEqual(server.recover("c", "c", name).result, True)
                os.remove(held)
                self.assertEqual(snapshot.result().status, 500)
            self.assertEqual(server.count("c").result["count"], 20)


if __name__ == "__main__":
    unittest.main()
