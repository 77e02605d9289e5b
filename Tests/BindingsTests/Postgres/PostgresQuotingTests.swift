import Bindings
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresQuotingTests {
    private static let hostile = [
        "plain", "Upper Case", "quo\"te", "\"", "\"\"\"", "'; DROP TABLE x; --", "back\\slash", "tab\tand\nline", "日本", "e\u{301}",
        "\"\u{301}", "'\u{301}", "\u{202e}rtl", "a.b", "$1", "%s", "postgres://x", "key=value", " ", "-- x", "/* x",
    ]

    @Test func namesAreQuotedWhateverTheyHold() throws {
        #expect(try quoteIdentifier("Upper Case") == "\"Upper Case\"")
        #expect(try quoteIdentifier("a\"b") == "\"a\"\"b\"")
        #expect(try quoteIdentifier("\"\u{301}") == "\"\"\"\u{301}\"")
    }

    @Test func textsAreQuotedWhateverTheServerThinksOfBackslashes() throws {
        #expect(try quoteLiteral("it's") == "'it''s'")
        #expect(try quoteLiteral("a\\'b") == " E'a\\\\''b'")
        #expect(try quoteLiteral("") == "''")
    }

    @Test func whatSQLCannotNameIsRefused() {
        #expect(throws: PostgresError(.invalidInput, "a name in SQL cannot contain a NUL byte")) { try quoteIdentifier("a\0b") }
        #expect(throws: PostgresError(.invalidInput, "a name in SQL cannot be empty")) { try quoteIdentifier("") }
        #expect(throws: PostgresError(.invalidInput, "a text in SQL cannot contain a NUL byte")) { try quoteLiteral("a\0b") }
    }

    @Test func aNameThatWouldBeCutIsRefusedUnlessThatIsWanted() throws {
        let fits = String(repeating: "n", count: 61) + "é"
        #expect(try quoteIdentifier(fits) == "\"\(fits)\"")
        let long = fits + "x"
        #expect(
            throws: PostgresError(
                .invalidInput, "the name '\(long)' has 64 bytes; PostgreSQL would cut it after 63 and act on another object")
        ) { try quoteIdentifier(long) }
        #expect(try quoteIdentifier(long, allowingTruncation: true) == "\"\(long)\"")
    }

    @Test(.requires(TestPostgres.missing), arguments: hostile)
    func aHostileNameNamesExactlyItself(_ name: String) async throws {
        let connection = try await connect()
        try await connection.query("BEGIN; CREATE TABLE \(quoteIdentifier(name)) (\(quoteIdentifier(name)) int)")
        let found = try await connection.query(
            "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = 1 "
                + "WHERE pg_class.xmin = pg_current_xact_id()::xid AND relkind = 'r'")
        #expect(found.rows == [[name, name]])
        for conforming in ["on", "off"] {
            let answer = try await connection.query(
                "SET LOCAL standard_conforming_strings = \(conforming); SET LOCAL backslash_quote = off")
            #expect(answer.commandTag == "SET")
            #expect(try await connection.query("SELECT\(quoteLiteral(name))").rows == [[name]])
        }
    }

    @Test(.requires(TestPostgres.missing), arguments: ["dbname=template1", "postgres://u:p@h/x", "sp ace'\"\\", "日本"])
    func aDatabaseNameIsNeverTakenForAConnectionString(_ name: String) async throws {
        let admin = try await connect()
        try await admin.execute("CREATE DATABASE \(quoteIdentifier(name))")
        let connection = try await PostgresConnection.connect(try await TestPostgres.shared().parameters.database(name))
        #expect(try await connection.query("SELECT current_database()").rows == [[name]])
        await connection.close()
        try await admin.execute("DROP DATABASE \(quoteIdentifier(name)) WITH (FORCE)")
    }
}
