import Bindings
import TestSupport

@testable import lifeboat

/// The demo's library in a database of the test's own on the shared server, which goes with the server.
struct LibraryDatabase {
    let connection: PostgresConnection
    let parameters: PostgresParameters
    /// Between these two moments it was filled, by the server's clock: tests may come to their turn much later.
    let filled: (after: String, before: String)

    static func make() async throws -> LibraryDatabase {
        let original = try await Original.only.original()
        let server = original.server
        let name = "library_\(UInt32.random(in: 0...UInt32.max))"
        let postgres = try await PostgresConnection.connect(server)
        try await postgres.execute("CREATE DATABASE \(name) TEMPLATE library_original")
        await postgres.close()
        let parameters = server.database(name)
        return LibraryDatabase(
            connection: try await PostgresConnection.connect(parameters), parameters: parameters, filled: original.filled)
    }

    /// Made once; copies take a fraction of the time.
    private actor Original {
        static let only = Original()
        typealias Made = (server: PostgresParameters, filled: (after: String, before: String))
        private var making: Task<Made, any Error>?

        func original() async throws -> Made {
            let task = making ?? Task { try await Self.make() }
            making = task
            return try await task.value
        }

        private static func make() async throws -> Made {
            let server = try await TestPostgres.shared().parameters
            let postgres = try await PostgresConnection.connect(server)
            try await postgres.execute("CREATE DATABASE library_original")
            await postgres.close()
            let library = try await PostgresConnection.connect(server.database("library_original"))
            let after = try await library.query("SELECT clock_timestamp()").rows[0][0] ?? ""
            try await library.execute(LibraryData.sql)
            let before = try await library.query("SELECT clock_timestamp()").rows[0][0] ?? ""
            await library.close()
            return (server, (after, before))
        }
    }
}
