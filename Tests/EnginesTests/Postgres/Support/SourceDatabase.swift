import Bindings
import Recovery
import Testing

@testable import Engines

/// A database on a server of the tests, under a name of its own.
struct SourceDatabase: Sendable {
    let server: DisposableServer
    let target: PostgresTarget
    let name: String

    init(on server: DisposableServer, _ name: String? = nil, options: String = "", holding script: String = "") async throws {
        self.server = server
        self.name = name ?? "source_\(randomHex(5))"
        target = TestTarget.disposable(server)
        try await target.sql("postgres", "CREATE DATABASE \(try quoteIdentifier(self.name)) TEMPLATE template0 \(options)")
        if !script.isEmpty { try await target.sql(self.name, script) }
    }

    /// What an inventory of it holds.
    func items() async throws -> [InventoryItem] { try await Self.items(of: name, on: server) }

    static func items(of database: String, on server: DisposableServer) async throws -> [InventoryItem] {
        let target = TestTarget.disposable(server)
        let snapshot = try await PostgresSnapshot.begin(on: try await target.session(in: database))
        let items = try await PostgresFacts.read(snapshot)
        await target.close()
        return items
    }

    func backup(local: Bool = true) async throws -> BackupInHand {
        let items = try await items()
        let hand = try await TestBackup.dump(name, of: server, items: items, local: local).hand
        await target.close()
        return hand
    }
}
