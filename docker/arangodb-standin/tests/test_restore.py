"""Section 11 of the contract: what the restore endpoints take, refuse and replace."""

import hashlib
import json
import unittest

from running import DUMP, PASSWORD, StandIn, basic

RESTORE = "/_api/replication/restore-"


def structure(name, indexes=(), **parameters):
    return {"indexes": list(indexes), "parameters": {"name": name, "type": 2, **parameters}}


class CollectionTests(unittest.TestCase):
    def test_11_a_collection_that_is_there_is_replaced_only_if_asked_to(self):
        with StandIn() as server:
            server.make("books", ['{"_key":"a"}'])
            before = server.get("/_api/collection/books").json["id"]
            answer = server.put(RESTORE + "collection", structure("books"))
            self.assertEqual(answer.error, (409, 1207))
            self.assertIn("'books'", answer.json["errorMessage"])
            self.assertEqual(server.count("books"), 1)
            self.assertEqual(server.put(RESTORE + "collection?overwrite=true", structure("books")).json, {"result": True})
            self.assertEqual(server.count("books"), 0)
            self.assertNotEqual(server.get("/_api/collection/books").json["id"], before)

    def test_11_a_system_collection_that_is_there_is_no_mistake(self):
        with StandIn() as server:
            self.assertEqual(server.put(RESTORE + "collection", structure("_graphs")).json, {"result": True})

    def test_11_ids_and_what_is_of_a_cluster_do_not_count_and_the_rest_stays(self):
        with StandIn() as server:
            given = structure(
                "knows", type=3, id="77", cid="77", planId="77", globallyUniqueId="h/77", deleted=False, shards={"s1": ["P"]}, version=9,
                numberOfShards=9, distributeShardsLike="_graphs", waitForSync=True, keyOptions={"type": "autoincrement", "increment": 5, "lastValue": 40},
                schema={"rule": {"type": "object"}, "level": "strict", "message": "no"})
            self.assertEqual(server.put(RESTORE + "collection", given).json, {"result": True})
            made = server.get("/_api/collection/knows/properties").json
            self.assertEqual((made["type"], made["waitForSync"], made["schema"]["message"]), (3, True, "no"))
            self.assertNotEqual(made["id"], "77")
            self.assertEqual(made["keyOptions"]["lastValue"], 40)
            self.assertEqual(server.post("/_api/document/knows", {"_from": "a/b", "_to": "a/c"}).json["_key"], "45")
            self.assertEqual(server.put(RESTORE + "collection", structure("gone", deleted=True)).json, {"result": True})
            self.assertEqual(server.get("/_api/collection/gone").error, (404, 1203))

    def test_11_a_structure_without_name_or_indexes_is_refused(self):
        with StandIn() as server:
            for body in ({"indexes": [], "parameters": {"type": 2}}, {"parameters": {"name": "a"}}, {"indexes": {}, "parameters": {"name": "a"}}):
                self.assertEqual(server.put(RESTORE + "collection", body).status, 400)

    def test_11_indexes_are_made_and_the_first_that_cannot_be_stops(self):
        with StandIn() as server:
            server.make("books", ['{"_key":"a","n":1}', '{"_key":"b","n":1}'])
            given = [
                {"id": "0", "type": "primary", "fields": ["_key"]}, {"id": "9", "type": "geo1", "fields": ["place"]},
                {"id": "5", "type": "hash", "fields": ["title"], "unique": False, "name": "by_title"},
            ]
            self.assertEqual(server.put(RESTORE + "indexes", structure("books", given)).json, {"result": True})
            made = server.get("/_api/index?collection=books").json["indexes"]
            self.assertEqual([one["type"] for one in made], ["primary", "geo", "hash"])
            answer = server.put(RESTORE + "indexes", structure("books", [{"type": "persistent", "fields": ["n"], "unique": True}]))
            self.assertEqual(answer.error, (409, 1210))
            self.assertTrue(answer.json["errorMessage"].startswith("could not create index: unique constraint violated"))

    def test_11_a_vector_index_wants_documents_and_is_lost_without_a_word_where_the_feature_is_off(self):
        vector = {"type": "vector", "fields": ["v"], "params": {"metric": "cosine", "dimension": 2, "nLists": 1}}
        with StandIn() as server:
            server.make("books")
            self.assertEqual(server.put(RESTORE + "indexes", structure("books", [vector])).status, 400)
            server.restore("books", ['{"_key":"a","v":[1,0]}'])
            self.assertEqual(server.put(RESTORE + "indexes", structure("books", [vector])).status, 200)
        with StandIn(options=["--vector-index", "false"]) as server:
            server.make("books", ['{"_key":"a","v":[1,0]}'])
            self.assertEqual(server.put(RESTORE + "indexes", structure("books", [vector])).json, {"result": True})
            self.assertEqual(len(server.get("/_api/index?collection=books").json["indexes"]), 1)

    def test_11_views_want_a_name_and_a_type_and_what_they_speak_of(self):
        with StandIn() as server:
            server.make("books")
            view = {"name": "search", "type": "arangosearch", "id": "7", "globallyUniqueId": "h/7", "links": {"books": {"includeAllFields": True}}}
            self.assertEqual(server.put(RESTORE + "view", view).json, {"result": True})
            self.assertEqual(server.put(RESTORE + "view", view).error, (409, 1207))
            self.assertEqual(server.put(RESTORE + "view?overwrite=true", view).json, {"result": True})
            self.assertNotEqual(server.get("/_api/view/search").json["id"], "7")
            self.assertEqual(server.put(RESTORE + "view", {"type": "arangosearch"}).status, 400)
            self.assertEqual(server.put(RESTORE + "view", {**view, "name": "other", "links": {"unknown": {}}}).error, (404, 1203))
            alias = {"name": "alias", "type": "search-alias", "indexes": [{"collection": "books", "index": "inverted"}]}
            self.assertEqual(server.put(RESTORE + "view", alias).status, 400)
            server.post("/_api/index?collection=books", {"type": "inverted", "name": "inverted", "fields": ["a"]})
            self.assertEqual(server.put(RESTORE + "view", alias).status, 200)


class DataTests(unittest.TestCase):
    def test_11_lines_come_back_as_they_went_in_but_for_their_revision(self):
        line = '{"_key":"a","_id":"books/a","_rev":"_old----","big":18446744073709551615,"small":-9223372036854775808,"zero":-0.0,"much":1e400,' \
               '"whole":1.0,"exact":0.1000000000000000055,"text":"ü \\" \\\\ \\n","nested":{"list":[1,2.50,null,true],"none":{}}}'
        with StandIn() as server:
            server.make("books")
            self.assertEqual(server.restore("books", [line]).json, {"result": True})
            for lines in (server.dump("books"), [server.get("/_api/document/books/a").text]):
                kept = lines[0]
                revision = json.loads(kept)["_rev"]
                self.assertNotEqual(revision, "_old----")
                self.assertEqual(kept, line.replace("_old----", revision))
            server.restart()
            self.assertEqual(server.dump("books"), [kept])

    def test_11_what_is_not_in_the_servers_own_form_is_brought_into_it(self):
        with StandIn() as server:
            server.make("books")
            server.restore("books", ['{ "b" : "\\u00fc\\/" , "_key":"a", "x": 1.50 , "_id":"elsewhere/a" }', "", " "])
            text = server.dump("books")[0]
            self.assertRegex(text, r'^\{"_key":"a","_id":"books/a","_rev":"[^"]+","b":"ü/","x":1\.50\}$')

    def test_11_a_request_that_is_repeated_changes_nothing(self):
        with StandIn() as server:
            server.make("books")
            for _ in range(2):
                server.restore("books", ['{"_key":"a","n":1}', '{"_key":"b","n":2}'])
            self.assertEqual(server.count("books"), 2)

    def test_11_envelopes_are_read_and_removals_remove(self):
        with StandIn() as server:
            server.make("flights", type=3)
            server.restore("flights", [
                '{"type":2301,"key":"1","rev":"1","data":{"_key":"1","_rev":"1","_from":"_unknown\\/1","_to":"_unknown\\/2"}}',
                '{"type":2300,"data":{"_key":"2","_from":"a/1","_to":"a/2","type":2302}}',
                '{"type":2302,"key":"1","rev":"1"}', '{"type":2302,"key":"absent","rev":"1"}',
            ])
            self.assertEqual([json.loads(one)["_key"] for one in server.dump("flights")], ["2"])
            # A plain document may have an attribute `type`.
            server.restore("flights", ['{"_key":"3","_from":"a/1","_to":"a/2","type":2302,"data":{"_key":"2"}}'])
            self.assertEqual(server.count("flights"), 2)

    def test_11_any_other_line_is_quoted_and_nothing_of_the_request_is_kept(self):
        with StandIn() as server:
            server.make("books")
            for line in ('{"n":1}', "[1]", '{"_key":"b"', '{"type":2300}', '{"type":9,"data":{"_key":"b"}}', '{"_key":"b","n":NaN}'):
                answer = server.restore("books", ['{"_key":"a"}', line])
                self.assertEqual(answer.error, (400, 600), line)
                self.assertEqual(answer.json["errorMessage"], f"received invalid JSON data for collection 'books' on line 2: {line}")
            self.assertEqual(server.count("books"), 0)

    def test_11_the_first_document_that_fails_fails_the_request_with_its_own_number(self):
        with StandIn() as server:
            server.make("books", ['{"_key":"a","n":1}'])
            server.post("/_api/index?collection=books", {"type": "persistent", "fields": ["n"], "unique": True, "name": "by_n"})
            answer = server.restore("books", ['{"_key":"b","n":2}', '{"_key":"c","n":1.0}'])
            self.assertEqual(answer.error, (409, 1210))
            self.assertEqual(
                answer.json["errorMessage"],
                "unique constraint violated - in index by_n of type persistent over 'n'; conflicting key: a")
            self.assertEqual(server.count("books"), 1)
            self.assertEqual(server.restore("books", ['{"_key":"bad key"}']).error, (400, 1221))
            # A document replaces itself, and two that exchange their values cannot.
            self.assertEqual(server.restore("books", ['{"_key":"a","n":1}', '{"_key":"b","n":2}']).status, 200)
            self.assertEqual(server.restore("books", ['{"_key":"a","n":2}', '{"_key":"b","n":1}']).error, (409, 1210))

    def test_11_edges_need_ends_and_no_vertices(self):
        with StandIn() as server:
            server.make("knows", type=3)
            self.assertEqual(server.restore("knows", ['{"_key":"a","_from":"nowhere/1","_to":"nowhere/2"}']).status, 200)
            self.assertEqual(server.restore("knows", ['{"_key":"b","_from":"nowhere/1"}']).error, (400, 1233))

    def test_11_the_schema_is_not_asked(self):
        with StandIn() as server:
            server.make("books", schema={"rule": {"type": "object", "required": ["title"]}, "level": "strict", "message": "no title"})
            self.assertEqual(server.post("/_api/document/books", {"n": 1}).error, (400, 1620))
            self.assertEqual(server.restore("books", ['{"_key":"a","n":1}']).status, 200)

    def test_11_an_unknown_or_missing_collection_is_told(self):
        with StandIn() as server:
            answer = server.restore("none", ['{"_key":"a"}'])
            self.assertEqual(answer.error, (404, 1203))
            self.assertTrue(answer.json["errorMessage"].startswith("unable to start transaction: "))
            self.assertEqual(server.put(RESTORE + "data?collection=", "", headers=DUMP).error, (400, 400))

    def test_11_users_are_known_by_their_name_and_the_login_changes_under_whoever_restores(self):
        row = {
            "_key": "999", "_id": "_users/999", "_rev": "x", "user": "root", "source": "LOCAL",
            "authData": {"active": True, "simple": {"hash": hashlib.sha256(b"saltold").hexdigest(), "salt": "salt", "method": "sha256"}},
            "databases": {"*": {"permissions": {"read": True, "write": True}}},
        }
        with StandIn() as server:
            indexes = [{"type": "hash", "fields": ["user"], "unique": True, "sparse": True, "name": "by_user"}]
            server.put(RESTORE + "collection?overwrite=true", structure("_users", isSystem=True))
            # Emptied, and everybody is still known.
            self.assertEqual(server.put(RESTORE + "indexes", structure("_users", indexes)).status, 200)
            self.assertEqual(server.restore("_users", [json.dumps(row), json.dumps({"_key": "5", "user": 7})]).status, 200)
            self.assertEqual(server.get("/_api/version").error, (401, 11))
            server.headers = {"authorization": basic("root", "old")}
            self.assertEqual(server.count("_users"), 1)
            self.assertNotEqual(json.loads(server.dump("_users")[0])["_key"], "999")
            self.assertNotEqual(PASSWORD, "old")


if __name__ == "__main__":
    unittest.main()
