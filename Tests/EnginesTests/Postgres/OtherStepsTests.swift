import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestServers.missing), .timeLimit(.minutes(2))) struct OtherStepsTests {
    // MARK: SQL

    @Test func statementsRunOneByOneAndTheLastAnswersRowsCount() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let sql = try step(
            SQLStep.self,
            """
            database: \(source.name)
            sql: |
              CREATE TABLE a (a int, b text);
              INSERT INTO a VALUES (1, 'x;y'), (2, NULL);
              SELECT b FROM a ORDER BY a
            """)
        let result = try await sql.run(in: try source.target.context())
        #expect(result.facts == ["rows": .integer(2), "value": .text("x;y")])
        #expect(result.notes == ["CREATE TABLE", "INSERT 0 2", "SELECT 2"])
        await source.target.close()
    }

    @Test func anErrorNamesTheStatementAndItsPlace() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let sql = try step(SQLStep.self, "{database: \(source.name), sql: \"BEGIN;\\nCREATE TABLE a (a int);\\n SELECT a, wrong FROM a\"}")
        let failure = await #expect(throws: Failure.self) { try await sql.run(in: try source.target.context()) }
        #expect(failure?.kind == .engine)
        #expect(
            failure?.problem
                == "cannot run statement 3 of the SQL in database '\(source.name)' on 'db' (\(source.server.address.text)) (its line 3, column 12)"
        )
        #expect(failure?.causes == ["column \"wrong\" does not exist (42703)"])
        // What it had begun is undone.
        #expect(try await source.target.column(source.name, "SELECT count(*) FROM pg_class WHERE relname = 'a'") == ["0"])
        await source.target.close()
    }

    @Test func aTransactionThatIsNotEndedIsNotTakenForDone() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let sql = try step(SQLStep.self, "{database: \(source.name), sql: BEGIN; CREATE TABLE a (a int)}")
        let failure = await #expect(throws: Failure.self) { try await sql.run(in: try source.target.context()) }
        #expect(
            failure?.problem == "the SQL for database '\(source.name)' begins a transaction and does not end it; it was rolled back")
        #expect(try await source.target.column(source.name, "SELECT count(*) FROM pg_class WHERE relname = 'a'") == ["0"])
        await source.target.close()
    }

    @Test func valuesAreBoundAndNotPasted() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let sql = try step(
            SQLStep.self,
            "{database: \(source.name), sql: \"SELECT concat_ws('|', $1::text, $2::int, $3::bool, $4::text)\", bind: [\"'; DROP\", 3, true, null]}"
        )
        #expect(try await sql.run(in: try source.target.context()).facts["value"] == .text("'; DROP|3|t"))
        await source.target.close()
    }

    @Test(arguments: ["CREATE TABLE a (a int)", "SET TRANSACTION READ WRITE", "COMMIT; CREATE TABLE a (a int)"])
    func aReadOnlyStatementCannotWrite(sql: String) async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let sql = try step(SQLStep.self, "{database: \(source.name), sql: \"\(sql)\", read_only: true}")
        #expect(sql.rerun == .safe && !sql.uses.isOpaque)
        await #expect(throws: Failure.self) { try await sql.run(in: try source.target.context()) }
        #expect(try await source.target.column(source.name, "SELECT count(*) FROM pg_class WHERE relname = 'a'") == ["0"])
        await source.target.close()
    }

    @Test func sqlThatDoesNotSayWhatItDestroysIsOpaque() throws {
        #expect(try step(SQLStep.self, "{database: a, sql: SELECT 1}").uses.isOpaque)
        #expect(try step(SQLStep.self, "{database: a, sql: SELECT 1}").rerun == .never)
        #expect(try !step(SQLStep.self, "{database: a, sql: SELECT 1, destroys: []}").uses.isOpaque)
    }

    @Test func whatSqlSaysThatItDestroysIsAnEffect() async throws {
        let target = TestTarget.disposable(try await TestServers.server16())
        let sql = try step(SQLStep.self, "{database: a, sql: DROP TABLE books, destroys: [public.books]}")
        let effects = try await sql.effects(reading: target.reading())
        #expect(effects.map(\.verb) == [.destroy])
        #expect(effects.map(\.object) == [ObjectName(target: "db", kind: "object", name: "public.books")])
        #expect(effects.map(\.refill) == [nil])
        let filled = try step(SQLStep.self, "{database: a, sql: DROP TABLE books, destroys: [public.books], refill: dump}")
        #expect(try await filled.effects(reading: target.reading()).map(\.refill?.backupRole) == ["dump"])
        #expect(filled.uses.backups == ["dump"] && filled.refill == .role("dump"))
        let mistake = #expect(throws: InvalidDocument.self) { try step(SQLStep.self, "{database: a, sql: SELECT 1, refill: dump}") }
        #expect(mistake?.diagnostics.first?.problem == "`refill:` says what fills something again, and nothing is destroyed")
        await target.close()
    }

    @Test func aStatementThatTakesTooLongIsStopped() async throws {
        let target = TestTarget.disposable(try await TestServers.server16())
        let sql = try step(SQLStep.self, "{database: postgres, sql: SELECT pg_sleep(60), deadline: 1s}")
        let failure = await #expect(throws: Failure.self) { try await sql.run(in: try target.context()) }
        #expect(failure?.kind == .timedOut)
        await target.close()
    }

    // MARK: Connections

    @Test func othersAreSentAwayAndOurOwnSessionsStay() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let guests = [TestTarget.disposable(source.server), TestTarget.disposable(source.server)]
        for guest in guests { try await guest.sql(source.name, "SELECT 1") }
        try await source.target.sql(source.name, "CREATE TEMPORARY TABLE ours (a int)")
        let terminate = try step(TerminateConnectionsStep.self, source.name)
        let names = guests.map { "\($0.server.sessionName) (postgres)" }.sorted()
        #expect(try await source.target.readable.strangers(in: source.name) == names)
        let effects = try await terminate.effects(reading: source.target.reading())
        #expect(effects.map(\.amount) == [.known(count: 2, unit: "sessions", bytes: nil)])

        let result = try await terminate.run(in: try source.target.context())
        #expect(result.facts == ["ended": .integer(2)])
        #expect(result.notes == ["2 sessions ended"])
        // The session that made it is still there.
        #expect(try await source.target.column(source.name, "SELECT count(*) FROM ours") == ["0"])

        let again = try await terminate.run(in: try source.target.context())
        #expect(!again.exercised)
        for guest in guests { await guest.close() }
        await source.target.close()
    }

    @Test func theLockOfAnotherLifeboatIsSpared() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let holder = TestTarget.disposable(server)
        let guest = TestTarget.disposable(server)
        try await holder.lockOnServer(.shared, as: "backup")
        try await guest.sql("postgres", "SELECT 1")
        let target = TestTarget.disposable(server)
        let result = try await step(TerminateConnectionsStep.self, "postgres").run(in: try target.context())
        #expect(result.facts == ["ended": .integer(1)])
        await #expect(throws: Failure.self) { try await target.lockOnServer(.exclusive, as: "recovery") }
        for one in [holder, guest, target] { await one.close() }
        _ = await running.process.stop()
    }

    // MARK: Readiness

    @Test func aServerThatIsThereIsReady() async throws {
        let server = try await TestServers.server16()
        let target = TestTarget.disposable(server)
        let result = try await step(PostgresWaitUntilReadyStep.self, "{within: 5s}").run(in: try target.context())
        #expect(result.facts == ["version": .text(server.identity.version)])
        await target.close()
    }

    @Test func aServerThatIsNotThereIsTooSlowAndAWrongPasswordIsNotWaitedFor() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let wrong = TestTarget.real(server, password: Secret("wrong"))
        let ready = try step(PostgresWaitUntilReadyStep.self, "1s")
        let refused = await #expect(throws: Failure.self) { try await ready.run(in: try wrong.context()) }
        #expect(refused?.kind == .credentials)
        _ = await running.process.stop()
        let target = TestTarget.real(server)
        let late = await #expect(throws: Failure.self) { try await ready.run(in: try target.context()) }
        #expect(late?.kind == .timedOut)
        #expect(late?.problem == "'app-db' (\(server.address.text)) took no login within 1s")
    }

    // MARK: Verify

    @Test func aRestoredDatabaseIsComparedAndAsked() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE EXTENSION vector;
                CREATE TABLE chunks (id int PRIMARY KEY, embedding vector(3), added timestamptz DEFAULT now());
                INSERT INTO chunks SELECT i, ARRAY[i, i % 7, 1]::float4[]::vector FROM generate_series(1, 50) i;
                """)
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        let name = "\(source.name)_again"
        _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
        _ = try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)
        let verify = try step(
            VerifyStep.self,
            """
            database: \(name)
            against: dump
            queries:
              - {name: nearest, sql: "SELECT id FROM chunks ORDER BY embedding <-> $1 LIMIT 1", bind: ["[3,3,1]"], equals: 3}
              - {name: any vector, sql: "SELECT count(*) FROM chunks WHERE embedding <-> $1 < 1000", bind: [{vector: 3}], equals: 50}
              - {name: newest, sql: SELECT max(added) FROM chunks, within: 1h of backup}
              - {name: average, sql: SELECT avg(id) FROM chunks, equals: 25.4, tolerance: 1%}
              - {name: all, sql: SELECT id FROM chunks, rows: 50}
            """)
        let result = try await verify.run(in: context)
        #expect(result.checks.filter(\.isFinding) == [])
        #expect(result.checks.count { $0.subject.hasPrefix("query ") } == 5)
        #expect(result.facts["differed"] == .integer(0))

        try await target.sql(name, "DELETE FROM chunks WHERE id = 3", "CREATE INDEX extra ON chunks (added)")
        let changed = try await verify.run(in: context)
        let findings = changed.checks.filter(\.isFinding).map { "\($0.subject): \($0.aspect): \($0.expected): \($0.actual)" }
        #expect(findings.contains("table public.chunks: rows: 50: 49"))
        #expect(findings.contains("index public.extra: exists: absent: present"))
        #expect(findings.contains { $0.hasPrefix("query nearest: ") })
        #expect(findings.contains { $0.hasPrefix("query all: ") })

        let ignoring = try step(
            VerifyStep.self, "{database: \(name), against: dump, jobs: 1, ignore: [\"index public.ext*\", \"table public.chunks: rows\"]}")
        #expect(try await ignoring.run(in: context).checks.filter(\.isFinding) == [])
        await target.close()
    }

    @Test(arguments: [
        ("equals: [[1, a], [2, null]]", SampleQuery.Expectation.equals(.rows([[.integer(1), .text("a")], [.integer(2), .null]]))),
        ("equals: \"17\"", .equals(.value(.text("17")))), ("equals: 17.50", .equals(.value(.number("17.50")))),
        ("equals: 3, tolerance: 0.5", .equals(.value(.integer(3)), .plusMinus(0.5))), ("equals: [true]", .equals(.list([.flag(true)]))),
        ("within: 2h of backup", .within(.seconds(7200), of: .backup)), ("within: 1d of now", .within(.seconds(86_400), of: .now)),
        ("at_least: 12345678901234567890", .atLeast("12345678901234567890")), ("between: [1, 2.5]", .between("1", "2.5")),
        ("rows: 0", .rowCount(0)), ("matches: ^a.*z$", .matches("^a.*z$")), ("not_empty: true", .notEmpty),
    ])
    func anExpectationReadsAsItIsWritten(yaml: String, expectation: SampleQuery.Expectation) throws {
        let query = try step(SampleQueryDocument<SQLSamples>.self, "{name: q, sql: SELECT 1, \(yaml)}").query
        #expect(query.expectation == expectation)
    }

    @Test(arguments: [
        ("equals: 1, rows: 2", "'equals', 'rows' exclude each other; keep one"),
        ("bind: []", "one of 'equals', 'within', 'at_least', 'at_most', 'between', 'rows', 'matches', 'not_empty' is needed"),
        ("within: 2h", "'2h' names no time to be near to"), ("not_empty: false", "'not_empty' can only be true"),
        ("rows: 1, tolerance: 1%", "'tolerance' belongs to 'equals'"), ("between: [1]", "'between' has to be two numbers, as in [3, 5]"),
        ("matches: \"(\"", "'(' is no regular expression"),
        ("equals: [[1], 2]", "expected a list of the row's values, like the rows beside it"),
    ])
    func anExpectationThatMakesNoSenseSaysWhy(yaml: String, words: String) throws {
        let error = #expect(throws: InvalidDocument.self) {
            try step(SampleQueryDocument<SQLSamples>.self, "{name: q, sql: SELECT 1, \(yaml)}")
        }
        #expect(error?.diagnostics.map(\.problem) == [words])
    }
}
