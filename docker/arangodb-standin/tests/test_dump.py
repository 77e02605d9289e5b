"""Section 10 of the contract: batches, the inventory, the dump of a collection, and the parallel dump of 3.12."""

import json
import time
import unittest

from running import StandIn, basic

BATCH = "/_api/replication/batch"
DUMP = "/_api/replication/dump?useEnvelope=false&"


def lines(count, width=40):
    return [f'{{"_key":"k{number}","n":{number},"text":"{"x" * width}"}}' for number in range(count)]


class BatchTests(unittest.TestCase):
    def test_10_1_a_batch_sees_what_was_there_when_it_began(self):
        with StandIn() as server:
            server.make("books", lines(3))
            batch = server.batch()
            self.assertRegex(batch, r"^\d+$")
            server.restore("books", ['{"_key":"later"}', '{"_key":"k0","n":"changed"}'])
            server.delete("/_api/document/books/k1")
            answer = server.get(f"{DUMP}collection=books&batchId={batch}&chunkSize=1000000")
            self.assertEqual([json.loads(one)["_key"] for one in answer.lines], ["k0", "k1", "k2"])
            self.assertEqual(json.loads(answer.lines[0])["n"], 0)
            self.assertEqual(answer.headers["content-type"], "application/x-arango-dump; charset=utf-8")
            self.assertEqual(len(server.dump("books")), 3)

    def test_10_1_every_answer_has_at_least_one_document_and_says_whether_there_are_more(self):
        with StandIn() as server:
            server.make("books", lines(5))
            batch = server.batch()
            seen, more = [], []
            for _ in range(6):
                answer = server.get(f"{DUMP}collection=books&batchId={batch}&chunkSize=1")
                seen.append(int(answer.headers["x-arango-replication-lastincluded"]))
                more.append(answer.headers["x-arango-replication-checkmore"])
            self.assertEqual(seen, [1, 2, 3, 4, 5, 0])
            self.assertEqual(more, ["true"] * 4 + ["false"] * 2)
            self.assertEqual((answer.status, answer.body), (204, b""))

    def test_10_1_a_request_that_is_repeated_skips_a_chunk(self):
        with StandIn() as server:
            server.make("books", lines(4))
            batch = server.batch()
            path = f"{DUMP}collection=books&batchId={batch}&chunkSize=1"
            first, again = server.get(path), server.get(path)
            self.assertNotEqual(first.body, again.body)
            other = server.batch()
            self.assertEqual(server.get(path.replace(batch, other)).body, first.body)

    def test_10_1_the_envelope_is_the_default(self):
        with StandIn() as server:
            server.make("books", lines(1))
            answer = server.get(f"/_api/replication/dump?collection=books&batchId={server.batch()}")
            self.assertEqual(json.loads(answer.text)["type"], 2300)
            self.assertEqual(json.loads(answer.text)["data"]["_key"], "k0")

    def test_10_1_what_is_missing_or_over_is_told(self):
        with StandIn() as server:
            server.make("books")
            batch = server.batch()
            for query, error in (
                ("collection=&batchId=1", (400, 400)), ("collection=books", (404, 400)), ("collection=books&batchId=99999", (404, 400)),
                (f"collection=none&batchId={batch}", (404, 1203)),
            ):
                self.assertEqual(server.get(DUMP + query).error, error, query)
            self.assertEqual(server.put(f"{BATCH}/{batch}?serverId=7", {"ttl": 60}).status, 204)
            self.assertEqual(server.delete(f"{BATCH}/{batch}?serverId=7").status, 204)
            self.assertEqual(server.put(f"{BATCH}/{batch}?serverId=7", {"ttl": 60}).error, (404, 1600))
            self.assertEqual(server.delete(f"{BATCH}/{batch}?serverId=7").error, (404, 1600))

    def test_10_1_a_batch_ends_by_itself_unless_it_is_extended(self):
        with StandIn(options=["--standin.batch-ttl", "0.5"]) as server:
            server.make("books", lines(1))
            batch, began = server.batch(), time.monotonic()
            while time.monotonic() < began + 0.8:
                self.assertEqual(server.put(f"{BATCH}/{batch}", {"ttl": 600}).status, 204)
                time.sleep(0.02)
            deadline = time.monotonic() + 10
            time.sleep(0.6)
            answer = server.get(f"{DUMP}collection=books&batchId={batch}")
            self.assertEqual(answer.error, (404, 400))
            self.assertIn("it could be expired", answer.json["errorMessage"])
            self.assertLess(time.monotonic(), deadline)

    def test_10_1_the_inventory_has_what_a_restore_wants(self):
        with StandIn() as server:
            server.make("knows", type=3)
            server.make("people")
            server.post("/_api/index?collection=people", {"type": "persistent", "fields": ["name"], "unique": True})
            server.post("/_api/view", {"name": "search", "type": "arangosearch", "links": {"people": {}}})
            batch = server.batch()
            answer = server.get(f"/_api/replication/inventory?includeSystem=false&batchId={batch}").json
            self.assertEqual([one["parameters"]["name"] for one in answer["collections"]], ["people", "knows"])
            self.assertEqual([one["type"] for one in answer["collections"][0]["indexes"]], ["persistent"])
            self.assertEqual(answer["collections"][1]["indexes"], [])
            self.assertNotIn("objectId", answer["collections"][0]["parameters"])
            self.assertEqual(answer["views"][0]["name"], "search")
            self.assertEqual(answer["properties"], {"id": "1", "name": "_system", "isSystem": True})
            self.assertTrue(answer["state"]["running"])
            everything = server.get(f"/_api/replication/inventory?batchId={batch}").json["collections"]
            names = {one["parameters"]["name"] for one in everything}
            self.assertLessEqual({"_users", "_graphs", "_analyzers"}, names)
            self.assertFalse(names & {"_statistics", "_jobs", "_queues"})
            queues = server.get(f"/_api/replication/inventory?includeFoxxQueues=true&batchId={batch}").json["collections"]
            self.assertIn("_jobs", {one["parameters"]["name"] for one in queues})
            self.assertEqual(server.get("/_api/replication/inventory").error, (404, 1600))
            self.assertEqual(server.get("/_api/replication/inventory?batchId=99999").error, (404, 1600))

    def test_10_1_a_batch_is_of_one_database(self):
        with StandIn() as server:
            server.post("/_api/database", {"name": "other"})
            server.make("books", lines(1), database="other")
            self.assertEqual(server.get(f"/_db/other{DUMP}collection=books&batchId={server.batch()}").error, (404, 400))

    def test_10_1_who_may_not_administer_the_database_takes_no_snapshot(self):
        with StandIn() as server:
            server.post("/_api/user", {"user": "reader", "passwd": "r"})
            server.put("/_api/user/reader/database/_system", {"grant": "ro"})
            self.assertEqual(server.post(BATCH, {"ttl": 60}, headers={"authorization": basic("reader", "r")}).error, (403, 11))


class ParallelDumpTests(unittest.TestCase):
    def start(self, server, *names, **more):
        return server.post("/_api/dump/start?useVPack=false", {"shards": list(names), "batchSize": 1, **more})

    def test_10_2_batches_come_one_after_the_other_and_one_never_mixes_collections(self):
        with StandIn() as server:
            server.make("one", lines(2))
            server.make("two", lines(1))
            server.make("none")
            started = self.start(server, "one", "none", "two")
            self.assertEqual((started.status, started.body), (201, b""))
            path = f"/_api/dump/next/{started.headers['x-arango-dump-id']}?batchId="
            found = [server.post(f"{path}{number}") for number in range(4)]
            self.assertEqual([one.status for one in found], [200, 200, 200, 204])
            self.assertEqual([one.headers.get("x-arango-dump-shard-id") for one in found], ["one", "one", "two", None])
            self.assertEqual(found[0].headers["content-type"], "application/x-arango-dump")
            self.assertTrue(found[0].body.endswith(b"}\n"))

    def test_10_2_the_same_batch_may_be_asked_for_again_until_it_is_released(self):
        with StandIn() as server:
            server.make("one", lines(3))
            path = f"/_api/dump/next/{self.start(server, 'one').headers['x-arango-dump-id']}?batchId="
            first = server.post(path + "1")
            self.assertEqual(server.post(path + "1").body, first.body)
            second = server.post(path + "2&lastBatch=1")
            self.assertNotEqual(second.body, first.body)
            self.assertEqual(server.post(path + "2").body, second.body)

    def test_10_2_it_sees_what_was_there_when_it_began(self):
        with StandIn() as server:
            server.make("one", lines(2))
            id = self.start(server, "one", batchSize=1 << 20).headers["x-arango-dump-id"]
            server.put("/_api/collection/one/truncate")
            self.assertEqual(len(server.post(f"/_api/dump/next/{id}?batchId=1").lines), 2)

    def test_10_2_what_is_missing_or_over_is_told(self):
        with StandIn() as server:
            server.make("one", lines(1))
            self.assertEqual(self.start(server, "unknown").error, (404, 1203))
            id = self.start(server, "one").headers["x-arango-dump-id"]
            self.assertEqual(server.post(f"/_api/dump/next/{id}").status, 400)
            self.assertEqual(server.post("/_api/dump/next/99999?batchId=1").error, (404, 1600))
            self.assertEqual(server.delete(f"/_api/dump/{id}").status, 200)
            self.assertEqual(server.delete(f"/_api/dump/{id}").error, (404, 1600))

    def test_10_2_it_belongs_to_whoever_began_it(self):
        with StandIn() as server:
            server.make("one", lines(1))
            server.post("/_api/database", {"name": "other"})
            server.post("/_api/user", {"user": "second", "passwd": "s"})
            server.put("/_api/user/second/database/_system", {"grant": "rw"})
            id = self.start(server, "one").headers["x-arango-dump-id"]
            self.assertEqual(server.post(f"/_db/other/_api/dump/next/{id}?batchId=1").error, (403, 11))
            self.assertEqual(server.post(f"/_api/dump/next/{id}?batchId=1", headers={"authorization": basic("second", "s")}).error, (403, 11))

    def test_10_2_older_servers_do_not_know_it(self):
        with StandIn("3.11.11") as server:
            self.assertEqual(self.start(server).status, 404)

    def test_10_4_the_id_of_the_server_stays_and_newer_ones_do_not_tell_it(self):
        with StandIn() as server:
            before = server.get("/_api/replication/server-id").json["serverId"]
            server.restart()
            self.assertEqual(server.get("/_api/replication/server-id").json["serverId"], before)
        with StandIn("3.12.10") as server:
            self.assertEqual(server.get("/_api/replication/server-id").status, 404)


if __name__ == "__main__":
    unittest.main()
