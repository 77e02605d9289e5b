import Bindings
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What happens when a restore is disturbed from outside.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(2))) struct RestoreTroubleTests {
    private static let large = """
        CREATE TABLE big AS SELECT i AS id, repeat('x', 300) AS text FROM generate_series(1, 100000) i;
        CREATE TABLE other AS SELECT * FROM big;
        CREATE INDEX ON big (text, id);
        """

    @Test func aServerThatIsStoppedInTheMiddleIsAParagraphWithCauseAndHint() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16(), holding: Self.large)
        let backup = try await source.backup()
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let target = TestTarget.real(server)
        let name = source.name
        _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: try target.context([backup]))
        let commands = InterruptedCommands { Task { await running.process.stop() } }
        let context = try target.context([backup], commands: commands)
        let failure = await #expect(throws: Failure.self) {
            try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)
        }
        #expect(failure?.kind == .unreachable)
        #expect(
            failure?.problem
                == "cannot restore tables of database '\(name)' on 'app-db' (\(server.address.text)): pg_restore exited with status 1")
        #expect(failure?.causes.count == 1)
        #expect(failure?.advice == "the server or the way to it went away meanwhile; its log says why. Then begin the recovery again")
        await target.close()
    }

    @Test func aPlanSaysEverythingThatIsInTheWayAtOnce() async throws {
        let source = try await SourceDatabase(
            on: try await TestServers.server16(),
            holding: "CREATE ROLE \"only there\"; CREATE TABLE a (a int); ALTER TABLE a OWNER TO \"only there\"")
        let backup = try await source.backup()
        let target = TestTarget.real(try await TestServers.server15())
        let restore = try step(RestoreStep.self, "{database: \(source.name), from: dump}")
        let lacks = try await restore.lacks(reading: target.reading([backup]), commands: TestCommands())
        #expect(lacks.count == 2)
        for lack in lacks {
            guard case .fatal = lack else {
                Issue.record("\(lack) keeps a run from beginning")
                continue
            }
        }
        #expect(
            lacks.first?.words.contains("a dump goes into the same version or a newer one; restore it on a server of version 16 or newer")
                == true
        )
        #expect(lacks.last?.words.contains("lacks roles that own objects or hold rights in backup") == true)
        #expect(lacks.last?.words.contains("only there") == true)
        let same = TestTarget.real(source.server)
        #expect(try await restore.lacks(reading: same.reading([backup]), commands: TestCommands()).isEmpty)
        await target.close()
        await same.close()
        await source.target.close()
    }

    @Test func cancellingEndsPgRestoreAndItsSessionsOnTheServer() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: Self.large)
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let name = "\(source.name)_again"
        _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: try target.context([backup]))

        let task = Mutex<Task<StepResult, any Error>?>(nil)
        let commands = InterruptedCommands { task.withLock { $0?.cancel() } }
        let context = try target.context([backup], commands: commands)
        let restore = try step(RestoreStep.self, "{database: \(name), from: dump}")
        let running = Task { try await restore.run(in: context) }
        task.withLock { $0 = running }
        await #expect(throws: CancellationError.self) { try await running.value }

        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND application_name LIKE 'lifeboat restore %'"
        try await eventually { try await target.column("postgres", sessions) == ["0"] }
        // And what it left can be taken back and done again.
        try await target.sql("postgres", "DROP DATABASE \(name) WITH (FORCE)")
        await target.close()
    }

    @Test func knownLackOfRoomIsRefusedBeforeTheDatabaseIsDropped() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE a (a int)")
        var items = try await source.items()
        items = items.map { item in
            guard item.kind == "server" else { return item }
            let facts = item.facts.merging(["database bytes": "\(Int64(1) << 52)"]) { $1 }
            return InventoryItem(kind: item.kind, name: item.name, facts: facts)
        }
        let backup = try await TestBackup.dump(source.name, of: server, items: items).hand
        let target = TestTarget.disposable(server)
        let failure = await #expect(throws: Failure.self) {
            try await step(DropDatabaseStep.self, "{database: \(source.name), refill: dump}").run(
                in: try target.context([backup], agreed: target.agreement(toDrop: source.name)))
        }
        #expect(failure?.kind == .engine)
        #expect(
            failure?.problem.hasPrefix("'db' (\(server.address.text)) has no room for backup nightly/20261120T020000Z-4f1c9a/app-db: ")
                == true)
        #expect(failure?.problem.hasSuffix(" free, the database had 4.0 PiB") == true)
        #expect(try await target.database(source.name) != nil)
        await target.close()
    }

    @Test func roomThatCannotBeSeenIsSaidInThePlanAndRefusesNothing() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16(), holding: "CREATE TABLE a (a int)")
        let backup = try await source.backup()
        // The same address, written so that nobody can be sure it is this machine.
        let elsewhere = TestTarget.real(source.server, host: "127.1")
        let restore = try step(RestoreStep.self, "{database: \(source.name), from: dump}")
        let lacks = try await restore.lacks(reading: elsewhere.reading([backup]), commands: TestCommands())
        #expect(lacks.count == 1)
        let words = "whether 'app-db' (127.1:\(source.server.address.port)) has room for it is not known, "
        guard case .remark(let said)? = lacks.first else {
            Issue.record("what is not known keeps no run from beginning: \(lacks)")
            return
        }
        #expect(said.hasPrefix(words), "\(said)")
        let drop = try step(DropDatabaseStep.self, "{database: \(source.name), refill: dump}")
        let context = try elsewhere.context([backup], agreed: elsewhere.agreement(toDrop: source.name))
        #expect(try await drop.run(in: context).exercised)
        await elsewhere.close()
        await source.target.close()
    }

    @Test func aLocaleThatTheServerLacksIsNamed() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE a (a int)")
        let item = TestBackup.databaseItem(source.name, collation: "xx_YY.UTF-8")
        let backup = try await TestBackup.dump(source.name, of: server, items: [item]).hand
        let target = TestTarget.disposable(server)
        let failure = await #expect(throws: Failure.self) {
            try await step(CreateDatabaseStep.self, "{database: nowhere, like: dump}").run(in: try target.context([backup]))
        }
        #expect(failure?.problem == "cannot create database 'nowhere' on 'db' (\(server.address.text))")
        #expect(failure?.causes == ["invalid LC_COLLATE locale name: \"xx_YY.UTF-8\" (42809)"])
        #expect(
            failure?.hint
                == "the server's machine lacks the locale: generate it there (Debian: dpkg-reconfigure locales) and restart PostgreSQL")
        await target.close()
    }

    @Test func whatIsSetForTheDatabaseDoesNotStopItsOwnRestore() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE a (a int); INSERT INTO a VALUES (1)")
        try await source.target.sql(
            "postgres", "ALTER DATABASE \(source.name) SET default_transaction_read_only = on",
            "ALTER DATABASE \(source.name) SET statement_timeout = '1ms'")
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let name = "\(source.name)_again"
        let context = try target.context([backup])
        _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
        _ = try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)
        #expect(try await target.column(name, "SELECT a FROM a") == ["1"])
        #expect(
            try await target.database(name)?.definition.settings.map(\.words) == [
                "default_transaction_read_only = on", "statement_timeout = 1ms",
            ])
        await target.close()
    }
}

/// Does something once pg_restore has begun with the rows.
private struct InterruptedCommands: CommandRunner {
    let interrupt: @Sendable () -> Void

    init(_ interrupt: @escaping @Sendable () -> Void) { self.interrupt = interrupt }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        try await TestCommands().run(command) { line in
            onErrorLine?(line)
            if line.contains("processing data for table") || line.contains("launching item") && line.contains("TABLE DATA") { interrupt() }
        }
    }

    func find(_ executable: String) -> String? { nil }
}
