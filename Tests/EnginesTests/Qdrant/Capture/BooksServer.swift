import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport

@testable import Engines

/// A server with one collection, `books`, that keeps to the contract about its snapshots, and goes wrong where a test's script says so.
final class BooksServer: Sendable {
    struct State: Sendable {
        var files: [String: [UInt8]] = [:]
        /// What the list says instead of the truth.
        var sizes: [String: Int] = [:]
        var checksums: [String: String] = [:]
        var creating = 0
        var recovering = 0
        var created = 0
        var recovered = 0
        var points: Int64 = 3
        var asked = 0
        var shards =
            #"{"peer_id":1,"shard_count":1,"local_shards":[{"shard_id":0,"points_count":3,"state":"Active"}],"remote_shards":[],"shard_transfers":[]}"#

        mutating func make(_ bytes: [UInt8] = Array("a snapshot".utf8)) -> String {
            created += 1
            let name = "books-1-2026-11-21-08-00-\(created < 10 ? "0" : "")\(created).snapshot"
            files[name] = bytes
            return name
        }

        func entry(_ name: String) -> String {
            let bytes = files[name] ?? []
            let checksum = checksums[name] ?? SHA256.hexDigest(of: bytes)
            return #"{"name":"\#(name)","creation_time":null,"size":\#(sizes[name] ?? bytes.count)"#
                + (checksum.isEmpty ? "}" : #","checksum":"\#(checksum)"}"#)
        }

        var metrics: String {
            """
            app_info{name="qdrant",version="1.18.3"} 1
            snapshot_creation_running{id="books"} \(creating)
            snapshot_recovery_running{id="books"} \(recovering)
            snapshot_created_total{id="books"} \(created)

            """
        }
    }

    typealias Script = @Sendable (_ line: String, inout State) -> WireServer.Answer?

    private final class Book: Sendable { let state = Mutex(State()) }
    private let book = Book()
    let wire: WireServer

    /// The script answers first: nil leaves it to the server.
    init(_ script: @escaping Script = { _, _ in nil }) throws {
        wire = try WireServer { [book] request in
            book.state.withLock { state in
                state.asked += 1
                return script(request.line, &state) ?? Self.answer(request, &state)
            }
        }
    }

    func with<Result: Sendable>(_ body: (inout State) -> Result) -> Result { book.state.withLock { body(&$0) } }
    var files: [String] { with { $0.files.keys.sorted() } }
    var lines: [String] { wire.lines }
    func count(_ beginning: String) -> Int { lines.count { $0.hasPrefix(beginning) } }

    static let create = "POST /collections/books/snapshots?"
    static let upload = "POST /collections/books/snapshots/upload?"
    static let recover = "PUT /collections/books/snapshots/recover?"
    static let download = "GET /collections/books/snapshots/"
    static let delete = "DELETE /collections/books/snapshots/"

    private static func answer(_ request: WireServer.Request, _ state: inout State) -> WireServer.Answer {
        let line = request.line
        let path = String(request.target.prefix { $0 != "?" })
        let name = String(path.split(separator: "/").last ?? "")
        switch line {
        case "GET /": return .status(200, body: Array(#"{"title":"qdrant","version":"1.18.3"}"#.utf8))
        case "GET /metrics": return .text(state.metrics)
        case "GET /healthz": return .status(200, headers: ["Date: Sat, 21 Nov 2026 08:00:00 GMT"])
        case "GET /collections": return .json(#"{"collections":[{"name":"books"}]}"#)
        case "GET /aliases": return .json(#"{"aliases":[]}"#)
        case "GET /collections/books":
            return .json(#"{"status":"green","optimizer_status":"ok","config":{"params":{}},"payload_schema":{}}"#)
        case "GET /collections/books/cluster": return .json(state.shards)
        case "GET /collections/books/snapshots": return .json("[\(state.files.keys.sorted().map(state.entry).joined(separator: ","))]")
        case _ where line.hasPrefix("POST /collections/books/points/count"): return .json(#"{"count":\#(state.points)}"#)
        case _ where line.hasPrefix(create):
            let name = state.make()
            return .json(state.entry(name))
        case _ where line.hasPrefix(upload):
            let name = request.text.firstMatch(of: /filename="([^"]*)"/).map { String($0.1) } ?? ""
            state.files[name] = request.body
            state.recovered += 1
            return .json("true")
        case _ where line.hasPrefix(recover):
            state.recovered += 1
            return .json("true")
        case _ where line.hasPrefix(download):
            guard let bytes = state.files[name] else { return .text("Not found: Snapshot \(name) not found", status: 404) }
            return .status(200, body: bytes)
        case _ where line.hasPrefix(delete):
            return state.files.removeValue(forKey: name) == nil ? .error(404, "Not found: Snapshot \(name) not found") : .json("true")
        default: return .text("", status: 404)
        }
    }
}
