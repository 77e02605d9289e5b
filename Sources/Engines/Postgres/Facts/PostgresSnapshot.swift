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

    /// Begins a transaction on `connection` and exports its snapshot. The transaction's own time is the moment before the snapshot.
    package static func begin(on connection: PostgresConnection, deadline: Duration? = nil) async throws -> PostgresSnapshot {
        try await attempt("take a snapshot of the database") {
            try await connection.query(beginning + settings, deadline: deadline)
            let answer = try await connection.query("SELECT pg_export_snapshot()", deadline: deadline)
            guard let id = answer.rows.first?.first ?? nil else { throw Failure(.engine, "the server exported no snapshot") }
            return PostgresSnapshot(connection: connection, id: id)
        }
    }

    /// Lets another connection to the same database see this state too, in a transaction of its own.
    package func join(_ other: PostgresConnection, deadline: Duration? = nil) async throws {
        _ = try await attempt("join the snapshot of the database") {
            try await other.query(Self.beginning + "SET TRANSACTION SNAPSHOT \(try quoteLiteral(id));" + Self.settings, deadline: deadline)
        }
    }

    /// Throws when the session that keeps the snapshot is gone: what was read through it afterwards cannot be relied on.
    package func proveAlive() async throws {
        _ = try await attempt("keep the snapshot of the database to the end of the backup") {
            try await connection.query("SELECT 1", deadline: .seconds(30))
        }
    }

    /// Ends the transaction on a connection; one that is broken has none any more.
    package static func end(on connection: PostgresConnection) async {
        _ = try? await connection.query("ROLLBACK", deadline: .seconds(10))
    }

    private static let beginning = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    private static let settings = """
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
        SET LOCAL lock_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = 0;
        """
}
