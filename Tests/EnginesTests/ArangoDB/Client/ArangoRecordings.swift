import Documents
import FoundationEssentials
import TestSupport

@testable import Engines

/// Exchanges with real servers, where the folder of contracts lies beside the checkout.
enum ArangoRecordings {
    private static let folder = Program.checkout + "/../shared/contracts/arangodb/transcripts"

    struct Exchange: Sendable, CustomStringConvertible {
        let group: String
        let name: String
        let version: String
        let method: String
        let path: String
        let status: Int
        let headers: [(String, String)]
        let body: [UInt8]

        var description: String { "\(version) \(group) \(name) (\(method) \(path) \(status))" }
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue? { try? JSONValue(parsing: body) }

        /// As the server sent it.
        var answer: WireServer.Answer {
            let kept = headers.filter { !["content-length", "transfer-encoding", "connection"].contains($0.0) }
            return .status(status, headers: kept.map { "\($0.0): \($0.1)" }, body: body)
        }
    }

    static func missing() -> String? {
        FileManager.default.fileExists(atPath: folder) ? nil : "no recordings of ArangoDB beside the checkout"
    }

    static func all() throws -> [Exchange] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted().flatMap { file in
            let list = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(file)"))))
            return (list.array ?? []).compactMap { item -> Exchange? in
                guard let request = item["request"], let response = item["response"], let status = response["status"]?.int else {
                    return nil
                }
                return Exchange(
                    group: String(file.dropLast(5)), name: item["name"]?.string ?? "", version: item["version"]?.string ?? "",
                    method: request["method"]?.string ?? "", path: request["path"]?.string ?? "", status: Int(status),
                    headers: (response["headers"]?.members ?? []).compactMap { member in member.value.string.map { (member.key, $0) } },
                    body: Array((response["bodyWire"]?.string ?? response["body"]?.string ?? "").utf8))
            }
        }
    }
}

/// A call of the client, by what it sends.
enum ArangoClientCall {
    /// What it came to, in a word; nil when the client never sends such a request. Names of the recording are replaced: the server at hand
    /// answers the same to any.
    static func of(_ method: String, _ path: String) -> (@Sendable (ArangoClient, ArangoRecordings.Exchange) async throws -> String)? {
        var parts = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
        if parts.first == "_db" { parts = Array(parts.dropFirst(2)) }
        switch (method, parts.count, parts.dropFirst().first ?? "", parts.dropFirst(2).joined(separator: "/")) {
        case ("GET", 2, "version", _): return { client, _ in try await version(client) }
        case ("GET", 3, "database", "user"): return { client, _ in "\(try await client.databases())" }
        case ("GET", 3, "database", "current"):
            return { client, exchange in try await client.database(exchange.json?["result"]?["name"]?.string ?? "app")?.id ?? "absent" }
        case ("POST", 2, "database", _): return { client, _ in try await ok { try await client.createDatabase("app") } }
        case ("DELETE", 3, "database", _): return { client, _ in try await ok { try await client.dropDatabase("app") } }
        case ("GET", 2, "collection", _):
            return { client, _ in "\(try await client.collections(in: "app", excludingSystem: false))" }
        case ("GET", 4, "collection", let rest) where rest.hasSuffix("/count"):
            return { client, _ in "\(try await client.count("c", in: "app"))" }
        case ("DELETE", 3, "collection", _):
            return { client, _ in try await ok { try await client.dropCollection("c", in: "app", isSystem: false) } }
        case ("GET", 2, "index", _): return { client, _ in "\(try await client.indexes(of: "c", in: "app").count)" }
        case ("GET", 2, "view", _): return { client, _ in "\(try await client.views(in: "app").map(\.name))" }
        case ("DELETE", 3, "view", _): return { client, _ in try await ok { try await client.dropView("v", in: "app") } }
        case ("GET", 2, "gharial", _): return { client, _ in "\(try await client.graphs(in: "app").map(\.name))" }
        case ("GET", 2, "analyzer", _): return { client, _ in "\(try await client.analyzers(in: "app").map(\.name))" }
        case ("GET", 2, "user", _): return { client, _ in "\(try await client.users())" }
        case ("GET", 3, "replication", "server-id"): return { client, _ in try await client.systemIdentifier() ?? "nil" }
        case ("POST", 2, "cursor", _), ("POST", 3, "cursor", _), ("PUT", 3, "cursor", _): return { client, _ in try await query(client) }
        default: return nil
        }
    }

    private static func version(_ client: ArangoClient) async throws -> String { "\(try await client.ready().version)" }

    private static func query(_ client: ArangoClient) async throws -> String {
        let rows = try await client.query("RETURN 1", bind: .object([]), in: "app", keeping: 10_000, within: nil)
        return "\(rows.count) \(rows.rows.count)"
    }

    private static func ok(_ body: () async throws -> Void) async throws -> String {
        try await body()
        return "ok"
    }
}
