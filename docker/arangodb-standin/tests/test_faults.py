"""Section 16 of the contract: mishaps that a test orders."""

import http.client
import os
import threading
import unittest

from running import StandIn, until

LINES = [f'{{"_key":"k{number}","text":"{"x" * 100}"}}' for number in range(50)]


class FaultTests(unittest.TestCase):
    def test_16_it_is_unavailable_for_as_many_requests_as_it_was_told(self):
        with StandIn(options=["--standin.faults", '[{"kind":"unavailable","times":2}]']) as server:
            self.assertEqual(server.get("/_api/version").error, (503, 503))
            self.assertEqual(server.get("/_admin/server/availability").json, {
                "code": 503, "error": True, "errorMessage": "service unavailable", "errorNum": 503})
            self.assertEqual(server.get("/_api/version").status, 200)
            self.assertEqual(server.get("/_standin/faults").json["faults"][0]["fired"], 2)

    def test_16_the_connection_is_cut_in_the_middle_of_a_chunk(self):
        with StandIn() as server:
            server.make("books", LINES)
            server.fault("cut", path="replication/dump")
            connection = server.connect()
            path = f"/_api/replication/dump?collection=books&batchId={server.batch()}&useEnvelope=false&chunkSize=1000000"
            connection.request("GET", path, headers=server.headers)
            response = connection.getresponse()
            with self.assertRaises(http.client.IncompleteRead) as cut:
                response.read()
            self.assertGreater(len(cut.exception.partial), 0)
            connection.close()

    def test_16_nothing_is_done_or_it_is_done_and_not_answered(self):
        with StandIn() as server:
            server.make("books")
            for kind, count in (("drop", 0), ("lost", 1)):
                server.fault(kind, method="POST", path="/_api/document")
                with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
                    server.post("/_api/document/books", {"_key": kind})
                self.assertEqual(server.count("books"), count, kind)

    def test_16_batches_expire_when_it_is_asked_for(self):
        with StandIn() as server:
            server.make("books", LINES)
            batch = server.batch()
            server.fault("expire", path="replication/dump", after=1)
            path = f"/_api/replication/dump?collection=books&batchId={batch}&useEnvelope=false&chunkSize=1"
            self.assertEqual(server.get(path).status, 200)
            self.assertEqual(server.get(path).error, (404, 400))

    def test_16_a_restore_fails_with_1210_in_its_middle_and_leaves_nothing(self):
        with StandIn() as server:
            server.make("books")
            server.fault("unique", path="restore-data", documents=20, after=1)
            self.assertEqual(server.restore("books", LINES[:10]).status, 200)
            self.assertEqual(server.restore("books", LINES).error, (409, 1210))
            self.assertEqual(server.count("books"), 10)
            self.assertEqual(server.restore("books", LINES).status, 200)

    def test_16_a_chunk_is_empty_and_says_that_there_is_more(self):
        with StandIn() as server:
            server.make("books", LINES)
            batch = server.batch()
            server.fault("empty-chunk", path="replication/dump")
            path = f"/_api/replication/dump?collection=books&batchId={batch}&useEnvelope=false&chunkSize=1000000"
            answer = server.get(path)
            self.assertEqual((answer.status, answer.headers["x-arango-replication-checkmore"]), (204, "true"))
            self.assertEqual(len(server.get(path).lines), len(LINES))

    def test_16_an_answer_is_held_until_the_test_lets_it_go(self):
        with StandIn() as server:
            server.make("books")
            file = os.path.join(server.folder, "hold")
            for when, count in (("before", 0), ("after", 2)):
                with open(file, "w"):
                    pass
                server.fault("hold", file=file, when=when, path="restore-data")
                found = []
                asking = threading.Thread(target=lambda: found.append(_aside(server)))
                asking.start()
                until(lambda: os.path.exists(file + ".waiting"))
                self.assertEqual((server.count("books"), found), (count, []))
                os.remove(file)
                asking.join()
                self.assertEqual(found, [200])

    def test_16_any_refusal_and_any_delay_can_be_ordered(self):
        with StandIn() as server:
            server.fault("refuse", status=403, errorNum=1004, errorMessage="read only")
            self.assertEqual(server.get("/_api/collection").error, (403, 1004))
            server.fault("delay", seconds=0.01)
            self.assertEqual(server.get("/_api/collection").status, 200)

    def test_16_an_order_that_makes_no_sense_is_refused(self):
        with StandIn() as server:
            for wrong in ({"kind": "fire"}, {"kind": "delay"}, {"kind": "drop", "often": 1}, "[", 5):
                self.assertEqual(server.put("/_standin/faults", wrong).status, 400, wrong)
            server.fault("drop")
            self.assertEqual(server.delete("/_standin/faults").json, {"faults": []})
            self.assertEqual(server.get("/_api/version").status, 200)

    def test_16_what_was_asked_is_counted(self):
        with StandIn() as server:
            server.get("/_api/version")
            server.get("/_api/version")
            self.assertEqual(server.get("/_standin/requests").json["requests"], {"GET /_api/version": 2})


def _aside(server):
    connection = server.connect()
    connection.request("PUT", "/_api/replication/restore-data?collection=books", "\n".join(LINES[:2]), server.headers)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


if __name__ == "__main__":
    unittest.main()
