import Bindings
import Documents
import FoundationEssentials
import Recovery
import TestSupport

@testable import Engines

/// Everything that the client can do, each on its own.
enum WireActs {
    typealias Act = @Sendable (QdrantClient, _ file: String) async throws -> Void

    /// What changes something on a server.
    static let orders: [(String, Act)] = [
        ("create", { client, _ in try await client.create("books", [:]) }),
        ("patch", { client, _ in try await client.patch("books", [:]) }),
        ("drop", { client, _ in _ = try await client.drop("books") }),
        ("aliases", { client, _ in try await client.change(aliases: [["delete_alias": ["alias_name": "a"]]], "change aliases") }),
        ("index", { client, _ in try await client.createIndex("f", "keyword", in: "books") }),
        ("snapshot", { client, _ in _ = try await failing { try await client.createSnapshot(of: "books") } }),
        ("delete", { client, _ in try await client.deleteSnapshot("x.snapshot", of: "books") }),
        ("recover", { client, _ in try await failing { try await client.recover("books", from: "file:///x", sha256: nil, .snapshot) } }),
        (
            "upload",
            { client, file in
                try await failing {
                    try await client.upload(file, bytes: 3, as: "x.snapshot", into: "books", sha256: nil, .snapshot, boundary: "b")
                }
            }
        ),
    ]

    /// What only asks, and writing points, which may be done twice.
    static let questions: [(String, Act)] = [
        ("root", { client, _ in _ = try await client.root() }),
        ("ready", { client, _ in try await client.ready() }),
        ("activity", { client, _ in _ = try await client.activity() }),
        ("cluster", { client, _ in _ = try await client.isCluster() }),
        ("collections", { client, _ in _ = try await client.collections() }),
        ("aliases", { client, _ in _ = try await client.aliases() }),
        ("info", { client, _ in _ = try await client.info("books") }),
        ("shards", { client, _ in _ = try await client.shards("books") }),
        ("count", { client, _ in _ = try await failing { try await client.count("books") } }),
        ("scroll", { client, _ in _ = try await client.scroll("books", from: nil, limit: 1) }),
        ("retrieve", { client, _ in _ = try await client.retrieve("books", ids: ["1"]) }),
        ("query", { client, _ in _ = try await client.query("books", Array("{}".utf8), "search") }),
        ("list", { client, _ in _ = try await client.snapshots(of: "books") }),
        ("upsert", { client, _ in try await client.upsert(Array("{}".utf8), into: "books") }),
    ]
}

func withSnapshotFile(_ bytes: [UInt8] = [1, 2, 3], _ body: (String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await write(bytes, to: folder + "/x.snapshot")
        try await body(folder + "/x.snapshot")
    }
}
