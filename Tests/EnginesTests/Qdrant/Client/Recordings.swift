import Documents
import FoundationEssentials
import TestSupport

@testable import Engines

/// Exchanges with real servers, where the folder of contracts lies beside the checkout.
enum Recordings {
    private static let folder = Program.checkout + "/../shared/contracts/qdrant/transcripts"
    static let versions = ["1.16.3", "1.18.3"]

    struct Exchange: Sendable, CustomStringConvertible {
        let version: String
        let group: String
        let title: String
        let method: String
        let path: String
        let status: Int
        let headers: [(String, String)]
        /// Nil where the recording has a digest only.
        let body: [UInt8]?

        var description: String { "\(version) \(group): \(title) (\(method) \(path) \(status))" }
        var text: String { String(decoding: body ?? [], as: UTF8.self) }

        /// As the server sent it.
        var answer: WireServer.Answer {
            let kept = headers.filter { !["content-length", "transfer-encoding", "connection"].contains($0.0.lowercased()) }
            return .status(status, headers: kept.map { "\($0.0): \($0.1)" }, body: body ?? [])
        }
    }

    static func all() throws -> [Exchange] {
        try versions.flatMap { version in
            try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(version)").sorted().flatMap { try exchanges($0, version) }
        }
    }

    static func group(_ name: String, of version: String) throws -> [Exchange] { try exchanges("\(name).json", version) }

    private static func exchanges(_ file: String, _ version: String) throws -> [Exchange] {
        let list = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(version)/\(file)"))))
        return (list.array ?? []).compactMap { item in
            guard let request = item["request"], let response = item["response"], let status = response["status"]?.int else { return nil }
            let headers = (response["headers"]?.array ?? []).compactMap { pair -> (String, String)? in
                guard let name = pair.array?.first?.string, let value = pair.array?.last?.string else { return nil }
                return (name, value)
            }
            return Exchange(
                version: version, group: String(file.dropLast(5)), title: item["title"]?.string ?? "",
                method: request["method"]?.string ?? "",
                path: request["path"]?.string ?? "", status: Int(status), headers: headers,
                body: response["body"]?.string.map { Array($0.utf8) })
        }
    }

    static func missing() -> String? { RecordedPoints.missing() }
}

/// A call of the client, by what it sends.
enum ClientCall {
    /// What it came to, in a word; nil when the client never sends such a request. Names of the recording are replaced: the server at hand
    /// answers the same to any.
    static func of(_ method: String, _ path: String) -> ((QdrantClient, _ upload: String) async throws -> String)? {
        let parts = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
        let books = "books"
        switch (method, parts.count, parts.first, parts.dropFirst(2).joined(separator: "/")) {
        case ("GET", 0, _, _): return { client, _ in "\(try await client.root().version)" }
        case ("GET", 1, "readyz", _): return { client, _ in try await ok { try await client.ready() } }
        case ("GET", 1, "metrics", _): return { client, _ in "\(try await client.activity())" }
        case ("GET", 1, "cluster", _): return { client, _ in "\(try await client.isCluster()) \(try await client.peers().count)" }
        case ("GET", 1, "collections", _): return { client, _ in "\(try await client.collections())" }
        case ("GET", 1, "aliases", _): return { client, _ in "\(try await client.aliases())" }
        case ("POST", 2, "collections", "") where parts[1] == "aliases":
            return { client, _ in
                try await ok { try await client.change(aliases: [["delete_alias": ["alias_name": "a"]]], "change aliases") }
            }
        case ("GET", 2, "collections", _): return { client, _ in try await client.info(books).map(\.status) ?? "absent" }
        case ("PUT", 2, "collections", _): return { client, _ in try await ok { try await client.create(books, [:]) } }
        case ("PATCH", 2, "collections", _): return { client, _ in try await ok { try await client.patch(books, [:]) } }
        case ("DELETE", 2, "collections", _): return { client, _ in "\(try await client.drop(books))" }
        case ("GET", 3, "collections", "cluster"): return { client, _ in try await client.shards(books).map { "\($0)" } ?? "absent" }
        case ("PUT", 3, "collections", "index"):
            return { client, _ in try await ok { try await client.createIndex("f", "keyword", in: books) } }
        case ("POST", 4, "collections", "points/count"): return { client, _ in "\(try await failing { try await client.count(books) })" }
        case ("POST", 4, "collections", "points/scroll"):
            return { client, _ in "\(try PointPage(reading: try await client.scroll(books, from: nil, limit: 3)).count)" }
        case ("POST", 4, "collections", "points/query"):
            return { client, _ in try await ok { _ = try await client.query(books, Array("{}".utf8), "search") } }
        case ("POST", 3, "collections", "points"):
            return { client, _ in "\(try PointPage(reading: try await client.retrieve(books, ids: ["1"])).count)" }
        case ("PUT", 3, "collections", "points"):
            return { client, _ in try await ok { try await client.upsert(Array("{\"points\":[]}".utf8), into: books) } }
        case ("GET", 3, "collections", "snapshots"): return { client, _ in "\(try await client.snapshots(of: books).count)" }
        case ("POST", 3, "collections", "snapshots"):
            return { client, _ in try await failing { try await client.createSnapshot(of: books) }.name }
        case ("PUT", 4, "collections", "snapshots/recover"):
            return { client, _ in
                try await ok { try await failing { try await client.recover(books, from: "file:///x", sha256: nil, .snapshot) } }
            }
        case ("POST", 4, "collections", "snapshots/upload"):
            return { client, upload in
                try await ok {
                    try await failing {
                        try await client.upload(upload, bytes: 3, as: "x.snapshot", into: books, sha256: nil, .snapshot, boundary: "b")
                    }
                }
            }
        case ("GET", 4, "collections", let rest) where rest.hasPrefix("snapshots/"):
            return { client, _ in
                let snapshot = try testSnapshot("x.snapshot", size: 3)
                return try await ok { try await client.download(snapshot, of: books) { _ in } }
            }
        case ("DELETE", 4, "collections", let rest) where rest.hasPrefix("snapshots/"):
            return { client, _ in try await client.deleteSnapshot("x.snapshot", of: books) ? "true" : "absent" }
        default: return nil
        }
    }

    private static func ok(_ body: () async throws -> Void) async throws -> String {
        try await body()
        return "ok"
    }
}

func testSnapshot(_ name: String, size: Int64, checksum: String? = nil) throws -> ServerSnapshot {
    var json: [JSONValue.Member] = [.init("name", .string(name)), .init("size", .int(size))]
    if let checksum { json.append(.init("checksum", .string(checksum))) }
    guard let snapshot = ServerSnapshot(.object(json)) else { throw TestFailure("no snapshot: \(name)") }
    return snapshot
}
