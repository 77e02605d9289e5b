import Bindings
import Recovery

/// A PostgreSQL server that can be read and not changed: every session is read-only from its first moment, and only
/// questions that are written here are asked.
package struct ReadablePostgres: ReadableTarget {
    package let server: PostgresServer
    /// Finds programs; it starts none that touch the server.
    let tools: PostgresTools
    let sessions: PostgresSessions
    /// Nil: it is asked anew each time, since it may have come back.
    private var silence: Silence?

    init(_ server: PostgresServer, tools: PostgresTools) {
        self.server = server
        self.tools = tools
        // A database may set a path on which somebody has put functions with the names of the server's own.
        sessions = PostgresSessions(server, options: "\(Self.readOnly) -c search_path=pg_catalog")
    }

    package var binding: TargetBinding { server.binding }

    /// For sessions that cannot write.
    static let readOnly = "-c default_transaction_read_only=on"

    /// A session that cannot write. It is shared: no transaction may be left open on it.
    package func session(in database: String) async throws -> PostgresConnection {
        try silence?.refuse()
        do { return try await sessions.session(in: database) } catch let failure as Failure {
            silence?.note(failure)
            throw failure
        }
    }

    /// The same server, asked no more once it has not answered.
    func after(_ silence: Failure?) -> ReadablePostgres {
        var impatient = self
        impatient.silence = Silence(silence)
        return impatient
    }

    /// What there is of a database; nil when there is no such one. Throws `Failure`.
    package func database(_ name: String) async throws -> PostgresDatabase? {
        let session = try await session(in: PostgresServer.maintenance)
        return try await attempt("look up database '\(name)' on \(server.words)") {
            try await PostgresDatabase.find(name, through: session)
        }
    }

    /// What people have put into a database. Throws `Failure`.
    package func contents(of database: String) async throws -> PostgresContents {
        let session = try await session(in: database)
        return try await attempt("look into database '\(database)' on \(server.words)") {
            try await PostgresContents.read(through: session)
        }
    }

    /// Bytes on the server's disk; nil when the account may not know.
    package func bytes(of database: PostgresDatabase) async -> Int64? {
        guard let session = try? await session(in: PostgresServer.maintenance),
            let answer = try? await session.ask("SELECT pg_database_size($1::oid)", [.text(database.oid)])
        else { return nil }
        return answer.rows.first?.first.flatMap { $0 }.flatMap { Int64($0) }
    }

    /// The server's version. Throws `Failure`.
    package func version() async throws -> PostgresVersion {
        PostgresVersion(number: await (try session(in: PostgresServer.maintenance)).serverVersion)
    }

    /// Those of the roles that the server does not have. Throws `Failure`.
    func missing(_ roles: Set<String>) async throws -> [String] {
        guard !roles.isEmpty else { return [] }
        let session = try await session(in: PostgresServer.maintenance)
        return try await attempt("list the roles of \(server.words)") {
            let there = try await session.ask("SELECT rolname FROM pg_roles").rows.compactMap { $0.first ?? nil }
            return roles.subtracting(there).sorted()
        }
    }

    /// Logs out of one database, so that it can be dropped.
    func leave(_ database: String) async { await sessions.leave(database) }
}
