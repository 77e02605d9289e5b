import Bindings
import TestSupport
import Testing

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(1)))
struct PostgresConnectionTests {
    @Test func nullIsNotTheEmptyString() async throws {
        let answer = try await connect().query("SELECT NULL::text AS nothing, '' AS empty, 7 AS seven")
        #expect(answer.columns.map(\.name) == ["nothing", "empty", "seven"])
        #expect(answer.columns.map(\.type) == [25, 25, 23])
        #expect(answer.rows == [[nil, "", "7"]])
        #expect(answer.commandTag == "SELECT 1")
        #expect(answer.affectedRows == 1)
    }

    @Test(arguments: ["", "'", "\"; DROP TABLE x; --", "naïve 日本 🏴‍☠️", "e\u{301}", "\\x41", "line\nbreak\r\ttab", "\u{feff}"])
    func aParameterComesBackAsItWent(_ text: String) async throws {
        let answer = try await connect().query("SELECT $1::text, $2::text", [.text(text), nil])
        #expect(answer.rows == [[text, nil]])
        #expect(Array((answer.rows[0][0] ?? "").utf8) == Array(text.utf8))
    }

    @Test func aNULByteIsRefusedBeforeAnythingIsSent() async throws {
        let connection = try await connect()
        await #expect(throws: PostgresError(.invalidInput, "the statement contains a NUL byte")) {
            try await connection.query("SELECT 1\0; DROP TABLE x")
        }
        await #expect(throws: PostgresError(.invalidInput, "parameter $2 contains a NUL byte, which PostgreSQL cannot store")) {
            try await connection.query("SELECT $1::text, $2::text", ["a", "b\0c"])
        }
        #expect(try await connection.query("SELECT 2").rows == [["2"]])
    }

    @Test func aScriptAnswersWithItsLastStatement() async throws {
        let connection = try await connect()
        let answer = try await connection.query(
            "CREATE TEMP TABLE t (a int); INSERT INTO t SELECT generate_series(1, 5); DELETE FROM t WHERE a > 3; SELECT count(*) FROM t")
        #expect(answer.rows == [["3"]])
        #expect(try await connection.execute("UPDATE t SET a = a + $1", [1]) == 3)
        #expect(try await connection.query("").commandTag == "")
    }

    @Test func anErrorInAScriptStopsItAndUndoesIt() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TEMP TABLE kept (a int)")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("INSERT INTO kept VALUES (1); SELECT 1/0; INSERT INTO kept VALUES (2)")
        }
        #expect(error?.sqlState == "22012")
        #expect(try await connection.query("SELECT count(*) FROM kept").rows == [["0"]])
    }

    @Test func anErrorCarriesAllThatTheServerSaid() async throws {
        let connection = try await connect()
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT nonsense FROM pg_class") }
        #expect(error?.kind == .queryFailed)
        #expect(error?.sqlState == "42703")
        #expect(error?.severity == "ERROR")
        #expect(error?.message == "column \"nonsense\" does not exist")
        #expect(error?.position == 8)
        let raised = await #expect(throws: PostgresError.self) {
            try await connection.query("DO $$BEGIN RAISE 'bad' USING DETAIL = 'why', HINT = 'do so'; END$$")
        }
        #expect(raised?.detail == "why")
        #expect(raised?.hint == "do so")
        #expect(raised?.context == "PL/pgSQL function inline_code_block line 1 at RAISE")
        #expect(raised?.description == "bad (P0001); why")
    }

    @Test func queriesThatWaitLeaveTheCooperativePoolFree() async throws {
        let holder = try await connect()
        try await holder.execute("SELECT pg_advisory_lock(4711)")
        let waiting = try await connect()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                let connection = try await connect()
                group.addTask { try await connection.execute("SELECT pg_advisory_xact_lock_shared(4711)") }
            }
            // With all the pool's threads blocked, nobody would ever get here to let them go.
            let blocked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"
            while try await waiting.query(blocked).rows != [["8"]] { await Task.yield() }
            try await holder.execute("SELECT pg_advisory_unlock(4711)")
            try await group.waitForAll()
        }
    }

    @Test func queriesOfSeveralTasksTakeTurns() async throws {
        let connection = try await connect()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let rows = try await connection.query("SELECT \(number)").rows
                    #expect(rows == [[String(number)]])
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func noticesReachTheHandlerInOrder() async throws {
        let heard = Collected<PostgresNotice>()
        let connection = try await PostgresConnection.connect(try await TestPostgres.shared().parameters) { heard.add($0) }
        try await connection.query("DO $$BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END$$")
        #expect(heard.values.map(\.message) == ["one", "two"])
        #expect(heard.values.map(\.severity) == ["NOTICE", "WARNING"])
    }

    @Test func theServerIntroducesItself() async throws {
        let connection = try await connect()
        #expect(String(await connection.serverVersion) == (try await connection.query("SHOW server_version_num").rows[0][0]))
        #expect(String(await connection.backendPID) == (try await connection.query("SELECT pg_backend_pid()").rows[0][0]))
        #expect(await connection.parameterStatus("server_encoding") == "UTF8")
        #expect(await connection.parameterStatus("no_such") == nil)
        #expect(try await connection.query("SHOW application_name").rows == [["lifeboat"]])
    }

    @Test func aClosedConnectionSaysSo() async throws {
        let connection = try await connect()
        #expect(await !connection.isBroken)
        await connection.close()
        await connection.close()
        #expect(await connection.isBroken)
        let parameters = try await TestPostgres.shared().parameters
        await #expect(throws: PostgresError(.connectionLost, "the connection to \(parameters) is closed")) {
            try await connection.query("SELECT 1")
        }
    }

    @Test func aConnectionThatTheServerEndsIsLost() async throws {
        let connection = try await connect()
        let other = try await connect()
        let pid = await connection.backendPID
        try await other.query("SELECT pg_terminate_backend($1)", [.text(String(pid))])
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(error?.kind == .connectionLost)
        #expect(error?.sqlState == "57P01")
        #expect(await connection.isBroken)
    }

    @Test func aCopySentAsAQueryIsRefusedAndTheConnectionGoesOn() async throws {
        let connection = try await connect()
        try await connection.execute("CREATE TEMP TABLE t (a int)")
        await #expect(throws: PostgresError(.invalidInput, "a COPY FROM STDIN was sent as a query; use copyIn")) {
            try await connection.query("COPY t FROM STDIN")
        }
        await #expect(throws: PostgresError(.invalidInput, "a COPY TO STDOUT was sent as a query; use copyOut")) {
            try await connection.query("COPY (SELECT generate_series(1, 100000)) TO STDOUT")
        }
        #expect(try await connection.query("SELECT 3").rows == [["3"]])
    }

    @Test func bytesThatAreNotTextAreAnErrorNotAnotherValue() async throws {
        let server = try await TestPostgres.shared()
        let admin = try await connect()
        let name = "ascii_\(UInt32.random(in: 0...UInt32.max))"
        try await admin.execute("CREATE DATABASE \(name) ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        var parameters = server.parameters.database(name)
        parameters.options = "-c client_encoding=SQL_ASCII"
        let connection = try await PostgresConnection.connect(parameters)
        try await connection.execute("SET client_encoding = 'SQL_ASCII'")
        await #expect(throws: PostgresError(.queryFailed, "column \"bad\" holds bytes that are not UTF-8")) {
            try await connection.query("SELECT E'caf\\xe9' AS bad")
        }
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
        await connection.close()
        try await admin.execute("DROP DATABASE \(name)")
    }
}

func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(try await TestPostgres.shared().parameters)
}
