import Bindings
import Recovery

/// What is done to whole databases.
extension PostgresTarget {
    /// Those that the server needs, and that nobody keeps anything in that could be recovered.
    private static let reserved: Set<String> = ["postgres", "template0", "template1"]

    /// Throws `Failure(.refused)` for the server's own databases and for templates.
    static func refuse(_ name: String, _ database: PostgresDatabase?, to act: String) throws {
        guard !reserved.contains(name) else {
            throw Failure(
                .refused, "'\(name)' is one of the server's own databases; lifeboat does not \(act) it",
                hint: "name the database that the backup was taken of")
        }
        guard database?.isTemplate != true else {
            throw Failure(
                .refused, "database '\(name)' is a template for others; lifeboat does not \(act) it",
                hint: "if it is to go all the same: ALTER DATABASE … IS_TEMPLATE false")
        }
    }

    /// Runs statements in the maintenance database. Throws `Failure` that says what could not be done.
    func onServer(_ statements: [String], cannot act: String, within limit: Duration? = nil) async throws {
        let session = try await session(in: PostgresServer.maintenance)
        try await attempt("\(act) on \(server.words)") {
            for statement in statements { try await session.execute(statement, deadline: limit) }
        }
    }

    /// The database, as seen by a session that may write: what is dropped is what was looked at.
    func database(_ name: String) async throws -> PostgresDatabase? {
        let session = try await session(in: PostgresServer.maintenance)
        return try await attempt("look up database '\(name)' on \(server.words)") {
            try await PostgresDatabase.find(name, through: session)
        }
    }

    /// Drops a database with everybody who is in it. When it cannot be dropped it is left as it was.
    func drop(_ database: PostgresDatabase) async throws {
        try Self.refuse(database.name, database, to: "drop")
        try await refuseWhileReplicated(database)
        await leave(database.name)
        let name = try Self.quoted(database.name)
        let act = "drop database '\(database.name)'"
        // Nobody comes in between the end of the old sessions and the drop.
        try await onServer(["ALTER DATABASE \(name) ALLOW_CONNECTIONS false"], cannot: act)
        do {
            _ = try await endSessions(in: database.name)
            try await onServer(["DROP DATABASE IF EXISTS \(name) WITH (FORCE)"], cannot: act)
        } catch {
            if database.allowsConnections {
                _ = await uncancelled {
                    try? await self.onServer(
                        ["ALTER DATABASE \(name) ALLOW_CONNECTIONS true"], cannot: "reopen it", within: .seconds(10))
                }
            }
            throw error
        }
    }

    /// Ends the sessions in a database, all but this target's own, and returns how many there were.
    func endSessions(in database: String) async throws -> Int {
        let own = await ownProcesses()
        let session = try await session(in: PostgresServer.maintenance)
        return try await attempt("end the sessions in database '\(database)' on \(server.words)") {
            let answer = try await session.ask(
                "SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) \(PostgresServer.strangers) AND NOT a.pid = ANY ($3::int[])",
                [.text(database), .text(server.sessionName), .text("{\(own.map { "\($0)" }.joined(separator: ","))}")])
            return answer.rows.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? 0
        }
    }

    /// Ends the sessions of that name in a database: what a program of ours that was killed has left running. A server that does not
    /// answer is not waited for: it may be why the program was stopped.
    func endSessions(in database: String, named name: String) async {
        guard let session = try? await session(in: PostgresServer.maintenance) else { return }
        _ = try? await session.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = $2",
            [.text(database), .text(name)], deadline: .seconds(10))
    }

    static func quoted(_ name: String) throws -> String {
        do { return try quoteIdentifier(name) } catch { throw Failure(.document, error.message, hint: "names have at most 63 bytes") }
    }

    /// What replicates into or out of a database has state on other servers, which dropping it would strand there.
    private func refuseWhileReplicated(_ database: PostgresDatabase) async throws {
        let session = try await session(in: PostgresServer.maintenance)
        let (subscriptions, slots) = try await attempt("look for replication of database '\(database.name)' on \(server.words)") {
            let subscriptions = try await session.ask(
                "SELECT quote_ident(subname) FROM pg_subscription WHERE subdbid = $1::oid ORDER BY 1", [.text(database.oid)]
            ).rows.compactMap { $0.first ?? nil }
            let slots = try await session.ask(
                "SELECT quote_ident(slot_name) FROM pg_replication_slots WHERE database = $1 AND active ORDER BY 1", [.text(database.name)]
            ).rows.compactMap { $0.first ?? nil }
            return (subscriptions, slots)
        }
        if !subscriptions.isEmpty {
            throw Failure(
                .refused,
                "database '\(database.name)' on \(server.words) has subscriptions (\(subscriptions.joined(separator: ", "))), "
                    + "and cannot be dropped with them",
                hint: "in that database, for each: ALTER SUBSCRIPTION … DISABLE; ALTER SUBSCRIPTION … SET (slot_name = NONE); "
                    + "DROP SUBSCRIPTION …; then remove its slot on the publisher, or keep it to go on from there")
        }
        if !slots.isEmpty {
            throw Failure(
                .refused,
                "database '\(database.name)' on \(server.words) is being replicated: its slots \(slots.joined(separator: ", ")) are in use",
                hint: "stop the subscribers first; dropping the database drops its slots, and they will have to start over")
        }
    }
}

extension PostgresServer {
    /// Sessions of clients in database $1 that are not ours: by the name $2 that ours carry, and by the lock that lifeboat holds.
    static let strangers = """
        FROM pg_stat_activity a WHERE datname = $1 AND backend_type IN ('client backend', 'walsender')
        AND a.pid <> pg_backend_pid() AND application_name IS DISTINCT FROM $2
        AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND \(PostgresLock.isOurs))
        """
}

extension ReadablePostgres {
    /// The sessions of others in a database: `psql (alice)`.
    func strangers(in database: String) async throws -> [String] {
        let session = try await session(in: PostgresServer.maintenance)
        return try await attempt("list the sessions in database '\(database)' on \(server.words)") {
            try await session.ask(
                """
                SELECT coalesce(nullif(application_name, ''), 'unnamed') || ' (' || coalesce(usename, 'no user') || ')'
                \(PostgresServer.strangers) ORDER BY 1
                """, [.text(database), .text(server.sessionName)]
            ).rows.compactMap { $0.first ?? nil }
        }
    }
}
