import Bindings
import Documents
import FoundationEssentials
import Glibc
import Recovery
import Synchronization

/// A Qdrant server for tests: the stand-in on the server's own engine, or a real one. Its storage is gone when the tests end, whatever way
/// they end.
///
/// - `LIFEBOAT_QDRANT_BINARY`: Qdrant's program, started instead of the stand-in (`LIFEBOAT_QDRANT_STANDIN`).
/// - `LIFEBOAT_QDRANT_URL`, `LIFEBOAT_QDRANT_API_KEY`: a server that runs, for tests that need none of their own.
package final class TestQdrant: Sendable {
    package let url: String
    package let key: String
    /// Of the server that was started here: `storage` and `snapshots` lie in it.
    package let folder: String
    package let port: Int
    private let settings: [String: String]
    /// The one that runs, behind those that were killed: the first removes the folder in the end.
    private let processes = Mutex<[GuardedProcess]>([])
    private let http = HTTPClient()

    // MARK: Which there are

    private static func variable(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name] ?? ""
        return value.isEmpty ? nil : value
    }

    private static var program: String? { variable("LIFEBOAT_QDRANT_BINARY") ?? variable("LIFEBOAT_QDRANT_STANDIN") }

    /// Why there can be no server here, for `.requires`; nil if there can.
    package static var missing: String? { variable("LIFEBOAT_QDRANT_URL") == nil ? missingProgram : nil }

    /// The same for tests that start a server of their own.
    package static var missingProgram: String? {
        program == nil
            ? "there is no Qdrant, nor the stand-in; run the tests with `make test` or `scripts/env swift test`, or name a server with LIFEBOAT_QDRANT_URL or LIFEBOAT_QDRANT_BINARY"
            : nil
    }

    /// The same for tests that stop the stand-in in the middle of something, which no real server lets them.
    package static var missingStandIn: String? {
        variable("LIFEBOAT_QDRANT_BINARY") == nil ? missingProgram : "Qdrant itself cannot be held in the middle of a recover"
    }

    /// Where lifeboat finds the program for the servers of its drills.
    package static var tools: String? { program.map { String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.endIndex)) } }

    // MARK: Starting

    /// One server for all tests of this process that do not disturb it.
    package static func shared() async throws -> TestQdrant { try await Shared.only.server() }

    private actor Shared {
        static let only = Shared()
        private var starting: Task<TestQdrant, any Error>?

        func server() async throws -> TestQdrant {
            if let starting { return try await starting.value }
            let task = Task {
                guard let url = TestQdrant.variable("LIFEBOAT_QDRANT_URL") else { return try await TestQdrant.start() }
                return TestQdrant(url, TestQdrant.variable("LIFEBOAT_QDRANT_API_KEY") ?? "", folder: "/nowhere", port: 0, settings: [:])
            }
            starting = task
            return try await task.value
        }
    }

    /// A server of one's own, stopped when nobody holds it any longer.
    ///
    /// - Parameter version: what the stand-in says that it is.
    package static func start(version: String? = nil) async throws -> TestQdrant {
        var lastError: any Error = TestFailure("no Qdrant was started")
        // The port may be taken.
        for _ in 0..<5 {
            let folder = "/tmp/lifeboat-qdrant-\(randomHex(8))"
            try await blocking { _ in try Files.makeFolder(folder) }
            let port = Int.random(in: 20_000...32_000)
            var settings = [
                "QDRANT__SERVICE__HOST": "127.0.0.1", "QDRANT__SERVICE__HTTP_PORT": "\(port)", "QDRANT__SERVICE__GRPC_PORT": "0",
                "QDRANT__STORAGE__STORAGE_PATH": "\(folder)/storage", "QDRANT__STORAGE__SNAPSHOTS_PATH": "\(folder)/snapshots",
                "QDRANT__TELEMETRY_DISABLED": "true", "QDRANT__STORAGE__WAL__WAL_CAPACITY_MB": "1",
                "QDRANT_STANDIN_RECOVER_PAUSE": "\(folder)/hold-recover", "QDRANT_STANDIN_SNAPSHOT_PAUSE": "\(folder)/hold-snapshot",
                "QDRANT_STANDIN_UPSERT_PAUSE": "\(folder)/hold-upsert",
            ]
            settings["QDRANT_STANDIN_VERSION"] = version
            let key = randomHex(12)
            settings["QDRANT__SERVICE__API_KEY"] = key
            let server = TestQdrant("http://127.0.0.1:\(port)", key, folder: folder, port: port, settings: settings)
            do {
                try await server.start()
                return server
            } catch { lastError = error }
        }
        throw lastError
    }

    private init(_ url: String, _ key: String, folder: String, port: Int, settings: [String: String]) {
        (self.url, self.key, self.folder, self.port, self.settings) = (url, key, folder, port, settings)
    }

    /// After `kill`, on the same storage; or for the first time. Returns when it answers.
    package func start() async throws {
        guard let program = Self.program else { throw TestFailure(Self.missingProgram ?? "") }
        let running = try await GuardedProcess.start(
            Command(
                program, ["--disable-telemetry"], environment: settings.merging(["PATH": "/usr/bin:/bin"]) { $1 }, workingFolder: folder),
            log: "\(folder)/log", grace: .seconds(2), removing: [folder])
        processes.withLock { $0.append(running) }
        while running.isRunning {
            if let answer = try? await call("GET", "/readyz"), answer.status == 200 { return }
            try Task.checkCancellation()
            await Task.yield()
        }
        throw TestFailure("Qdrant did not start: \(log.suffix(500))")
    }

    /// At once, and without a chance to put anything away.
    package func kill() async throws {
        guard let running = processes.withLock({ $0.last }) else { return }
        running.send(SIGKILL)
        _ = try await running.waitForExit()
    }

    /// Asks it to end, as whoever looks after a server does; returns when it has.
    package func stop() async throws {
        guard let running = processes.withLock({ $0.last }) else { return }
        running.send(SIGTERM)
        _ = try await running.waitForExit()
    }

    package var isRunning: Bool { processes.withLock { $0.last?.isRunning ?? false } }

    /// What it wrote into its log so far.
    package var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    // MARK: Held in the middle

    /// What the stand-in can be stopped in.
    package enum Act: String, Sendable { case recover, snapshot, upsert }

    /// From now on it stops in the middle of each.
    package func hold(_ act: Act) async throws {
        let path = "\(folder)/hold-\(act.rawValue)"
        if await !isThere(path) { try await write([], to: path) }
    }

    package func release(_ act: Act) async throws {
        _ = try await blocking { [folder] _ in try Files.removeFile("\(folder)/hold-\(act.rawValue)") }
    }

    /// Whether it stands in the middle of one.
    package func isHeld(in act: Act) -> Bool { unsafe access("\(folder)/hold-\(act.rawValue).waiting", F_OK) == 0 }

    // MARK: Asking

    package struct Answer: Sendable {
        package let status: Int
        package let json: JSONValue

        package var result: JSONValue { json["result"] ?? .null }
    }

    @discardableResult
    package func call(_ method: String, _ path: String, _ body: String? = nil) async throws -> Answer {
        var request = HTTPRequest(method, url + path, headers: [HTTPHeader("api-key", key)])
        if let body {
            request.body = .bytes(Array(body.utf8))
            request.headers.append(HTTPHeader("Content-Type", "application/json"))
        }
        let response = try await http.send(request)
        return Answer(
            status: response.status,
            json: (try? JSONValue(parsing: response.body)) ?? .string(String(decoding: response.body, as: UTF8.self)))
    }

    /// The same, and it must go well.
    @discardableResult
    package func ask(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSONValue {
        let answer = try await call(method, path, body)
        guard answer.status == 200 else { throw TestFailure("\(method) \(path): \(answer.status) \(answer.json.text().prefix(500))") }
        return answer.result
    }

    package func count(_ collection: String) async throws -> Int64? {
        try await call("POST", "/collections/\(collection)/points/count", #"{"exact":true}"#).result["count"]?.int
    }

    package func collections() async throws -> [String] {
        (try await ask("GET", "/collections")["collections"]?.array ?? []).compactMap { $0["name"]?.string }.sorted()
    }

    package func aliases() async throws -> [String: String] {
        let listed = try await ask("GET", "/aliases")["aliases"]?.array ?? []
        return Dictionary(listed.map { ($0["alias_name"]?.string ?? "", $0["collection_name"]?.string ?? "") }) { $1 }
    }

    /// Names of the snapshots of a collection that it keeps.
    package func snapshots(of collection: String) async throws -> [String] {
        (try await ask("GET", "/collections/\(collection)/snapshots").array ?? []).compactMap { $0["name"]?.string }
    }

    package func alias(_ name: String, for collection: String) async throws {
        try await ask(
            "POST", "/collections/aliases",
            #"{"actions":[{"create_alias":{"collection_name":"\#(collection)","alias_name":"\#(name)"}}]}"#)
    }

    /// Every point as the server prints it, in the order of ids, one a line.
    package func points(_ collection: String) async throws -> [String] {
        var points: [String] = []
        var offset = ""
        while true {
            let page = try await ask(
                "POST", "/collections/\(collection)/points/scroll", "{\"limit\":1000,\"with_payload\":true,\"with_vector\":true\(offset)}")
            points += (page["points"]?.array ?? []).map { $0.text(.canonical) }
            guard let next = page["next_page_offset"], next != .null else { return points }
            offset = ",\"offset\":\(next.text())"
        }
    }
}

extension TestQdrant {
    /// A collection of books with one unnamed vector, two payload indexes and numbers as ids.
    package func fillBooks(_ name: String, points: Int = 200, size: Int = 8, seed: UInt64 = 7, indexes: Bool = true) async throws {
        try await ask("PUT", "/collections/\(name)", #"{"vectors":{"size":\#(size),"distance":"Cosine"}}"#)
        var generator = SeededGenerator(seed: seed)
        for start in stride(from: 0, to: points, by: 500) {
            let batch = (start..<min(start + 500, points)).map { id in
                let vector = (0..<size).map { _ in "\(Float.random(in: -1...1, using: &generator))" }.joined(separator: ",")
                return
                    #"{"id":\#(id),"vector":[\#(vector)],"payload":{"title":"book \#(id)","shelf":"\#(id % 3 == 0 ? "botany" : "history")","page":\#(id % 97)}}"#
            }
            try await ask("PUT", "/collections/\(name)/points?wait=true", "{\"points\":[\(batch.joined(separator: ","))]}")
        }
        guard indexes else { return }
        for (field, schema) in [("shelf", "keyword"), ("page", "integer")] {
            try await ask("PUT", "/collections/\(name)/index?wait=true", #"{"field_name":"\#(field)","field_schema":"\#(schema)"}"#)
        }
    }

    /// A collection with every kind of vector and of id that there is, and with points that lack some vectors, or all.
    package func fillEverything(_ name: String) async throws {
        try await ask(
            "PUT", "/collections/\(name)",
            #"""
            {"vectors":{"text":{"size":4,"distance":"Cosine"},"bytes":{"size":3,"distance":"Dot","datatype":"uint8"},
            "half":{"size":3,"distance":"Euclid","datatype":"float16"},
            "many":{"size":2,"distance":"Manhattan","multivector_config":{"comparator":"max_sim"}}},
            "sparse_vectors":{"words":{"modifier":"idf"},"plain":{}}}
            """#)
        var generator = SeededGenerator(seed: 11)
        func numbers(_ count: Int) -> String {
            (0..<count).map { _ in "\(Float.random(in: -1...1, using: &generator))" }.joined(separator: ",")
        }
        let ids =
            (1...40).map(String.init) + ["9223372036854775813", "18446744073709551615"]
            + ["00000000-0000-0000-0000-00000000002a", "c0ffee00-1234-5678-9abc-def012345678"].map { "\"\($0)\"" }
        let points = ids.enumerated().map { number, id in
            var vectors = [#""text":[\#(numbers(4))]"#]
            if number % 2 == 0 { vectors.append(#""bytes":[\#(number),0,255]"#) }
            if number % 3 == 0 { vectors.append(#""half":[\#(numbers(3))]"#) }
            if number % 4 == 0 { vectors.append(#""many":[[\#(numbers(2))],[\#(numbers(2))]]"#) }
            if number % 5 == 0 { vectors.append(#""words":{"indices":[7,3,4000000000],"values":[\#(numbers(3))]}"#) }
            if number % 7 == 0 { vectors.append(#""plain":{"indices":[\#(number)],"values":[1.5]}"#) }
            let written = number == 13 ? "" : vectors.joined(separator: ",")
            return
                #"{"id":\#(id),"vector":{\#(written)},"payload":{"n":\#(number),"nested":{"list":[1,2.5,"ü"],"none":null},"big":9007199254740993}}"#
        }
        try await ask("PUT", "/collections/\(name)/points?wait=true", "{\"points\":[\(points.joined(separator: ","))]}")
        for schema in [#""integer""#, #"{"type":"integer","lookup":true,"range":false}"#] {
            let field = schema.hasPrefix("{") ? "big" : "n"
            try await ask("PUT", "/collections/\(name)/index?wait=true", #"{"field_name":"\#(field)","field_schema":\#(schema)}"#)
        }
    }
}

/// Files that real servers have written, where the folder of contracts lies beside the checkout.
package enum RecordedSnapshot {
    private static var folder: String { Program.checkout + "/../shared/contracts/qdrant/snapshots" }

    package static var missing: String? {
        unsafe access(folder + "/README.md", F_OK) == 0 ? nil : "no recorded snapshots of Qdrant beside the checkout"
    }

    /// `1.18.3/unnamed-384`, unpacked to `path`.
    package static func unpack(_ name: String, to path: String) async throws {
        try await blocking { [folder] _ in
            let reader = try CompressedReader("\(folder)/\(name).snapshot.zst", expecting: .zstd)
            let writer = try FileWriter(creating: path)
            while let piece = try reader.next() { try writer.write(piece) }
            try writer.finish()
        }
    }
}
