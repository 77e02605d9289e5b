"""What the examples of the recordings did before their first request: again, on the stand-in."""

import re

import replay

# Of which group or example, why not.
UNSUPPORTED = {
    "hotbackup": "hot backups: the stand-in has none",
    "RestAccessToken": "access tokens: the stand-in has none",
    "RestReplicationApplier": "replication between servers: the stand-in has none",
    "RestReplicationLoggerF": "the log of the storage engine: the stand-in has none",
    "RestReplicationLoggerT": "the log of the storage engine: the stand-in has none",
    "RestWalAccess": "the log of the storage engine: the stand-in has none",
    "RestQueryRules": "the rules of the optimizer: the stand-in has none",
    "RestQueryValid": "the syntax tree of a query: the stand-in has none",
    "RestCursorProfileQuery": "SLEEP() and profiles of queries: the stand-in has none",
    "RestTransactionAbort": "transactions in JavaScript: the stand-in has none",
    "RestTransactionMulti": "transactions in JavaScript: the stand-in has none",
    "RestTransactionSingle": "transactions in JavaScript: the stand-in has none",
    "HttpGharialCreateDisjointSmart": "graphs of a cluster",
    "HttpGharialCreateEnterprise": "graphs of a cluster",
    "HttpGharialCreateSatellite": "graphs of a cluster",
    "HttpGharialCreateSmart": "graphs of a cluster",
    "RestAnalyzerDeleteForce": None,
}


def unsupported(group, exchange):
    if exchange["deployment"] == "cluster":
        return "recorded on a cluster: the stand-in is a single server"
    for beginning, reason in UNSUPPORTED.items():
        if exchange["name"].startswith(beginning) or group == beginning:
            return reason
    return None


def _waited(exchange):
    """By its status, the collection was one that waits for the disk."""
    status = exchange["response"]["status"] if exchange["response"] else None
    return status == 201 or status == 200 and exchange["request"]["method"] == "DELETE"


class Scene:
    def __init__(self, server, group, example):
        self.server = server
        self.group = group
        self.example = example
        self.name = example[0]["name"].split("#")[0]
        self.request_path = example[0]["request"]["path"]
        self.ids = {}  # recorded -> ours
        self.cursor = None
        self.waits = any(_waited(one) for one in example)

    # --- before ----------------------------------------------------------------------------------------------------------------------

    def begin(self):
        self._clear()
        prepare = getattr(self, "_" + self.group, None)
        if prepare:
            prepare()

    def _clear(self):
        server = self.server
        for one in server.get("/_api/gharial").json["graphs"]:
            server.delete(f"/_api/gharial/{one['name']}")
        for one in server.get("/_api/view").json["result"]:
            server.delete(f"/_api/view/{one['name']}")
        for one in server.get("/_api/collection").json["result"]:
            if not one["isSystem"] or one["name"] == "_example":
                server.delete(f"/_api/collection/{one['name']}?isSystem=true")
        for one in server.get("/_api/database").json["result"]:
            if one != "_system":
                server.delete(f"/_api/database/{one}")
        for one in server.get("/_api/user").json["result"]:
            if one["user"] != "root":
                server.delete(f"/_api/user/{one['user']}")
        for one in server.get("/_api/analyzer").json["result"]:
            if "::" in one["name"]:
                server.delete(f"/_api/analyzer/{one['name']}?force=true")
        for one in server.get("/_api/transaction").json["transactions"]:
            server.delete(f"/_api/transaction/{one['id']}")

    def _segment(self, place):
        parts = self.request_path.partition("?")[0].strip("/").split("/")
        return parts[place] if len(parts) > place else None

    def _make(self, name, documents=(), type=2, **properties):
        answer = self.server.post("/_api/collection", {"name": name, "type": type, **properties})
        if documents:
            self.server.post(f"/_api/document/{name}", list(documents))
        return answer.json

    def _databases(self):
        if "Drop" in self.name:
            self.server.post("/_api/database", {"name": "example"})

    def _collections(self):
        name = self._segment(2)
        if name is None:
            return
        documents = {"Count": 100, "Figures": 1, "Checksum": 1}
        count = next((count for word, count in documents.items() if word in self.name), 0)
        made = self._make("products" if name.isdigit() else name, [{"n": n} for n in range(count)], isSystem=name.startswith("_"))
        self.ids[name] = made["id"] if name.isdigit() else name

    def _indexes(self):
        name = self.request_path.partition("collection=")[2] or self._segment(2)
        self._make(name)
        if "All" in self.name:
            for field, sparse in (("name", False), ("price", True)):
                self.server.post(f"/_api/index?collection={name}", {"type": "persistent", "fields": [field], "sparse": sparse})
        if "Delete" in self.name:
            made = self.server.post(f"/_api/index?collection={name}", {"type": "persistent", "fields": ["a"], "unique": True}).json
            self.ids[self._segment(3)] = made["id"].partition("/")[2]

    def _views(self):
        for name in ("books", "products", "users"):
            if name == "products" and self.name in ("RestViewPostViewArangoSearch", "RestViewPostViewSearchAlias"):
                continue
            self._make(name)
        for index in ("inv-idx", "inv_title", "inv_descr"):
            self.server.post("/_api/index?collection=books", {"type": "inverted", "name": index, "fields": [index]})
        if "PostView" in self.name:
            return
        made = self.server.post("/_api/view", self._view()).json
        self.ids[self._segment(2)] = made["id"] if (self._segment(2) or "").isdigit() else made["name"]
        if "GetAll" in self.name:
            self.server.post("/_api/view", {"name": "demoView", "type": "arangosearch"})

    def _view(self):
        if "SearchAlias" in self.name:
            index = "inv_title" if "Patch" in self.name or "Put" in self.name else "inv-idx"
            return {"name": "productsView", "type": "search-alias", "indexes": [{"collection": "books", "index": index}]}
        links = {"books": {"fields": {"title": {"analyzers": ["text_en"]}}}} if "Properties" in self.name else {}
        if "Patch" in self.name:
            links = {"products": {"includeAllFields": True}}
            if self.example[0]["version"] != "3.10.14":
                links["users"] = {"includeAllFields": True}
            else:
                links = {}
        return {"name": "productsView", "type": "arangosearch", "links": links}

    def _analyzers(self):
        if self.name not in ("RestAnalyzerPost", "RestAnalyzersGet"):
            self.server.post("/_api/analyzer", {"name": "testAnalyzer", "type": "identity"})

    def _graphs(self):
        vertices, edges = ["female", "male"], "relation"
        graph = self._segment(2)
        if graph is None and "List" not in self.name:
            return
        if graph == "myGraph":
            self.server.post("/_api/gharial", {
                "name": graph, "edgeDefinitions": [{"collection": "edges", "from": ["startNodes"], "to": ["endNodes"]}]})
            return
        orphans = ["otherVertices", "otherNodes"] if "RemoveVertexCollection" in self.name and "Failed" not in self.name else []
        orphans = [one for one in orphans if one in self.request_path]
        self.server.post("/_api/gharial", {
            "name": "social", "edgeDefinitions": [{"collection": edges, "from": vertices, "to": vertices}], "orphanCollections": orphans})
        self.server.post("/_api/document/female", [{"_key": "alice", "name": "Alice"}, {"_key": "diana", "name": "Diana"}])
        self.server.post("/_api/document/male", [{"_key": "bob", "name": "Bob"}, {"_key": "charly", "name": "Charly"}])
        if self._segment(5) and self._segment(3) == "edge":
            self.server.post(f"/_api/document/{edges}", {
                "_key": self._segment(5), "_from": "male/charly", "_to": "female/diana", "type": "married", "vertex": "charly"})

    def _documents(self):
        if "UnknownCollection" in self.name or self.name.endswith("ReadDocumentUnknownHandle") and self.example[0]["version"] == "3.10.14":
            return
        self._make("products", waitForSync=self.waits)
        if "Unknown" in self.name:
            return
        key = self._segment(3)
        body = {"hello": "world"}
        if "PatchDocumentMerge" in self.name:
            body = {"inhabitants": {"china": 1366980000, "india": 1263590000, "usa": 319220000}}
        elif "PatchDocument" in self.name:
            body = {"one": "world"}
        if key:
            self.server.post("/_api/document/products", {"_key": key, **body})
        elif "ReadMulti" in self.name:
            self.server.post("/_api/document/products", [{"_key": "doc1", "hello": "world"}, {"_key": "doc2", "say": "hi to mom"}])
        elif "Delete" in self.name:
            self.server.post("/_api/document/products", [{"_key": "1"}, {"_key": "2"}])

    def _edges(self):
        vertices = self.request_path.partition("vertex=")[2].partition("/")[0]
        self._make("edges", [
            {"_key": key, "_from": f"{vertices}/{source}", "_to": f"{vertices}/{target}", "$label": f"v{source} -> v{target}"}
            for key, source, target in (("5", 1, 3), ("6", 2, 1), ("7", 4, 1))], type=3)

    def _import(self):
        if "InvalidCollection" not in self.name:
            self._make("products")
            self._make("links", type=3)

    def _cursor(self):
        self._make("documents", [{"_key": "test", "arr": [1, 2, 3]}])
        count = 2 if "DeleteQuery" in self.name else 5
        self._make("products", [{f"hello{n}": "world1"} for n in range(1, count + 1)])

    def _transactions(self):
        if "NonExisting" in self.name:
            return
        self._make("products")
        if self.name != "RestTransactionBeginSingle":
            begun = self.server.post("/_api/transaction/begin", {"collections": {"write": "products"}}).json["result"]["id"]
            self.ids[self._segment(2)] = begun

    def _users(self):
        if self.name == "RestFetchAllUser":
            self.server.post("/_api/user", {"user": "tester", "passwd": "", "active": False})
        name = self._segment(2)
        if name:
            self.server.post("/_api/user", {"user": name, "passwd": "secret"})
            self._make("reports")
            if "Fetch" in self.name and "Collection" not in self.name or "RevokeDatabase" in self.name:
                self.server.put(f"/_api/user/{name}/database/_system", {"grant": "rw"})
            if "RevokeCollection" in self.name:
                self.server.put(f"/_api/user/{name}/database/_system/reports", {"grant": "rw"})

    # --- a request ----------------------------------------------------------------------------------------------------------------------

    def request(self, exchange):
        given = exchange["request"]
        path, query, rest = given["path"].partition("?")
        parts = path.split("/")
        if self.group == "cursor" and len(parts) > 3 and self.cursor and "Invalid" not in self.name:
            parts[3] = self.cursor
        path = "/".join(self.ids.get(part, part) for part in parts) + query + rest
        body = replay.body_of(given)
        headers = {name: value for name, value in given["headers"].items() if name in ("if-match", "if-none-match")}
        if "if-none-match" in headers:
            headers["if-none-match"] = self.server.ask("HEAD", path).headers["etag"]
        if "RevMulti" in self.name:
            own = self.server.put("/_api/document/products?onlyget=true", ["1", "2"]).json
            revisions = iter(one["_rev"] for one in own)
            body = re.sub(r'"_rev"\s*:\s*"[^"]*"', lambda _: f'"_rev":"{next(revisions)}"', body)
        return given["method"], path, body, headers

    def learn(self, answer):
        """The cursor that the next request of the example goes on with."""
        if self.group == "cursor" and answer.status in (200, 201) and isinstance(answer.json, dict):
            self.cursor = answer.json.get("id") or self.cursor
