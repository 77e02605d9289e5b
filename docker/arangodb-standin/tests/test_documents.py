"""Section 8 of the contract: documents one by one and many at once, and the import."""

import unittest

from running import StandIn


class DocumentTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn()
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__)

    def setUp(self):
        self.server.delete("/_api/collection/books")
        self.server.make("books")

    def post(self, body, query=""):
        return self.server.post(f"/_api/document/books{query}", body)

    def test_8_a_bulk_request_succeeds_even_if_items_fail(self):
        answer = self.post([{"_key": "a"}, {"_key": "a"}, {"_key": "no key"}, 5, {"_key": "b"}])
        self.assertEqual(answer.status, 202)
        self.assertEqual(answer.headers["x-arango-error-codes"], '{"1210":1,"1221":1,"1227":1}')
        self.assertEqual([one.get("errorNum") for one in answer.json], [None, 1210, 1221, 1227, None])
        self.assertEqual(self.server.count("books"), 2)

    def test_8_an_existing_key_means_what_the_mode_says(self):
        self.post({"_key": "a", "n": 1, "o": {"x": 1}})
        self.assertEqual(self.post({"_key": "a"}).error, (409, 1210))
        self.assertNotIn("_oldRev", self.post({"_key": "a", "n": 9}, "?overwriteMode=ignore").json)
        self.post({"_key": "a", "m": 2, "o": {"y": 2}}, "?overwriteMode=update")
        found = self.server.get("/_api/document/books/a").json
        self.assertEqual((found["n"], found["m"], found["o"]), (1, 2, {"x": 1, "y": 2}))
        answer = self.post({"_key": "a", "k": 3}, "?overwriteMode=replace&returnNew=true&returnOld=true").json
        self.assertEqual((answer["old"]["n"], "n" in answer["new"]), (1, False))
        self.assertNotEqual(answer["_oldRev"], answer["_rev"])

    def test_8_a_patch_removes_null_only_if_asked_to(self):
        self.post({"_key": "a", "n": 1, "o": {"x": 1}})
        self.server.patch("/_api/document/books/a", {"n": None, "o": {"x": None}})
        self.assertEqual(self.server.get("/_api/document/books/a").json["o"], {"x": None})
        self.server.patch("/_api/document/books/a?keepNull=false", {"n": None, "o": {"x": None}})
        self.assertEqual(self.server.get("/_api/document/books/a").json["o"], {})

    def test_8_revisions_guard_a_write(self):
        revision = self.post({"_key": "a"}).json["_rev"]
        path = "/_api/document/books/a"
        self.assertEqual(self.server.get(path, headers={"if-none-match": f'"{revision}"'}).status, 304)
        self.assertEqual(self.server.put(path, {"n": 1}, headers={"if-match": '"other"'}).error, (412, 1200))
        self.assertEqual(self.server.put(path, {"n": 1}, headers={"if-match": f'"{revision}"'}).status, 202)
        self.assertEqual(self.server.put(path + "?ignoreRevs=false", {"_rev": revision}).error, (412, 1200))
        self.assertEqual(self.server.get(path, headers={"if-match": f'"{revision}"'}).error, (412, 1200))

    def test_8_what_the_client_says_of_id_and_revision_does_not_count(self):
        answer = self.post({"_key": "a", "_id": "other/b", "_rev": "mine"})
        self.assertEqual(answer.json["_id"], "books/a")
        self.assertNotEqual(answer.json["_rev"], "mine")

    def test_8_silence_and_waiting(self):
        self.assertEqual(self.post([{}, {}], "?silent=true").json, [])
        self.assertEqual(self.post({}, "?waitForSync=true").status, 201)
        self.assertEqual(self.post("{").error, (400, 600))
        self.assertEqual(self.server.get("/_api/document/books/none").error, (404, 1202))
        self.assertEqual(self.server.get("/_api/document/none/none").error, (404, 1203))

    def test_8_an_import_counts_what_it_did(self):
        def load(lines, query):
            return self.server.post(f"/_api/import?collection=books&{query}", "\n".join(lines))

        lines = ['{"_key":"a","n":1}', "", '{"_key":"a","n":2}', "[1]", "{"]
        answer = load(lines, "type=documents&details=true")
        self.assertEqual((answer.status, answer.json["created"], answer.json["errors"], answer.json["empty"]), (201, 1, 3, 1))
        self.assertEqual(len(answer.json["details"]), 3)
        self.assertEqual(load(lines[:3], "type=documents&onDuplicate=update").json["updated"], 2)
        self.assertEqual(load(lines[:1], "type=documents&onDuplicate=ignore").json["ignored"], 1)
        self.assertEqual(load(['{"_key":"b"}', '{"_key":"a"}'], "type=documents&complete=true").error, (409, 1210))
        self.assertEqual(self.server.count("books"), 1)
        self.assertEqual(load(['[{"_key":"x"}]'], "type=auto&overwrite=true").json["created"], 1)
        self.assertEqual(self.server.count("books"), 1)
        self.assertEqual(load(['["_key","n"]', '["y",1]', '["z"]'], "").json, {
            "error": False, "created": 1, "errors": 1, "empty": 0, "updated": 0, "ignored": 0})

    def test_8_prefixes_make_ends_of_edges(self):
        self.server.delete("/_api/collection/knows")
        self.server.make("knows", type=3)
        answer = self.server.post("/_api/import?collection=knows&type=list&fromPrefix=p&toPrefix=q", [{"_key": "1", "_from": "a", "_to": "b"}])
        self.assertEqual(answer.json["created"], 1)
        self.assertEqual(self.server.get("/_api/document/knows/1").json["_from"], "p/a")
        self.assertEqual(self.server.post("/_api/document/knows", {"_from": "a"}).error, (400, 1233))


if __name__ == "__main__":
    unittest.main()
