import Bindings
import Engines
import FoundationEssentials
import Recovery
import TestSupport

/// The library, dumped and restored by PostgreSQL's own programs, as a template for one change at a time.
actor RestoredLibrary {
    static let shared = RestoredLibrary()
    private var making: Task<Made, any Error>?

    struct Made: Sendable {
        let server: TestPostgres
        let inventory: [InventoryItem]
        let template: String
    }

    static let fingerprints = Fingerprints(["public.books", "public.books.price", "shop.parent"])

    func made() async throws -> Made {
        let task = making ?? Task { try await Self.make() }
        making = task
        return try await task.value
    }

    private static func make() async throws -> Made {
        let server = try await TestPostgres.shared()
        let template = "restored_\(randomHex(6))"
        return try await TestDatabase.withLibrary(server) { library in
            let folder = FileManager.default.temporaryDirectory.path + "/lifeboat-dump-\(randomHex(8))"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let inventory = try await library.facts(fingerprints)
            try await library.dump(to: folder)
            let admin = try await PostgresConnection.connect(server.parameters)
            try await admin.query("CREATE DATABASE \(template) TEMPLATE template0")
            await admin.close()
            try await TestDatabase(server: server, name: template).restore(from: folder)
            return Made(server: server, inventory: inventory, template: template)
        }
    }

    /// A fresh copy of the restored library.
    func withCopy<Result: Sendable>(_ use: @Sendable (TestDatabase, [InventoryItem]) async throws -> Result) async throws -> Result {
        let made = try await made()
        let copy = TestDatabase(server: made.server, name: "copy_\(randomHex(6))")
        let admin = try await PostgresConnection.connect(made.server.parameters)
        try await admin.query("CREATE DATABASE \(copy.name) TEMPLATE \(made.template)")
        let outcome: Swift.Result<Result, any Error>
        do {
            try await copy.run(LibraryDatabase.properties(of: copy.name))
            outcome = .success(try await use(copy, made.inventory))
        } catch {
            outcome = .failure(error)
        }
        _ = try? await admin.query("DROP DATABASE \(copy.name) WITH (FORCE)")
        await admin.close()
        return try outcome.get()
    }
}
