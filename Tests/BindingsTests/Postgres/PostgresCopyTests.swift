import Bindings
import Synchronization
import TestSupport
import Testing

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(1)))
struct PostgresCopyTests {
    private struct Broken: Error, Equatable {}

    @Test(arguments: ["text", "binary"]) func whatIsCopiedOutCanBeCopiedIn(format: String) async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TEMP TABLE a (n int, t text, j jsonb); CREATE TEMP TABLE b (LIKE a)")
        try await connection.execute(
            "INSERT INTO a SELECT n, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE E'\\\\\\t\\n日本' END, '{\"a\": [1, null]}' "
                + "FROM generate_series(1, 20000) n")
        let pieces = Collected<[UInt8]>()
        let out = try await connection.copyOut("COPY a TO STDOUT (FORMAT \(format))") { pieces.add($0) }
        #expect(out == 20000)
        #expect(pieces.values.count > 3)
        let rest = Mutex(pieces.values.flatMap { $0 }[...])
        let copied = try await connection.copyIn("COPY b FROM STDIN (FORMAT \(format))") {
            // Odd pieces, cut anywhere.
            rest.withLock { rest in
                let piece = Array(rest.prefix(77_777))
                rest = rest.dropFirst(piece.count)
                return piece.isEmpty ? nil : piece
            }
        }
        #expect(copied == 20000)
        #expect(try await connection.query("(TABLE a EXCEPT ALL TABLE b) UNION ALL (TABLE b EXCEPT ALL TABLE a)").rows == [])
    }

    @Test func aBadRowFailsTheCopyAndTheConnectionGoesOn() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TEMP TABLE t (n int)")
        let pieces = Mutex<[[UInt8]]>([Array("1\n".utf8), Array("two\n".utf8), Array("3\n".utf8)])
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyIn("COPY t FROM STDIN") { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        }
        #expect(error?.kind == .queryFailed)
        #expect(error?.sqlState == "22P02")
        #expect(error?.context == "COPY t, line 2, column n: \"two\"")
        #expect(try await connection.query("SELECT count(*) FROM t").rows == [["0"]])
    }

    @Test func aSourceThatBreaksLeavesNothingBehind() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TEMP TABLE t (n int)")
        let rounds = Mutex(0)
        await #expect(throws: Broken()) {
            try await connection.copyIn("COPY t FROM STDIN") {
                guard
                    rounds.withLock({
                        $0 += 1
                        return $0
                    }) < 3
                else { throw Broken() }
                return Array("1\n".utf8)
            }
        }
        #expect(try await connection.query("SELECT count(*) FROM t").rows == [["0"]])
    }

    @Test func aSlowSourceIsStoppedAtTheDeadline() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TEMP TABLE t (n int)")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.copyIn("COPY t FROM STDIN", deadline: .milliseconds(100)) {
                await Task.yield()
                return []
            }
        }
        #expect(error?.kind == .timedOut)
        #expect(try await connection.query("SELECT count(*) FROM t").rows == [["0"]])
    }

    @Test func aStatementThatIsNoCopyIsRefused() async throws {
        let connection = try await connect()
        await #expect(throws: PostgresError(.invalidInput, "the statement is no COPY TO STDOUT")) {
            try await connection.copyOut("SELECT 1") { _ in }
        }
        await #expect(throws: PostgresError(.invalidInput, "the statement is no COPY FROM STDIN")) {
            try await connection.copyIn("COPY (SELECT 1) TO STDOUT") { nil }
        }
        let error = await #expect(throws: PostgresError.self) { try await connection.copyOut("COPY missing TO STDOUT") { _ in } }
        #expect(error?.sqlState == "42P01")
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
    }
}
