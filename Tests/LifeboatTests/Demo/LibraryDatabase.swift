import Bindings
import TestSupport

@testable import lifeboat

/// The demo's library in a database of the test's own on the shared server, which goes with the server.
struct LibraryDatabase {
    let connection: PostgresConnection
    let parameters: PostgresParameters

    static func make() async throws -> LibraryDatabase {
        let server = try await Original.only.server()
        let name = "library_\(UInt32.random(in: 0...UInt32.max))"
        let postgres = try await PostgresConnection.connect(server)
        try await postgres.execute("CREATE DATABASE \(name) TEMPLATE library_original")
        await postgres.close()
        let parameters = server.database(name)
        return LibraryDatabase(connection: try await PostgresConnection.connect(parameters), parameters: parameters)
    }

    /// Made once; copies take a fraction of the time.
    private actor Original {
        static let only = Original()
        private var making: Task<PostgresParameters, any Error>?

        func server() async throws -> PostgresParameters {
            let task = making ?? Task { try await Self.make() }
            making = task
            return try await task.value
        }

        private static func make() async throws -> PostgresParameters {
            let server = try await TestPostgres.shared().parameters
            let postgres = try await PostgresConnection.connect(server)
            try await postgres.execute("CREATE DATABASE library_original")
            await postgres.close()
            let library = try await PostgresConnection.connect(server.database("library_original"))
            try await library.execute(LibraryData.sql)
            await library.close()
            return server
        }
    }
}
