"""Sections 5 to 7 of the contract: collections, indexes, views, analyzers, graphs, users."""

import unittest

from running import StandIn, basic

BOOKS = ['{"_key":"a","n":1}', '{"_key":"b","n":2}']


class CollectionTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn()
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__)

    def tearDown(self):
        for one in self.server.get("/_api/collection?excludeSystem=true").json["result"]:
            self.server.delete(f"/_api/collection/{one['name']}")

    def test_5_names_are_unique_legal_and_found_by_id_too(self):
        server = self.server
        made = server.post("/_api/collection", {"name": "books"}).json
        self.assertEqual(server.post("/_api/collection", {"name": "books"}).error, (409, 1207))
        for name in ("1st", "_mine", "a/b", ""):
            self.assertEqual(server.post("/_api/collection", {"name": name}).error, (400, 1208), name)
        self.assertEqual(server.get(f"/_api/collection/{made['id']}").json["name"], "books")
        self.assertEqual(server.get("/_api/collection/none").error, (404, 1203))

    def test_5_system_collections_go_only_when_they_are_called_so(self):
        server = self.server
        self.assertEqual(server.post("/_api/collection", {"name": "_mine", "isSystem": True}).status, 200)
        self.assertEqual(server.delete("/_api/collection/_mine").status, 403)
        self.assertEqual(server.delete("/_api/collection/_mine?isSystem=true").status, 200)

    def test_5_keys_are_generated_as_the_collection_has_it(self):
        server = self.server
        server.make("step", keyOptions={"type": "autoincrement", "increment": 5, "offset": 3})
        self.assertEqual([server.post("/_api/document/step", {}).json["_key"] for _ in range(3)], ["8", "13", "18"])
        server.make("uuid", keyOptions={"type": "uuid"})
        self.assertRegex(server.post("/_api/document/uuid", {}).json["_key"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        server.make("padded", keyOptions={"type": "padded"})
        self.assertRegex(server.post("/_api/document/padded", {}).json["_key"], r"^[0-9a-f]{16}$")
        server.make("own", keyOptions={"allowUserKeys": False})
        self.assertEqual(server.post("/_api/document/own", {"_key": "a"}).error, (400, 1222))
        self.assertEqual(server.post("/_api/collection", {"name": "x", "keyOptions": {"type": "random"}}).error, (400, 1232))
        server.make("numbers", ['{"_key":"900000"}'])
        self.assertEqual(server.get("/_api/collection/numbers/properties").json["keyOptions"]["lastValue"], 900000)
        self.assertEqual(server.post("/_api/document/numbers", {}).json["_key"], "900001")

    def test_5_every_change_makes_another_revision(self):
        with StandIn() as server:
            server.post("/_api/collection", {"name": "c"})
            seen = [server.get("/_api/collection/c/revision").json["revision"]]
            for query in ('INSERT {_key: "a"} INTO c', 'UPDATE "a" WITH {n: 1} IN c', 'INSERT {_key: "b"} INTO c', 'REMOVE "b" IN c'):
                server.query(query)
                seen.append(server.get("/_api/collection/c/revision").json["revision"])
            self.assertEqual(len(set(seen)), 5, seen)

    def test_5_the_checksum_is_of_the_content_and_of_revisions_only_if_asked(self):
        server = self.server
        server.make("one", BOOKS)
        server.make("two", BOOKS[::-1])

        def sum(name, query="withData=true"):
            return server.get(f"/_api/collection/{name}/checksum?{query}").json["checksum"]

        self.assertEqual(sum("one"), sum("two"))
        self.assertNotEqual(sum("one", "withData=true&withRevisions=true"), sum("two", "withData=true&withRevisions=true"))
        server.patch("/_api/document/two/a", {"n": 1.5})
        self.assertNotEqual(sum("one"), sum("two"))
        self.assertEqual(sum("one", ""), sum("two", ""))

    def test_5_truncate_leaves_indexes_and_properties(self):
        server = self.server
        server.make("books", BOOKS, waitForSync=True)
        server.post("/_api/index?collection=books", {"type": "persistent", "fields": ["n"]})
        self.assertEqual(server.put("/_api/collection/books/truncate").status, 200)
        self.assertEqual(server.count("books"), 0)
        self.assertEqual(len(server.get("/_api/index?collection=books").json["indexes"]), 2)
        self.assertTrue(server.get("/_api/collection/books/properties").json["waitForSync"])

    def test_5_computed_values_are_of_documents_that_are_written_by_hand(self):
        server = self.server
        server.make("books", computedValues=[{"name": "twice", "expression": "RETURN @doc.n * 2", "overwrite": True}])
        server.post("/_api/document/books", {"_key": "a", "n": 4})
        server.restore("books", ['{"_key":"b","n":4}'])
        self.assertEqual(server.result("FOR d IN books SORT d._key RETURN d.twice"), [8, None])

    def test_5_a_schema_that_makes_no_sense_is_refused(self):
        self.assertEqual(self.server.post("/_api/collection", {"name": "x", "schema": {"rule": 5}}).error, (400, 1621))

    def test_6_an_index_is_made_once_and_the_automatic_ones_never(self):
        server = self.server
        server.make("knows", type=3)
        by_n = {"type": "persistent", "fields": ["n"], "unique": True}
        first, again = (server.post("/_api/index?collection=knows", by_n) for _ in range(2))
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual((first.json["isNewlyCreated"], again.json["isNewlyCreated"]), (True, False))
        self.assertEqual(first.json["id"], again.json["id"])
        listed = server.get("/_api/index?collection=knows").json
        self.assertEqual([one["type"] for one in listed["indexes"]], ["primary", "edge", "persistent"])
        self.assertEqual(server.post("/_api/index?collection=knows", {"type": "edge"}).status, 400)
        self.assertEqual(server.delete(f"/_api/index/{first.json['id']}").status, 200)
        self.assertEqual(server.delete(f"/_api/index/{first.json['id']}").error, (404, 1212))
        self.assertEqual(server.post("/_api/index?collection=none", by_n).error, (404, 1203))

    def test_6_unique_means_that_no_two_documents_have_the_same_values(self):
        server = self.server
        server.make("books", BOOKS)
        server.post("/_api/index?collection=books", {"type": "persistent", "fields": ["n", "m.x"], "unique": True, "name": "both"})
        server.post("/_api/index?collection=books", {"type": "persistent", "fields": ["tags[*]"], "unique": True, "sparse": True, "name": "tags"})
        answer = server.post("/_api/document/books", {"n": 1})
        self.assertEqual(answer.error, (409, 1210))
        self.assertEqual(
            answer.json["errorMessage"],
            "unique constraint violated - in index both of type persistent over 'n', 'm.x'; conflicting key: a")
        self.assertEqual(server.post("/_api/document/books", {"n": 1, "m": {"x": 1}, "tags": ["p", "p"]}).status, 202)
        self.assertEqual(server.post("/_api/document/books", {"n": 9, "tags": ["q", "p"]}).error, (409, 1210))
        self.assertEqual(server.patch("/_api/document/books/b", {"n": 1}).error, (409, 1210))
        self.assertEqual(server.delete("/_api/document/books/a").status, 202)
        self.assertEqual(server.patch("/_api/document/books/b", {"n": 1}).status, 202)

    def test_6_definitions_of_every_kind_are_kept_and_wrong_ones_refused(self):
        server = self.server
        server.make("books", BOOKS)
        vector = {"metric": "l2", "dimension": 3, "nLists": 1}
        for definition in (
            {"type": "ttl", "fields": ["at"], "expireAfter": 0}, {"type": "geo", "fields": ["p"], "geoJson": True},
            {"type": "fulltext", "fields": ["t"], "minLength": 3}, {"type": "mdi", "fields": ["x", "y"], "fieldValueTypes": "double"},
            {"type": "mdi-prefixed", "fields": ["x"], "fieldValueTypes": "double", "prefixFields": ["y"]},
            {"type": "inverted", "fields": ["a"], "primarySort": {"fields": [{"field": "a", "asc": True}]}, "name": "inv"},
            {"type": "vector", "fields": ["v"], "params": vector},
        ):
            made = server.post("/_api/index?collection=books", definition)
            self.assertEqual(made.status, 201, made.text)
            for name, value in definition.items():
                if name not in ("fields", "params", "primarySort"):
                    self.assertEqual(made.json[name], value, definition)
        for wrong in (
            {"type": "persistent"}, {"type": "persistent", "fields": []}, {"type": "ttl", "fields": ["a", "b"], "expireAfter": 1},
            {"type": "ttl", "fields": ["a"]}, {"type": "vector", "fields": ["w"], "params": {**vector, "nLists": 3}}, {"type": "none", "fields": ["a"]},
            {"type": "mdi", "fields": ["q"]}, {"fields": ["a"]},
        ):
            self.assertEqual(server.post("/_api/index?collection=books", wrong).error, (400, 400), wrong)
        self.assertEqual(server.count("books"), 2)  # whatever is expired: nothing is removed here

    def test_7_views_keep_what_they_were_told(self):
        server = self.server
        server.make("books")
        self.assertEqual(server.post("/_api/view", {"name": "v", "type": "arangosearch", "links": {"none": {}}}).error, (404, 1203))
        self.assertEqual(
            server.post("/_api/view", {"name": "v", "type": "arangosearch", "links": {"books": {"analyzers": ["own"]}}}).error, (400, 400))
        server.post("/_api/analyzer", {"name": "own", "type": "identity"})
        made = server.post("/_api/view", {
            "name": "v", "type": "arangosearch", "links": {"books": {"analyzers": ["own"]}}, "primarySort": [{"field": "a", "asc": True}]})
        self.assertEqual(made.status, 201)
        self.assertEqual(server.post("/_api/view", {"name": "v", "type": "arangosearch"}).error, (409, 1207))
        self.assertEqual(server.delete("/_api/analyzer/own").status, 409)
        self.assertEqual(server.get("/_api/view/v/properties").json["primarySort"], [{"field": "a", "asc": True}])
        server.delete("/_api/collection/books")
        self.assertEqual(server.get("/_api/view/v/properties").json["links"], {})
        self.assertEqual(server.delete("/_api/view/v").json["result"], True)
        self.assertEqual(server.get("/_api/view/v").error, (404, 1203))
        self.assertEqual(server.delete("/_api/analyzer/own").status, 200)

    def test_7_an_analyzer_is_made_once_and_kept_in_its_collection(self):
        server = self.server
        own = {"name": "own", "type": "norm", "properties": {"locale": "de"}}
        self.assertEqual([server.post("/_api/analyzer", own).status for _ in range(2)], [201, 200])
        self.assertEqual(server.post("/_api/analyzer", {**own, "properties": {}}).error, (400, 400))
        self.assertEqual(server.get("/_api/analyzer/own").json["name"], "_system::own")
        self.assertEqual(server.count("_analyzers"), 1)
        self.assertEqual(server.delete("/_api/analyzer/own").status, 200)

    def test_7_a_graph_is_a_document_and_makes_its_collections(self):
        server = self.server
        graph = {"name": "g", "edgeDefinitions": [{"collection": "knows", "from": ["people"], "to": ["people"]}], "orphanCollections": ["others"]}
        self.assertEqual(server.post("/_api/gharial", graph).status, 202)
        self.assertEqual(server.post("/_api/gharial", graph).error, (409, 1925))
        self.assertEqual(server.get("/_api/collection/knows").json["type"], 3)
        self.assertEqual(server.get("/_api/document/_graphs/g").json["orphanCollections"], ["others"])
        server.post("/_api/document/people", [{"_key": "a"}, {"_key": "b"}])
        server.post("/_api/document/knows", {"_from": "people/a", "_to": "people/b"})
        self.assertEqual(server.delete("/_api/gharial/g/vertex/people/a").json["removed"], True)
        self.assertEqual(server.count("knows"), 0)
        self.assertEqual(server.delete("/_api/gharial/g?dropCollections=true").status, 202)
        self.assertEqual(server.get("/_api/gharial/g").error, (404, 1924))
        self.assertEqual(server.get("/_api/collection/others").error, (404, 1203))

    def test_7_what_a_user_may_is_what_was_granted(self):
        server = self.server
        server.make("open", BOOKS)
        server.make("shut", BOOKS)
        self.assertEqual(server.post("/_api/user", {"user": "u", "passwd": "p"}).status, 201)
        self.assertEqual(server.post("/_api/user", {"user": "u"}).error, (409, 1702))
        theirs = {"authorization": basic("u", "p")}
        self.assertEqual(server.get("/_api/collection/open/count", headers=theirs).error, (403, 11))
        server.put("/_api/user/u/database/_system", {"grant": "ro"})
        server.put("/_api/user/u/database/_system/shut", {"grant": "none"})
        self.assertEqual(server.get("/_api/collection/open/count", headers=theirs).status, 200)
        self.assertEqual(server.get("/_api/collection/shut/count", headers=theirs).error, (403, 11))
        self.assertEqual(server.post("/_api/document/open", {}, headers=theirs).error, (403, 11))
        self.assertEqual(server.get("/_api/user", headers=theirs).error, (403, 11))
        self.assertEqual(server.get("/_api/user/u", headers=theirs).json["active"], True)
        server.put("/_api/user/u/database/_system/open", {"grant": "rw"})
        self.assertEqual(server.post("/_api/document/open", {}, headers=theirs).status, 202)
        server.patch("/_api/user/u", {"active": False})
        self.assertEqual(server.get("/_api/version", headers=theirs).error, (401, 11))
        kept = server.result("FOR u IN _users FILTER u.user == 'u' RETURN u")[0]
        self.assertEqual(kept["authData"]["simple"]["method"], "sha256")
        self.assertEqual(server.delete("/_api/user/u").status, 202)
        self.assertEqual(server.get("/_api/user/u").error, (404, 1703))


if __name__ == "__main__":
    unittest.main()
