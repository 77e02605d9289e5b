"""Section 9 of the contract: the part of AQL that the stand-in knows, cursors, and stream transactions."""

import json
import unittest

from running import StandIn

BOOKS = [
    '{"_key":"a","title":"Dune","year":1965,"shelf":"fiction","tags":["desert","spice"],"v":[1,0]}',
    '{"_key":"b","title":"Emma","year":1815,"shelf":"classic","tags":["love"],"v":[0,1]}',
    '{"_key":"c","title":"Ulysses","year":1922,"shelf":"classic","tags":[],"v":[1,1]}',
    '{"_key":"d","title":"unknown","shelf":null,"price":1.50,"id":9007199254740993}',
]


class QueryTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = StandIn()
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__)
        cls.server.make("books", BOOKS)
        cls.server.make("people", ['{"_key":"p1","name":"Ann"}', '{"_key":"p2","name":"Bob"}', '{"_key":"p3","name":"Cid"}'])
        cls.server.make("knows", [
            '{"_key":"1","_from":"people/p1","_to":"people/p2"}', '{"_key":"2","_from":"people/p2","_to":"people/p3"}'], type=3)
        cls.server.post("/_api/gharial", {"name": "social", "edgeDefinitions": [{"collection": "knows", "from": ["people"], "to": ["people"]}]})

    def check(self, *cases):
        for query, expected in cases:
            with self.subTest(query):
                self.assertEqual(self.server.result(query), expected)

    def test_9_filters(self):
        self.check(
            ("FOR d IN books FILTER d.year > 1900 RETURN d._key", ["a", "c"]),
            ("FOR d IN books FILTER d.year >= 1815 && d.year < 1922 RETURN d._key", ["b"]),
            ("FOR d IN books FILTER d.shelf == null RETURN d._key", ["d"]),
            ("FOR d IN books FILTER NOT (d.shelf == 'classic' OR d.shelf == null) RETURN d._key", ["a"]),
            ("FOR d IN books FILTER d._key IN ['a', 'd'] RETURN d._key", ["a", "d"]),
            ("FOR d IN books FILTER d._key NOT IN ['a', 'd'] RETURN d._key", ["b", "c"]),
            ("FOR d IN books FILTER 'love' IN d.tags RETURN d._key", ["b"]),
            ("FOR d IN books FILTER d.title LIKE '%u_e' RETURN d._key", ["a"]),
            ("FOR d IN books FILTER d.title =~ '^U' RETURN d._key", ["c"]),
            ("FOR d IN books FILTER d.year % 2 == 1 RETURN d._key", ["a", "b"]),
            ("FOR d IN books FILTER d.tags[0] == 'desert' RETURN d.tags[-1]", ["spice"]),
            ("FOR d IN books FILTER HAS(d, 'price') RETURN d.price * 2", [3]),
        )

    def test_9_order_limits_and_projections(self):
        self.check(
            ("FOR d IN books SORT d.year RETURN d._key", ["d", "b", "c", "a"]),
            ("FOR d IN books SORT d.shelf DESC, d.year ASC LIMIT 1, 2 RETURN d._key", ["b", "c"]),
            ("FOR d IN books LIMIT 1 RETURN {d: d.title, 'k': d._key, [CONCAT('x', 1)]: 1}", [{"d": "Dune", "k": "a", "x1": 1}]),
            ("FOR d IN books RETURN DISTINCT d.shelf", ["fiction", "classic", None]),
            ("FOR d IN books LET n = LENGTH(d.tags) FILTER n > 0 RETURN [d._key, n]", [["a", 2], ["b", 1]]),
            ("FOR d IN books FILTER d.tags != null RETURN d.tags[*]", [["desert", "spice"], ["love"], []]),
            ("FOR a IN books FOR b IN people FILTER a._key == 'a' RETURN CONCAT(a.title, b.name)", ["DuneAnn", "DuneBob", "DuneCid"]),
            ("FOR i IN 1..3 RETURN i * 2", [2, 4, 6]),
            ("RETURN LENGTH(books)", [4]),
            ("RETURN LENGTH(FOR d IN books FILTER d.year > 1900 RETURN 1)", [2]),
            ("LET n = (FOR d IN books RETURN d.year) RETURN MAX(n)", [1965]),
        )

    def test_9_groups(self):
        self.check(
            ("FOR d IN books COLLECT WITH COUNT INTO n RETURN n", [4]),
            ("FOR d IN books COLLECT s = d.shelf WITH COUNT INTO n RETURN {s, n}",
             [{"s": None, "n": 1}, {"s": "classic", "n": 2}, {"s": "fiction", "n": 1}]),
            ("FOR d IN books COLLECT AGGREGATE a = MIN(d.year), b = MAX(d.year), c = COUNT(d), s = SUM(d.year) RETURN [a, b, c, s]",
             [[1815, 1965, 4, 5702]]),
            ("FOR d IN books FILTER d.year != null COLLECT AGGREGATE a = AVG(d.year) RETURN ROUND(a)", [[1901]][0]),
            ("FOR d IN books COLLECT s = d.shelf INTO g = d._key RETURN g", [["d"], ["b", "c"], ["a"]]),
        )

    def test_9_functions(self):
        self.check(
            ("RETURN [LOWER('Ab'), UPPER('Ab'), ABS(-2), ROUND(2.5), FLOOR(-1.5), CEIL(1.2), SQRT(9), POW(2, 10)]",
             [["ab", "AB", 2, 3, -2, 2, 3, 1024]]),
            ("RETURN [TO_STRING(1.0), TO_NUMBER('12'), FIRST([3, 4]), UNIQUE([1, 1.0, 2]), AVERAGE([1, 2]), SUM([]), MIN([null, 2])]",
             [["1", 12, 3, [1, 2], 1.5, 0, 2]]),
            ("RETURN [COSINE_SIMILARITY([1, 0], [0, 1]), L2_DISTANCE([0, 0], [3, 4])]", [[0, 5]]),
            ("RETURN [DOCUMENT('books/a').title, DOCUMENT('books', ['b', 'nobody'])[0].title, DOCUMENT('books/nobody')]", [["Dune", "Emma", None]]),
            ("RETURN DATE_NOW() > 1600000000000 ? 'now' : 'then'", ["now"]),
            ("RETURN [1 / 0, 5 % 3, -7 % 3, 'a' < 'B', null < false, false < 0, 9 < '1', '1' < [], [] < {}, 1 == 1.0, 1 == true]",
             [[None, 2, -1, True, True, True, True, True, True, True, False]]),
        )

    def test_9_walks_along_edges(self):
        self.check(
            ("FOR v IN 1..1 OUTBOUND 'people/p1' GRAPH 'social' RETURN v.name", ["Bob"]),
            ("FOR v IN 1..2 OUTBOUND 'people/p1' knows RETURN v.name", ["Bob", "Cid"]),
            ("FOR v, e IN INBOUND 'people/p3' knows RETURN [v.name, e._key]", [["Bob", "2"]]),
            ("FOR v, e, p IN 2 ANY 'people/p1' knows RETURN LENGTH(p.edges)", [2]),
            ("FOR p IN people SORT p._key RETURN LENGTH(FOR v IN 1..1 ANY p._id knows RETURN 1)", [1, 2, 1]),
        )

    def test_9_documents_and_their_numbers_keep_their_text(self):
        answer = self.server.query("FOR d IN books FILTER d._key == 'd' RETURN [d.id, d.price, d]")
        self.assertIn("[9007199254740993,1.50,{", answer.text)
        self.assertIn('"price":1.50,"id":9007199254740993}', answer.text)

    def test_9_bind_parameters(self):
        self.assertEqual(
            self.server.result("FOR d IN @@c FILTER d.@attr == @value RETURN d._key", **{"@c": "books", "attr": "title", "value": "Dune"}), ["a"])
        self.assertEqual(self.server.result("FOR d IN @@c FILTER d[@attr] IN @list RETURN d._key", **{"@c": "books", "attr": "year", "list": [1815]}), ["b"])

    def test_9_mistakes_have_the_numbers_of_the_server(self):
        for query, binds, error in (
            ("FOR d IN books FILTER d.a = 1 RETURN d", {}, (400, 1501)), ("FOR d IN books", {}, (400, 1501)), ("RETURN 'a", {}, (400, 1501)),
            ("  // nothing\n", {}, (400, 1502)), ("RETURN @a", {}, (400, 1551)), ("RETURN 1", {"a": 1}, (400, 1552)),
            ("FOR d IN @@c RETURN d", {"@c": 1}, (400, 1553)), ("FOR d IN nowhere RETURN d", {}, (404, 1203)),
            ("FOR x IN 5 RETURN x", {}, (400, 1563)), ("RETURN POW(1)", {}, (400, 1541)), ("FOR v IN 1..1 ANY 'people/p1' GRAPH 'none' RETURN v", {}, (404, 1924)),
        ):
            self.assertEqual(self.server.query(query, binds).error, error, query)
        words = self.server.query("FOR i IN 1..100 FILTER i = 1 LIMIT 2 RETURN i * 3").json["errorMessage"]
        self.assertEqual(words, "syntax error, unexpected assignment near '= 1 LIMIT 2 RETURN i * 3' at position 1:26")

    def test_9_what_the_stand_in_cannot_it_says(self):
        for query in (
            "RETURN FULLTEXT(books, 'a', 'b')", "FOR v IN ANY SHORTEST_PATH 'a/b' TO 'a/c' knows RETURN v", "RETURN my::own(1)",
            "FOR d IN books WINDOW {preceding: 1} AGGREGATE n = SUM(d.year) RETURN n", "RETURN [1] ALL IN [1]",
        ):
            answer = self.server.query(query)
            self.assertEqual(answer.error, (400, 1501), query)
            self.assertIn("the stand-in for ArangoDB cannot", answer.json["errorMessage"])

    def test_9_a_search_by_vector_needs_its_index(self):
        query = "FOR d IN vectors SORT APPROX_NEAR_COSINE(d.v, [1, 0.1]) DESC LIMIT 1 RETURN d._key"
        self.server.make("vectors", BOOKS[:3])
        self.assertEqual(self.server.query(query).error, (400, 1554))
        made = self.server.post("/_api/index?collection=vectors", {
            "type": "vector", "fields": ["v"], "params": {"metric": "cosine", "dimension": 2, "nLists": 1}})
        self.assertEqual(made.status, 201, made.text)
        self.assertEqual(self.server.result(query), ["a"])

    def test_9_queries_write(self):
        server = self.server
        server.make("written")
        self.assertEqual(server.result("INSERT {_key: 'a', n: 1} INTO written RETURN NEW.n"), [1])
        server.result("FOR i IN 2..4 INSERT {_key: CONCAT('k', i), n: i} INTO written")
        server.result("UPDATE 'a' WITH {m: 2} IN written")
        server.result("FOR d IN written FILTER d.n > 2 REPLACE d WITH {big: d.n * 10} IN written")
        server.result("REMOVE {_key: 'k2'} IN written")
        server.result("UPSERT {_key: 'u'} INSERT {_key: 'u', n: 1} UPDATE {n: OLD.n + 1} IN written")
        server.result("UPSERT {_key: 'u'} INSERT {_key: 'u', n: 1} UPDATE {n: OLD.n + 1} IN written")
        self.assertEqual(
            server.result("FOR d IN written SORT d._key RETURN UNSET(d, '_id', '_rev')"),
            [{"_key": "a", "n": 1, "m": 2}, {"_key": "k3", "big": 30}, {"_key": "k4", "big": 40}, {"_key": "u", "n": 2}])
        answer = server.query("FOR i IN 1..3 INSERT {_key: i == 3 ? 'a' : CONCAT('n', i)} INTO written")
        self.assertEqual(answer.error, (409, 1210))
        self.assertEqual(server.count("written"), 4)


class CursorTests(unittest.TestCase):
    def test_9_results_come_in_batches(self):
        with StandIn() as server:
            first = server.query("FOR i IN 1..5 RETURN i", batchSize=2, count=True).json
            self.assertEqual((first["result"], first["hasMore"], first["count"]), ([1, 2], True, 5))
            path = f"/_api/cursor/{first['id']}"
            self.assertEqual(server.post(path).json["result"], [3, 4])
            last = server.put(path).json
            self.assertEqual((last["result"], last["hasMore"]), ([5], False))
            self.assertEqual(server.post(path).error, (404, 1600))
            self.assertEqual(server.delete(path).error, (404, 1600))

    def test_9_a_batch_may_be_asked_for_again_where_that_was_wished(self):
        with StandIn() as server:
            first = server.query("FOR i IN 1..3 RETURN i", batchSize=2, options={"allowRetry": True}).json
            self.assertEqual(first["nextBatchId"], "2")
            path = f"/_api/cursor/{first['id']}"
            for _ in range(2):
                self.assertEqual(server.post(f"{path}/2").json["result"], [3])
            self.assertEqual(server.post(f"{path}/1").error, (404, 1600))
            self.assertEqual(server.delete(path).status, 202)

    def test_9_a_cursor_ends_by_itself(self):
        with StandIn() as server:
            first = server.query("FOR i IN 1..3 RETURN i", batchSize=2, ttl=1e-9).json
            server.get("/_api/version")
            self.assertEqual(server.post(f"/_api/cursor/{first['id']}").error, (404, 1600))

    def test_9_a_query_of_3_11_says_where_it_failed(self):
        with StandIn("3.11.11") as server:
            self.assertEqual(
                server.query("FOR d IN nowhere RETURN d").json["errorMessage"], "AQL: collection or view not found: nowhere (while parsing)")


class TransactionTests(unittest.TestCase):
    def begin(self, server, **collections):
        return server.post("/_api/transaction/begin", {"collections": collections}).json["result"]["id"]

    def test_9_declared_collections_are_seen_as_they_were(self):
        with StandIn() as server:
            server.make("books", BOOKS[:2])
            server.make("other")
            inside = {"x-arango-trx-id": self.begin(server, read=["books"])}
            server.delete("/_api/document/books/a")
            server.restore("other", ['{"_key":"a"}'])
            body = {"query": "FOR d IN @@c RETURN d._key", "bindVars": {"@c": "books"}, "batchSize": 1, "options": {"stream": True}}
            self.assertEqual(server.post("/_api/cursor", body, headers=inside).json["result"], ["a"])
            self.assertEqual(server.get("/_api/collection/books/count", headers=inside).json["count"], 2)
            self.assertEqual(server.get("/_api/document/books/a", headers=inside).status, 200)
            # One that was not declared is not isolated.
            self.assertEqual(server.get("/_api/collection/other/count", headers=inside).json["count"], 1)

    def test_9_what_it_writes_is_seen_when_it_is_committed(self):
        with StandIn() as server:
            server.make("books", BOOKS[:2])
            id = self.begin(server, write="books")
            inside = {"x-arango-trx-id": id}
            self.assertEqual(server.post("/_api/document/books", {"_key": "new"}, headers=inside).status, 202)
            self.assertEqual(server.delete("/_api/document/books/a", headers=inside).status, 202)
            self.assertEqual(server.get("/_api/document/books/new").error, (404, 1202))
            self.assertEqual(server.get("/_api/document/books/new", headers=inside).status, 200)
            self.assertEqual(server.put(f"/_api/transaction/{id}").json["result"], {"id": id, "status": "committed"})
            self.assertEqual(sorted(json.loads(one)["_key"] for one in server.dump("books")), ["b", "new"])
            server.kill()
            server.start()
            self.assertEqual(server.count("books"), 2)

    def test_9_what_was_aborted_or_is_in_conflict_leaves_nothing(self):
        with StandIn() as server:
            server.make("books", BOOKS[:2])
            id = self.begin(server, write="books")
            server.post("/_api/document/books", {"_key": "new"}, headers={"x-arango-trx-id": id})
            self.assertEqual(server.delete(f"/_api/transaction/{id}").json["result"]["status"], "aborted")
            self.assertEqual(server.count("books"), 2)
            id = self.begin(server, write="books")
            server.patch("/_api/document/books/a", {"n": 1}, headers={"x-arango-trx-id": id})
            server.patch("/_api/document/books/a", {"n": 2})
            self.assertEqual(server.put(f"/_api/transaction/{id}").error, (409, 1200))
            self.assertEqual(server.get("/_api/document/books/a").json["n"], 2)

    def test_9_one_that_is_not_known_is_told(self):
        with StandIn() as server:
            server.make("books")
            self.assertEqual(server.get("/_api/transaction/99999").error, (404, 1655))
            self.assertEqual(server.post("/_api/document/books", {}, headers={"x-arango-trx-id": "99999"}).error, (404, 1655))
            inside = {"x-arango-trx-id": self.begin(server, read="books")}
            self.assertEqual(server.post("/_api/document/books", {}, headers=inside).error, (400, 1652))


if __name__ == "__main__":
    unittest.main()
