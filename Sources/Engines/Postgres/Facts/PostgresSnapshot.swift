import Bindings
import Recovery

/// One state of a database, seen by several connections: a transaction that reads, and stays open until `end`.
///
/// Every transaction is REPEATABLE READ and READ ONLY, with an empty search path (names come out qualified), without row-level security
/// (a table that would hide rows is an error, never a short count), and with fixed output formats (values have one text).
package struct PostgresSnapshot: Sendable {
    package let connection: PostgresConnection
    /// For `pg_dump --snapshot`, and for `join`.
    package let id: String
    private let settings: String

    /// Begins a transaction on `connection` and exports its snapshot. The transaction's own time is the moment before the snapshot.
    /// - Parameter lockTimeout: how long somebody else's lock on a table is waited for, here and in what joins.
    package static func begin(
        on connection: PostgresConnection, lockTimeout: Duration = .seconds(60), deadline: Duration? = nil
    ) async throws -> PostgresSnapshot {
        let settings = formats + "SET LOCAL lock_timeout = \(Int(lockTimeout / .milliseconds(1)));"
        return try await attempt("take a snapshot of the database") {
            try await connection.query(beginning + settings, deadline: deadline ?? connection.patience)
            let answer = try await connection.query("SELECT pg_export_snapshot()", deadline: deadline ?? connection.patience)
            guard let id = answer.rows.first?.first ?? nil else { throw Failure(.engine, "the server exported no snapshot") }
            return PostgresSnapshot(connection: connection, id: id, settings: settings)
        }
    }

    /// Lets another connection to the same database see this state too, in a transaction of its own.
    package func join(_ other: PostgresConnection, deadline: Duration? = nil) async throws {
        try await attempt("join the snapshot of the database") {
            try await other.query(
                Self.beginning + "SET TRANSACTION SNAPSHOT \(try quoteLiteral(id));" + settings, deadline: deadline ?? other.patience)
        }
    }

    /// Keeps the definitions of these tables as they are until the end; reading and writing rows goes on.
    func lock(_ tables: [String], deadline: Duration? = nil) async throws {
        for start in stride(from: 0, to: tables.count, by: 100) {
            let some = tables[start..<min(start + 100, tables.count)].map { "ONLY \($0)" }.joined(separator: ", ")
            do {
                try await attempt("lock the tables against changes of their definition") {
                    try await connection.query("LOCK TABLE \(some) IN ACCESS SHARE MODE", deadline: deadline)
                }
            } catch let failure as Failure where (failure.cause as? PostgresError)?.sqlState == "42P01" {
                throw Failure(
                    failure.kind, failure.problem, hint: "a table was dropped while the backup began; try again", cause: failure.cause)
            }
        }
    }

    /// Throws when the session that keeps the snapshot is gone: what was read through it afterwards cannot be relied on.
    package func proveAlive() async throws {
        try await attempt("keep the snapshot of the database to the end of the backup") {
            try await connection.query("SELECT 1", deadline: .seconds(30))
        }
    }

    /// Ends the transaction on a connection; one that is broken has none any more.
    package static func end(on connection: PostgresConnection) async {
        _ = try? await connection.query("ROLLBACK", deadline: .seconds(10))
    }

    private static let beginning = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    private static let formats = """
        SET LOCAL search_path = '';
        SET LOCAL row_security = off;
        SET LOCAL DateStyle = 'ISO, YMD';
        SET LOCAL IntervalStyle = 'postgres';
        SET LOCAL TimeZone = 'UTC';
        SET LOCAL extra_float_digits = 3;
        SET LOCAL bytea_output = 'hex';
        SET LOCAL lc_monetary = 'C';
        SET LOCAL quote_all_identifiers = off;
        SET LOCAL statement_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = 0;

        """
}
