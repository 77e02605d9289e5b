import Bindings
import Engines
import Recovery
import TestSupport

/// A database of one test, on a server that other tests use too.
struct TestDatabase: Sendable {
    let server: TestPostgres
    let name: String

    /// Makes it, lets the test use it, and drops it.
    static func with<Result: Sendable>(
        _ server: TestPostgres, holding script: (String) -> String = { _ in "" }, _ use: (TestDatabase) async throws -> Result
    ) async throws -> Result {
        let database = TestDatabase(server: server, name: "test_\(randomHex(6))")
        let admin = try await PostgresConnection.connect(server.parameters)
        try await admin.query("CREATE DATABASE \(database.name) TEMPLATE template0")
        let outcome: Swift.Result<Result, any Error>
        do {
            try await database.run(script(database.name))
            outcome = .success(try await use(database))
        } catch {
            outcome = .failure(error)
        }
        // A server that is thrown away may keep it.
        _ = try? await admin.query("DROP DATABASE IF EXISTS \(database.name) WITH (FORCE)")
        await admin.close()
        return try outcome.get()
    }

    /// One with one of everything.
    static func withLibrary<Result: Sendable>(_ server: TestPostgres, _ use: (TestDatabase) async throws -> Result) async throws -> Result {
        try await LibraryRoles.shared.make(on: server)
        return try await with(server, holding: LibraryDatabase.content(in:), use)
    }

    func connect() async throws -> PostgresConnection { try await PostgresConnection.connect(server.parameters.database(name)) }

    func run(_ script: String) async throws {
        let connection = try await connect()
        try await connection.query(script)
        await connection.close()
    }

    func facts(_ fingerprints: Fingerprints = .none) async throws -> [InventoryItem] {
        let connection = try await connect()
        let snapshot = try await PostgresSnapshot.begin(on: connection)
        let items = try await PostgresFacts.read(snapshot, fingerprints: fingerprints)
        await connection.close()
        return items
    }

    /// Runs pg_dump, pg_restore or the like of a server's own version against this database.
    func program(_ name: String, of server: TestPostgres? = nil, _ arguments: [String]) async throws {
        let parameters = self.server.parameters
        let login = ["--host", parameters.host, "--port", "\(parameters.port)", "--username", parameters.user, "--dbname", self.name]
        let result = try await Bindings.run(
            Command(
                "\((server ?? self.server).programs)/\(name)", login + arguments,
                environment: ["PGPASSWORD": self.server.password.reveal { $0 }, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]))
        guard result.status.isSuccess else { throw Failure(.engine, "\(name): \(result.errorTail)") }
    }

    /// What restoring a whole backup does, without lifeboat.
    func restore(from folder: String) async throws { try await program("pg_restore", ["--exit-on-error", folder]) }
    func dump(to folder: String) async throws { try await program("pg_dump", ["--format=directory", "--file=\(folder)"]) }
}

/// The roles belong to the whole server: two tests must not make them at once.
private actor LibraryRoles {
    static let shared = LibraryRoles()
    private var made: [Int: Task<Void, any Error>] = [:]

    func make(on server: TestPostgres) async throws {
        let task =
            made[server.parameters.port]
            ?? Task {
                let admin = try await PostgresConnection.connect(server.parameters)
                try await admin.query(LibraryDatabase.roles)
                await admin.close()
            }
        made[server.parameters.port] = task
        try await task.value
    }
}
