"""Points and collections (contract 3 and 7)."""

import unittest

from running import StandIn


class Points(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn().__enter__()
        cls.addClassCleanup(cls.server.__exit__)

    def test_7_ids_are_exact_and_in_order(self):
        server = self.server
        server.put("/collections/ids", {"vectors": {"size": 2, "distance": "Dot"}, "shard_number": 3})
        ids = [18446744073709551615, 9007199254740993, 7, "550E8400E29B41D4A716446655440000", "urn:uuid:00000000-0000-0000-0000-000000000001"]
        points = [{"id": one, "vector": [1, 2]} for one in ids]
        self.assertEqual(server.put("/collections/ids/points?wait=true", {"points": points}).result["status"], "completed")
        page = server.post("/collections/ids/points/scroll", {"limit": 3, "with_payload": False}).result
        self.assertEqual(page["points"], [{"id": 7}, {"id": 9007199254740993}, {"id": 18446744073709551615}])
        self.assertEqual(page["next_page_offset"], "00000000-0000-0000-0000-000000000001")
        page = server.post("/collections/ids/points/scroll", {"offset": page["next_page_offset"], "with_payload": False}).result
        self.assertEqual([point["id"] for point in page["points"]],
                         ["00000000-0000-0000-0000-000000000001", "550e8400-e29b-41d4-a716-446655440000"])
        self.assertIsNone(page["next_page_offset"])
        self.assertEqual(server.post("/collections/ids/points/count", {}).result["count"], 5)

    def test_7_a_point_that_is_written_again_stays_one_in_several_shards(self):
        server = self.server
        server.fill("again", 30, shard_number=3)
        server.add("again", 30)
        self.assertEqual(server.count("again").result["count"], 30)
        self.assertEqual(sum(shard["points_count"] for shard in server.get("/collections/again/cluster").result["local_shards"]), 30)

    def test_7_numbers_are_the_shortest_text_of_the_float32(self):
        server = self.server
        server.put("/collections/f32", {"vectors": {"size": 8, "distance": "Dot"}})
        vector = "[0.1,-0.30000001,1,0.00000012345,1e20,-3e-10,16777216,3.4028235e38]"
        server.put("/collections/f32/points?wait=true", '{"points":[{"id":1,"vector":' + vector + "}]}")
        self.assertIn('"vector":[0.1,-0.3,1.0,1.2345e-7,1e20,-3e-10,16777216.0,3.4028235e38]', server.get("/collections/f32/points/1").text)

    def test_7_cosine_is_normalised_on_write(self):
        self.server.put("/collections/cosine", {"vectors": {"size": 2, "distance": "Cosine"}})
        self.server.put("/collections/cosine/points?wait=true", {"points": [{"id": 1, "vector": [3, 4]}]})
        self.assertIn('"vector":[0.6,0.8]', self.server.get("/collections/cosine/points/1").text)

    def test_0_9_a_value_beyond_float32_reads_back_as_null_and_cannot_be_written_back(self):
        server = self.server
        server.put("/collections/huge", {"vectors": {"size": 2, "distance": "Dot"}})
        self.assertEqual(server.put("/collections/huge/points?wait=true", '{"points":[{"id":1,"vector":[1e39,1]}]}').status, 200)
        self.assertEqual(server.get("/collections/huge/points/1").result["vector"], [None, 1.0])
        self.assertEqual(server.put("/collections/huge/points?wait=true", {"points": [{"id": 1, "vector": [None, 1.0]}]}).status, 400)
        self.assertEqual(server.put("/collections/huge/points?wait=true", '{"points":[{"id":1,"vector":[NaN,1]}]}').status, 400)

    def test_7_every_kind_of_vector_comes_back_as_it_was_written(self):
        server = self.server
        server.put("/collections/rich", {
            "vectors": {'a "b"': {"size": 2, "distance": "Dot"}, "m": {"size": 2, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}},
            "sparse_vectors": {"sp": {"modifier": "idf"}}})
        given = {'a "b"': [0.5, 1.0], "m": [[1.0, 2.0], [3.5, 4.0]], "sp": {"indices": [9, 2], "values": [0.9, 0.2]}}
        server.put("/collections/rich/points?wait=true", {"points": [{"id": 1, "vector": given, "payload": {"ü": [1, None, {"x": "\n"}]}}, {"id": 2, "vector": {}}]})
        read = server.post("/collections/rich/points", {"ids": [1, 2], "with_vector": True, "with_payload": True}).result
        self.assertEqual(read[0]["vector"], {**given, "sp": {"indices": [2, 9], "values": [0.2, 0.9]}})
        self.assertEqual(read[0]["payload"], {"ü": [1, None, {"x": "\n"}]})
        self.assertEqual(read[1]["vector"], {})
        server.put("/collections/rich/points?wait=true", {"points": read})
        self.assertEqual(server.post("/collections/rich/points", {"ids": [1, 2], "with_vector": True, "with_payload": True}).result, read)

    def test_1_an_unknown_create_body_makes_a_collection_without_vectors(self):
        server = self.server
        self.assertEqual(server.put("/collections/wrong", {"vector_size": 768, "distance": "Cosine"}).result, True)
        self.assertEqual(server.get("/collections/wrong").result["config"]["params"]["vectors"], {})
        upsert = {"points": [{"id": 1, "vector": [1, 2]}]}
        self.assertEqual(server.put("/collections/wrong/points?wait=true", upsert).error, "Wrong input: Not existing vector name error: ")
        # Without wait it is acknowledged, and lost.
        self.assertEqual(server.put("/collections/wrong/points", upsert).result["status"], "acknowledged")
        self.assertEqual(server.count("wrong").result["count"], 0)

    def test_7_wait_defaults_to_false_on_writes(self):
        self.server.fill("waits", 3)
        body = {"points": [{"id": 1, "vector": {"zzz": [1]}}]}
        self.assertEqual(self.server.put("/collections/waits/points", body).result["status"], "acknowledged")
        self.assertEqual(self.server.put("/collections/waits/points?wait=true", body).status, 400)

    def test_7_a_failing_batch_is_partly_applied(self):
        self.server.fill("partly", 0)
        points = [{"id": number, "vector": [1, 2, 3, 4] if number != 3 else {"zzz": [1]}} for number in range(1, 6)]
        self.assertEqual(self.server.put("/collections/partly/points?wait=true", {"points": points}).status, 400)
        self.assertEqual([point["id"] for point in self.server.post("/collections/partly/points", {"ids": [1, 2, 3, 4, 5]}).result], [1, 2])

    def test_7_the_nearest_by_vector_and_by_id_with_a_filter(self):
        server = self.server
        server.fill("near", 30, shard_number=2)
        found = server.post("/collections/near/points/query", {
            "query": [1, 1, 2, 3], "limit": 3, "params": {"exact": True}, "with_payload": ["n"],
            "filter": {"must": [{"key": "city", "match": {"value": "London"}}], "must_not": [{"key": "n", "range": {"gt": 10}}]}}).result["points"]
        self.assertEqual([point["payload"] for point in found], [{"n": 1}, {"n": 4}, {"n": 7}])
        self.assertEqual(server.post("/collections/near/points/query", {"query": 1, "limit": 1}).result["points"][0]["id"], 2)
        self.assertEqual(server.post("/collections/near/points/query", {"query": 777, "limit": 1}).error, "Not found: No point with id 777 found")

    def test_3_dropping_removes_the_aliases_and_keeps_the_snapshots(self):
        server = self.server
        server.fill("dropped", 5)
        name = server.snapshot("dropped")
        server.post("/collections/aliases", {"actions": [{"create_alias": {"collection_name": "dropped", "alias_name": "live"}}]})
        self.assertEqual(server.delete("/collections/live").result, False)
        self.assertEqual(server.delete("/collections/dropped").result, True)
        self.assertEqual(server.delete("/collections/dropped").result, False)
        self.assertEqual(server.get("/aliases").result["aliases"], [])
        self.assertEqual(server.get(f"/collections/dropped/snapshots/{name}").status, 404)
        server.fill("dropped", 1)
        self.assertEqual([one["name"] for one in server.get("/collections/dropped/snapshots").result], [name])

    def test_13_points_survive_a_kill_once_a_write_was_waited_for(self):
        with StandIn() as server:
            server.fill("kept", 5)
            server.add("kept", 5, first=3)
            server.kill()
            server.start()
            self.assertEqual(server.count("kept").result["count"], 7)
            # With the WAL lost, this update would be ignored.
            server.put("/collections/kept/points?wait=true", {"points": [{"id": 1, "vector": [9, 0, 0, 0]}]})
            self.assertEqual(server.get("/collections/kept/points/1").result["vector"], [1.0, 0.0, 0.0, 0.0])


if __name__ == "__main__":
    unittest.main()
