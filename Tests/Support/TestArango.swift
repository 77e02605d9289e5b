import Bindings
import Documents
import FoundationEssentials
import Glibc
import Recovery
import Synchronization

/// An ArangoDB server for tests: the stand-in, or a real one. What it keeps is gone when the tests end, whatever way they end.
///
/// - `LIFEBOAT_ARANGODB_STANDIN`: the program of the stand-in.
/// - `LIFEBOAT_ARANGODB_URL`, `LIFEBOAT_ARANGODB_PASSWORD`: a server that runs, and root's password, for tests that need none of their own.
package final class TestArango: Sendable {
    package let url: String
    package let password: String
    private let folder: String
    private let arguments: [String]
    private let processes = Mutex<[GuardedProcess]>([])
    private let http = HTTPClient()

    // MARK: Which there are

    private static func variable(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name] ?? ""
        return value.isEmpty ? nil : value
    }

    private static var program: String? { variable("LIFEBOAT_ARANGODB_STANDIN") }

    /// Why there can be no server here, for `.requires`; nil if there can.
    package static var missing: String? { variable("LIFEBOAT_ARANGODB_URL") == nil ? missingStandIn : nil }

    /// The same for tests that want a server of their own, or one that misbehaves.
    package static var missingStandIn: String? {
        program == nil ? "there is no stand-in of ArangoDB; run the tests with `make test` or `scripts/env swift test`" : nil
    }

    /// Where lifeboat finds the program for the servers of its drills.
    package static var tools: String? { program.map { String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.endIndex)) } }

    // MARK: Starting

    /// One server for all tests of this process that do not disturb it.
    package static func shared() async throws -> TestArango { try await Shared.only.server() }

    private actor Shared {
        static let only = Shared()
        private var starting: Task<TestArango, any Error>?

        func server() async throws -> TestArango {
            if let starting { return try await starting.value }
            let task = Task {
                guard let url = TestArango.variable("LIFEBOAT_ARANGODB_URL") else { return try await TestArango.start() }
                return TestArango(url, TestArango.variable("LIFEBOAT_ARANGODB_PASSWORD") ?? "", folder: "/nowhere", arguments: [])
            }
            starting = task
            return try await task.value
        }
    }

    /// A server of one's own, stopped when nobody holds it any longer.
    ///
    /// - Parameter version: the one that it imitates.
    package static func start(version: String = "3.12.5", _ more: [String] = []) async throws -> TestArango {
        var lastError: any Error = TestFailure("no ArangoDB was started")
        // The port may be taken.
        for _ in 0..<5 {
            let folder = "/tmp/lifeboat-arangodb-\(randomHex(8))"
            try await blocking { _ in try Files.makeFolder(folder) }
            let port = Int.random(in: 20_000...32_000)
            let server = TestArango(
                "http://127.0.0.1:\(port)", randomHex(12), folder: folder,
                arguments: [
                    "--server.endpoint", "tcp://127.0.0.1:\(port)", "--database.directory", "\(folder)/data", "--standin.version", version,
                ] + more)
            do {
                try await server.start()
                return server
            } catch { lastError = error }
        }
        throw lastError
    }

    private init(_ url: String, _ password: String, folder: String, arguments: [String]) {
        (self.url, self.password, self.folder, self.arguments) = (url, password, folder, arguments)
    }

    /// After `kill`, on the same data; or for the first time. Returns when it answers.
    package func start() async throws {
        guard let program = Self.program else { throw TestFailure(Self.missingStandIn ?? "") }
        let running = try await GuardedProcess.start(
            Command(
                program, arguments, environment: ["PATH": "/usr/bin:/bin", "ARANGODB_DEFAULT_ROOT_PASSWORD": password],
                workingFolder: folder), log: "\(folder)/log", grace: .seconds(2), removing: [folder])
        processes.withLock { $0.append(running) }
        while running.isRunning {
            if let answer = try? await call("GET", "/_admin/server/availability"), answer.status == 200 { return }
            try Task.checkCancellation()
            await Task.yield()
        }
        throw TestFailure("ArangoDB did not start: \(((try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "").suffix(500))")
    }

    /// At once, and without a chance to put anything away.
    package func kill() async throws {
        guard let running = processes.withLock({ $0.last }) else { return }
        running.send(SIGKILL)
        _ = try await running.waitForExit()
    }

    // MARK: Asking

    package struct Answer: Sendable {
        package let status: Int
        package let body: [UInt8]

        package var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    }

    package func call(_ method: String, _ path: String, body: [UInt8]? = nil) async throws -> Answer {
        let login = Data("root:\(password)".utf8).base64EncodedString()
        let response = try await http.send(
            HTTPRequest(
                method, url + path, headers: [HTTPHeader("Authorization", "Basic \(login)")], body: body.map { .bytes($0) } ?? .none))
        return Answer(status: response.status, body: response.body)
    }

    /// The same in a database, and it must go well.
    @discardableResult
    package func ask(_ method: String, _ path: String, in database: String = "_system", _ body: String? = nil) async throws -> JSONValue {
        let answer = try await call(method, "/_db/\(database.percentEncoded)\(path)", body: body.map { Array($0.utf8) })
        guard (200..<300).contains(answer.status) else {
            throw TestFailure("\(method) \(path): \(answer.status) \(String(decoding: answer.body.prefix(500), as: UTF8.self))")
        }
        return answer.json
    }

    @discardableResult
    package func query(_ aql: String, in database: String) async throws -> [JSONValue] {
        try await ask(
            "POST", "/_api/cursor", in: database, JSONValue.object([.init("query", .string(aql)), .init("batchSize", 1_000_000)]).text())[
                "result"]?.array ?? []
    }

    /// Documents as lines, exactly as they stand there.
    package func load(_ lines: String, into collection: String, in database: String) async throws {
        try await ask("PUT", "/_api/replication/restore-data?collection=\(collection.percentEncoded)", in: database, lines)
    }

    package func count(_ collection: String, in database: String) async throws -> Int64? {
        try await ask("GET", "/_api/collection/\(collection.percentEncoded)/count", in: database)["count"]?.int
    }

    package func databases() async throws -> [String] {
        (try await ask("GET", "/_api/database")["result"]?.array ?? []).compactMap(\.string)
    }

    /// What the stand-in meets requests with from now on, as its own documentation has it.
    package func meet(_ mishaps: String) async throws { try await ask("PUT", "/_standin/faults", mishaps) }
    package func forgetMishaps() async throws { try await ask("DELETE", "/_standin/faults") }
}

extension TestArango {
    /// Books that cite each other, with everything that a database can have beside documents.
    package func fillLibrary(_ database: String, books: Int = 60) async throws {
        try await ask("POST", "/_api/database", JSONValue.object([.init("name", .string(database))]).text())
        try await ask(
            "POST", "/_api/collection", in: database, #"{"name":"books","schema":{"rule":{"type":"object"},"level":"none","message":"m"}}"#)
        try await ask(
            "POST", "/_api/collection", in: database, #"{"name":"empty","keyOptions":{"type":"autoincrement","offset":7,"increment":3}}"#)
        try await ask(
            "POST", "/_api/gharial", in: database,
            #"{"name":"citations","edgeDefinitions":[{"collection":"cites","from":["books"],"to":["books"]}],"orphanCollections":["empty"]}"#
        )
        try await ask(
            "POST", "/_api/index?collection=books", in: database, #"{"type":"persistent","fields":["shelf","year"],"name":"by_shelf"}"#)
        try await ask(
            "POST", "/_api/index?collection=books", in: database,
            #"{"type":"persistent","fields":["isbn"],"unique":true,"sparse":true,"name":"isbn"}"#)
        try await ask(
            "POST", "/_api/analyzer", in: database,
            #"{"name":"words","type":"text","properties":{"locale":"en","stopwords":[]},"features":["frequency"]}"#)
        try await ask(
            "POST", "/_api/view", in: database,
            #"{"name":"titles","type":"arangosearch","links":{"books":{"fields":{"title":{"analyzers":["words"]}}}}}"#)
        let shelves = ["botany", "history", "poetry"]
        let lines = (1...max(1, books)).map { number in
            #"{"_key":"\#(number)","title":"Book \#(number)","shelf":"\#(shelves[number % 3])","year":\#(1900 + number % 100),"isbn":"978-\#(number)"}"#
                + "\n"
        }
        try await load(lines.joined(), into: "books", in: database)
        let edges = (2...max(2, books)).map { number in
            #"{"_key":"c\#(number)","_from":"books/\#(number)","_to":"books/\#(number / 2)"}"# + "\n"
        }
        try await load(edges.joined(), into: "cites", in: database)
    }
}
