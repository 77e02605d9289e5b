"""Connections, bodies and keys (contract 2)."""

import unittest

from running import StandIn

KEYS = {"QDRANT__SERVICE__API_KEY": "the-key", "QDRANT__SERVICE__READ_ONLY_API_KEY": "read-only"}


class Wire(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn(environment={"QDRANT_STANDIN_KEEP_ALIVE": "0.05", "QDRANT__SERVICE__MAX_REQUEST_SIZE_MB": "1"}).__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.server.fill("c", 3)

    def test_13_it_does_not_claim_to_be_qdrant(self):
        self.assertEqual(self.server.get("/").json, {"title": "qdrant stand-in (not Qdrant)", "version": "1.18.3-standin"})
        app = self.server.get("/telemetry").result["app"]
        self.assertEqual((app["name"], app["version"]), ("qdrant stand-in (not Qdrant)", "1.18.3-standin"))
        with StandIn("1.16.3") as other:
            self.assertEqual(other.get("/").json["version"], "1.16.3-standin")

    def test_2_2_what_is_not_routed_is_404_with_an_empty_body(self):
        for method, path in (("GET", "/nothing"), ("HEAD", "/collections"), ("POST", "/collections/c/snapshots/recover"), ("OPTIONS", "/collections")):
            answer = self.server.ask(method, path)
            self.assertEqual((answer.status, answer.body), (404, b""), f"{method} {path}")

    def test_2_2_failures_of_downloads_and_forms_are_plain_text(self):
        answer = self.server.get("/collections/c/snapshots/none.snapshot")
        self.assertEqual((answer.status, answer.text), (404, "Not found: Snapshot none.snapshot not found"))
        answer = self.server.post("/collections/c/snapshots/upload", {"location": "x"}, headers={"Content-Type": "application/json"})
        self.assertEqual((answer.status, answer.text), (415, "ContentTypeIncompatible"))

    def test_2_3_a_body_that_is_too_large_is_400_before_it_was_read_and_the_connection_closes(self):
        with self.server.raw() as connection:
            connection.sendall(b"PUT /collections/c/points HTTP/1.1\r\nhost: x\r\ncontent-length: 34603077\r\n\r\n{")
            answer = received(connection)
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)
        self.assertIn(b"JSON payload (34603077 bytes) is larger than allowed (limit: 1048576 bytes).", answer)

    def test_2_2_an_idle_connection_is_closed(self):
        with self.server.raw() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            answer = received(connection)  # to the end: without a close it would wait for ever
        self.assertTrue(answer.endswith(b"healthz check passed"))
        self.assertNotIn(b"connection: close", answer)

    def test_2_2_expect_100_continue_is_granted(self):
        with self.server.raw() as connection:
            connection.sendall(b"POST /collections/c/points/count HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
            self.assertEqual(connection.recv(25), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b"{}")
            self.assertIn(b'"count":3', received(connection))

    def test_2_2_slashes_are_normalised_and_the_content_type_is_not_looked_at(self):
        self.assertEqual(self.server.get("//collections/").status, 200)
        self.assertEqual(self.server.post("/collections/c/points/count", b"{}", headers={"Content-Type": "text/plain"}).status, 200)

    def test_0_7_wait_false_answers_202_for_anything(self):
        for method, path, body in (("POST", "/collections/nope/snapshots?wait=false", None),
                                   ("PUT", "/collections/nope/snapshots/recover?wait=false", {"location": "file:///none"})):
            answer = self.server.ask(method, path, body)
            self.assertEqual((answer.status, set(answer.json)), (202, {"status", "time"}))


class Keys(unittest.TestCase):
    def test_2_1_keys(self):
        with StandIn(environment=KEYS) as server:
            full, reading = {"api-key": "the-key"}, {"api-key": "read-only"}
            for headers, text in (({}, "Must provide an API key or an Authorization bearer token"), ({"api-key": "x"}, "Invalid API key or JWT"),
                                  ({"api-key": "x", "Authorization": "Bearer the-key"}, "Invalid API key or JWT")):
                answer = server.get("/collections", headers=headers)
                self.assertEqual((answer.status, answer.text), (401, text))
            self.assertEqual(server.get("/collections", headers={"Authorization": "Bearer the-key"}).status, 200)
            for path in ("/", "/healthz", "/readyz", "/livez"):
                self.assertEqual(server.get(path).status, 200)
            for path in ("/metrics", "/telemetry"):
                self.assertEqual(server.get(path).status, 401)
            server.headers = full
            server.fill("c", 3)
            server.headers = reading
            self.assertEqual(server.count("c").result["count"], 3)
            for method, path, body in (("PUT", "/collections/c/points", {"points": [{"id": 1, "vector": [1, 2, 3, 4]}]}),
                                       ("POST", "/collections/c/snapshots", None), ("DELETE", "/collections/c", None),
                                       ("PUT", "/collections/c/snapshots/recover", {"location": "file:///x"})):
                answer = server.ask(method, path, body)
                self.assertEqual((answer.status, answer.error), (403, "Forbidden: Global manage access is required"), path)
            # With wait=false even this is accepted, and nothing is done (contract 0.7).
            self.assertEqual(server.post("/collections/c/snapshots?wait=false").status, 202)
            self.assertEqual(server.get("/collections/c/snapshots").result, [])


def received(connection):
    parts = []
    try:
        while data := connection.recv(65536):
            parts.append(data)
    except ConnectionResetError:
        pass
    return b"".join(parts)


if __name__ == "__main__":
    unittest.main()
