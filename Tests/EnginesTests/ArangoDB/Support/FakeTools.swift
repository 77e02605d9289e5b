import Bindings
import Recovery
import TestSupport

@testable import Engines

/// `arangodump` and `arangorestore` as far as lifeboat calls them: they understand the options that the contract names, say no to others, and
/// work on the server that they are given. Arguments are kept in `called`.
struct FakeTools {
    let folder: String

    static let source = #"""
        #!/usr/bin/env python3
        import base64, gzip, hashlib, json, os, re, sys, urllib.parse, urllib.request

        me, here = os.path.basename(sys.argv[0]), os.path.dirname(os.path.abspath(sys.argv[0]))
        known = {"arangodump": {"output-directory", "include-system-collections", "threads", "compress-output", "collection"},
                 "arangorestore": {"input-directory", "create-database", "overwrite", "include-system-collections", "threads", "collection"}}[me]
        known |= {"configuration", "server.endpoint", "server.username", "server.password", "server.database"}
        with open(os.path.join(here, "called"), "a") as called: called.write(json.dumps([me] + sys.argv[1:]) + "\n")

        def value(text): return re.sub(r"@@|@(\w+)@", lambda m: "@" if m.group(0) == "@@" else os.environ[m.group(1)], text)
        options = {}
        for name, text in zip(sys.argv[1::2], sys.argv[2::2]):
            name = name.removeprefix("--")
            if name not in known: sys.exit(3)
            options.setdefault(name, []).append(value(text))
        get = lambda name: options[name][0]
        api = get("server.endpoint").replace("tcp://", "http://") + "/_db/" + urllib.parse.quote(get("server.database")) + "/_api"
        login = base64.b64encode(f"{get('server.username')}:{get('server.password')}".encode()).decode()

        def call(method, path, body=None):
            request = urllib.request.Request(api + path, body, {"Authorization": "Basic " + login, "Accept": "application/x-arango-dump"}, method=method)
            with urllib.request.urlopen(request) as answer: return answer.read(), answer.headers

        def fail(words):
            print(words, file=sys.stderr)
            sys.exit(1)

        if os.path.exists(os.path.join(here, "fails")): fail("[f7ff5] An error occurred: out of luck")
        only = options.get("collection")
        if me == "arangodump":
            folder = get("output-directory")
            if os.path.exists(folder): fail("[bd7fe] output directory already exists")
            os.makedirs(folder)
            batch = json.loads(call("POST", "/replication/batch", b'{"ttl":60}')[0])["id"]
            inventory = json.loads(call("GET", f"/replication/inventory?includeSystem=true&batchId={batch}")[0])
            write = lambda name, data: open(os.path.join(folder, name), "wb").write(data)
            write("ENCRYPTION", b"none")
            write("dump.json", json.dumps({"database": get("server.database"), "lastTickAtDumpStart": "1", "properties": inventory["properties"], "useEnvelope": False}).encode())
            for collection in inventory["collections"]:
                name = collection["parameters"]["name"]
                if only and name not in only: continue
                stem = name + "_" + hashlib.md5(name.encode()).hexdigest()
                write(stem + ".structure.json", json.dumps(collection).encode())
                data = b""
                while True:
                    lines, headers = call("GET", f"/replication/dump?collection={urllib.parse.quote(name)}&batchId={batch}&useEnvelope=false&chunkSize=1000000")
                    data += lines
                    if headers.get("x-arango-replication-checkmore") != "true": break
                if os.path.exists(os.path.join(here, "forgets-" + name)): continue
                write(stem + ".data.json.gz", gzip.compress(data))
            if not only:
                for view in inventory["views"]: write(view["name"] + ".view.json", json.dumps(view).encode())
            call("DELETE", f"/replication/batch/{batch}")
            if os.path.exists(os.path.join(here, "others-make")): call("POST", "/collection", b'{"name":"newcomer"}')
        else:
            folder = get("input-directory")
            structures = [json.load(open(os.path.join(folder, name))) | {"stem": name.removesuffix(".structure.json")} for name in sorted(os.listdir(folder)) if name.endswith(".structure.json")]
            structures = [s for s in structures if not only or s["parameters"]["name"] in only]
            for s in structures: call("PUT", "/replication/restore-collection?overwrite=" + get("overwrite"), json.dumps(s).encode())
            for s in structures:
                name = urllib.parse.quote(s["parameters"]["name"])
                call("PUT", "/replication/restore-indexes", json.dumps(s).encode())
                call("PUT", f"/replication/restore-data?collection={name}", gzip.open(os.path.join(folder, s["stem"] + ".data.json.gz")).read())
                if name == "books" and os.path.exists(os.path.join(here, "fails-after-books")): fail("[f7ff5] An error occurred: out of luck")
            if not only:
                for name in os.listdir(folder):
                    if name.endswith(".view.json"): call("PUT", "/replication/restore-view?overwrite=" + get("overwrite"), open(os.path.join(folder, name), "rb").read())
        """#

    init(in folder: String) async throws {
        self.folder = folder
        for name in ["arangodump", "arangorestore"] {
            try await write(Array(Self.source.utf8), to: "\(folder)/\(name)")
            try await blocking { _ in try Files.changeMode(of: "\(folder)/\(name)", to: 0o755) }
        }
    }

    /// A target whose tools they are, on the server that all tests share.
    static func with(_ use: (GraphUnderTest, ArangoTarget, FakeTools) async throws -> Void) async throws {
        let graph = try await GraphUnderTest()
        try await withTemporaryFolder { folder in
            let tools = try await FakeTools(in: folder)
            let target = try GraphUnderTest.target(
                graph.server, tools: ArangoTools(folders: [folder], path: "", commands: TestCommands()))
            try await use(graph, target, tools)
        }
    }

    func mark(_ name: String) async throws { try await write([], to: "\(folder)/\(name)") }
    func unmark(_ name: String) async throws { _ = try await blocking { [folder] _ in try Files.removeFile("\(folder)/\(name)") } }

    /// Everything that was on a command line.
    func called() async throws -> String {
        try await blocking { [folder] _ in String(decoding: try Files.read("\(folder)/called", limit: 1 << 20), as: UTF8.self) }
    }
}
