"""Sections 1 to 4 of the contract: headers, logins, who it is, databases; and that data outlive the server."""

import gzip
import json
import threading
import time
import unittest

from running import PASSWORD, StandIn, basic


class ServerTests(unittest.TestCase):
    def test_1_every_answer_has_the_headers_of_a_recorded_one_and_says_that_it_is_a_stand_in(self):
        with StandIn() as server:
            answer = server.get("/_api/version")
            self.assertEqual(answer.headers["server"], "ArangoDB")
            self.assertEqual(answer.headers["connection"], "Keep-Alive")
            self.assertIn("x-arango-queue-time-seconds", answer.headers)
            self.assertTrue(all(name == name.lower() for name, _ in answer.pairs))
            self.assertIn("not ArangoDB", answer.headers["x-lifeboat-standin"])
            self.assertIn("not ArangoDB", answer.json["standin"])
            self.assertEqual(answer.json["server"], "arango")

    def test_1_unknown_paths_and_methods_are_told_apart(self):
        with StandIn() as server:
            answer = server.get("/_api/nothing")
            self.assertEqual(answer.json, {"code": 404, "error": True, "errorMessage": "unknown path '/_api/nothing'", "errorNum": 404})
            self.assertEqual(server.put("/_api/version").error, (405, 405))

    def test_1_a_packed_body_is_read_from_3_12_on(self):
        with StandIn() as server:
            body = gzip.compress(json.dumps({"name": "packed"}).encode())
            self.assertEqual(server.post("/_api/collection", body, headers={"content-encoding": "gzip"}).status, 200)

    def test_1_answers_are_packed_from_a_size_on_for_whoever_can_read_that(self):
        with StandIn(options=["--http.compress-response-threshold", "200"]) as server:
            server.make("books", [f'{{"_key":"{number}"}}' for number in range(100)])
            path = f"/_api/replication/dump?collection=books&batchId={server.batch()}&useEnvelope=false&chunkSize=1000000"
            packed = server.get(path, headers={"accept-encoding": "gzip"})
            self.assertEqual(packed.headers["content-encoding"], "gzip")
            self.assertEqual(len(gzip.decompress(packed.body).splitlines()), 100)
            self.assertNotIn("content-encoding", server.get("/_api/version", headers={"accept-encoding": "gzip"}).headers)

    def test_1_a_body_in_chunks_or_announced_first_is_read(self):
        with StandIn() as server:
            server.make("books")
            connection = server.connect()
            connection.request(
                "PUT", "/_api/replication/restore-data?collection=books", iter([b'{"_key":"a', b'"}\n{"_key":"b"}\n']), server.headers,
                encode_chunked=True)
            self.assertEqual(connection.getresponse().read(), b'{"result":true}')
            raw = connection.sock
            raw.sendall(
                b"POST /_api/document/books HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nexpect: 100-continue\r\nauthorization: "
                + server.headers["authorization"].encode() + b"\r\n\r\n")
            self.assertEqual(raw.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            raw.sendall(b"{}")
            self.assertTrue(raw.recv(100).startswith(b"HTTP/1.1 202 "))
            connection.close()
            self.assertEqual(server.count("books"), 3)

    def test_1_many_clients_at_once_lose_nothing(self):
        def write(number):
            connection = server.connect()
            for place in range(20):
                lines = "".join(f'{{"_key":"{number}-{place}-{key}","n":{key}}}\n' for key in range(10))
                connection.request("PUT", "/_api/replication/restore-data?collection=books", lines, server.headers)
                answers.append(connection.getresponse().read())
            connection.close()

        with StandIn() as server:
            server.make("books")
            answers = []
            threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
            for thread in threads:
                thread.start()
            counts = []
            while any(thread.is_alive() for thread in threads):
                counts.append(len(server.dump("books")))
            for thread in threads:
                thread.join()
            self.assertEqual(set(answers), {b'{"result":true}'})
            # Each request is seen whole or not at all, and none goes away again.
            self.assertTrue(all(count % 10 == 0 for count in counts), counts)
            self.assertEqual(counts, sorted(counts))
            server.kill()
            server.start()
            self.assertEqual(server.count("books"), 1200)

    def test_2_the_refusal_of_a_login_is_exactly_that_of_the_server(self):
        with StandIn() as server:
            for given in ({"authorization": ""}, {"authorization": basic("root", "wrong")}, {"authorization": "bearer x.y.z"}):
                answer = server.get("/_api/version", headers=given)
                self.assertEqual(answer.status, 401)
                self.assertEqual(
                    answer.text, '{"code":401,"error":true,"errorMessage":"not authorized to execute this request","errorNum":11}')
                self.assertIn("www-authenticate", answer.headers)
            answer = server.get("/_api/version", headers={"authorization": "", "x-omit-www-authenticate": "1"})
            self.assertNotIn("www-authenticate", answer.headers)

    def test_2_a_token_lives_as_long_as_it_was_told_to_and_a_new_one_works_again(self):
        with StandIn(options=["--server.session-timeout", "0.4"]) as server:
            def log_in():
                return server.post("/_open/auth", {"username": "root", "password": PASSWORD}).json["jwt"]

            token = {"authorization": "bearer " + log_in()}
            self.assertEqual(server.get("/_api/version", headers=token).status, 200)
            deadline = time.monotonic() + 10
            while server.get("/_api/version", headers=token).status == 200 and time.monotonic() < deadline:
                time.sleep(0.02)
            self.assertEqual(server.get("/_api/version", headers=token).error, (401, 11))
            self.assertEqual(server.get("/_api/version", headers={"authorization": "bearer " + log_in()}).status, 200)

    def test_2_logging_in_fails_as_it_does_there(self):
        with StandIn() as server:
            self.assertEqual(server.post("/_open/auth", "{").error, (400, 400))
            self.assertEqual(server.post("/_open/auth", {"username": "root", "password": "wrong"}).error, (401, 401))
        with StandIn(authentication=False) as server:
            self.assertEqual(server.post("/_open/auth", {"username": "root", "password": PASSWORD}).status, 404)
            self.assertEqual(server.get("/_api/version", headers={"authorization": ""}).status, 200)

    def test_2_who_may_not_write_is_forbidden_and_not_unknown(self):
        with StandIn() as server:
            server.post("/_api/database", {"name": "theirs", "users": [{"username": "reader", "passwd": "r"}]})
            self.assertEqual(server.get("/_db/theirs/_api/collection", headers={"authorization": basic("reader", "r")}).status, 200)
            for path in ("/_api/collection", "/_api/database"):
                self.assertEqual(server.get(path, headers={"authorization": basic("reader", "r")}).error, (403, 11))

    def test_3_it_is_the_version_that_it_was_told_to_be(self):
        for version, licence in (("3.10.14", "community"), ("3.11.11", "community"), ("3.12.5", "enterprise")):
            with StandIn(version) as server:
                answer = server.get("/_api/version?details=true").json
                self.assertEqual((answer["version"], answer["license"]), (version, licence))
                self.assertEqual("endianness" in server.get("/_api/engine").json, version == "3.12.5")
                self.assertEqual(server.get("/_admin/server/role").json["role"], "SINGLE")
                self.assertEqual(server.get("/_admin/status").json["serverInfo"]["readOnly"], False)

    def test_3_readiness_is_told_to_everybody(self):
        with StandIn() as server:
            answer = server.get("/_admin/server/availability", headers={"authorization": ""})
            self.assertEqual(answer.json, {"error": False, "code": 200, "mode": "default"})

    def test_3_an_unknown_option_ends_it_as_it_ends_arangod(self):
        for options, code in ((["--no.such-option", "1"], 3), (["--server.authentication", "perhaps"], 4), (["--standin.version", "4.0.0"], 4)):
            server = StandIn(options=options)
            self.assertEqual(server.start(expecting_failure=True)[0], code)

    def test_3_it_listens_on_a_unix_socket(self):
        with StandIn(endpoint="unix://FOLDER/socket") as server:
            self.assertEqual(server.get("/_api/version").status, 200)

    def test_4_databases_come_and_go(self):
        with StandIn() as server:
            self.assertEqual(server.post("/_api/database", {"name": "one"}).json, {"error": False, "code": 201, "result": True})
            self.assertEqual(server.post("/_api/database", {"name": "one"}).error, (409, 1207))
            self.assertEqual(server.get("/_api/database").json["result"], ["_system", "one"])
            self.assertEqual(server.get("/_db/one/_api/database").error, (403, 1230))
            self.assertEqual(server.get("/_db/one/_api/database/current").json["result"]["name"], "one")
            self.assertEqual(server.delete("/_api/database/one").json["result"], True)
            self.assertEqual(server.get("/_db/one/_api/version").error, (404, 1228))
            self.assertEqual(server.delete("/_api/database/one").error, (404, 1228))

    def test_4_names_are_percent_encoded_and_normalised_and_extended_from_3_12_on(self):
        with StandIn() as server:
            self.assertEqual(server.post("/_api/database", {"name": "Bücher 2"}).status, 201)
            self.assertEqual(server.get("/_db/B%C3%BCcher%202/_api/database/current").json["result"]["name"], "Bücher 2")
            for name in ("Bu\u0308cher", "a/b", "a:b", "1st", "", "_mine"):
                self.assertEqual(server.post("/_api/database", {"name": name}).error, (400, 1229), name)
        with StandIn("3.11.11") as server:
            self.assertEqual(server.post("/_api/database", {"name": "Bücher"}).error, (400, 1229))

    def test_what_was_acknowledged_outlives_a_kill(self):
        with StandIn() as server:
            server.post("/_api/database", {"name": "kept"})
            server.make("books", ['{"_key":"a","n":1}', '{"_key":"b","n":-0.0}'], database="kept")
            server.post("/_db/kept/_api/index?collection=books", {"type": "persistent", "fields": ["n"], "unique": True})
            server.delete("/_db/kept/_api/document/books/a")
            server.put("/_db/kept/_api/collection/books/rename", {"name": "volumes"})
            before = server.dump("volumes", "kept")
            server.kill()
            server.start()
            self.assertEqual(server.dump("volumes", "kept"), before)
            self.assertEqual(len(server.get("/_db/kept/_api/index?collection=volumes").json["indexes"]), 2)
            self.assertEqual(server.post("/_db/kept/_api/document/volumes", {"n": 0}).error, (409, 1210))
            self.assertEqual(server.stop(), 0)
            server.start()
            self.assertEqual(server.dump("volumes", "kept"), before)

    def test_a_record_that_was_torn_is_dropped_and_nothing_else(self):
        with StandIn() as server:
            server.make("books", ['{"_key":"a"}'])
            server.make("other", ['{"_key":"b"}'])
            server.kill()
            with open(server.directory + "/JOURNAL", "r+b") as file:
                file.truncate(file.seek(0, 2) - 3)
            server.start()
            self.assertEqual((server.count("books"), server.count("other")), (1, 0))
            server.restore("other", ['{"_key":"c"}'])
            server.restart()
            self.assertEqual(server.count("other"), 1)

    def test_two_servers_do_not_share_a_directory(self):
        with StandIn() as server:
            other = StandIn()
            other.directory = server.directory
            code, errors = other.start(expecting_failure=True)
            self.assertEqual(code, 1)
            self.assertIn("already locked", errors)


if __name__ == "__main__":
    unittest.main()
