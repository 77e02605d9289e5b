import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(2)))
struct CaptureTests {
    private func capture(
        _ database: TestDatabase, user: String? = nil, options: PostgresCapture.Options = PostgresCapture.Options(),
        commands: any CommandRunner = TestCommands(), time: any TimeSource = RealTime(), _ sink: FolderSink
    ) async throws -> Captured {
        let parameters = database.server.parameters
        let address = ServerAddress(
            host: parameters.host, port: parameters.port, user: user ?? parameters.user,
            password: user == nil ? database.server.password : Secret("x"),
            database: database.name)
        let target = ConfiguredTarget(name: "app-db", engine: .postgres, stage: .staging, address: address)
        let tools = PostgresTools(folders: [database.server.programs], path: "", debianFolder: "/nowhere", commands: TestCommands())
        let server = PostgresServer(.configured(role: "db", target), sessionName: "lifeboat tests \(randomHex(4))")
        return try await PostgresCapture(server, tools: tools, commands: commands, time: time, options: options).capture(
            database.name, into: sink)
    }

    @Test func aCaptureHoldsTheDumpItsRolesAndAnInventoryOfTheSameSnapshot() async throws {
        try await TestDatabase.withLibrary(try await TestPostgres.shared()) { library in
            let sink = try await FolderSink()
            let options = PostgresCapture.Options(fingerprints: Fingerprints(["public.books"]))
            let before = RealTime().now
            let captured = try await capture(library, options: options, sink)
            #expect(captured.problems == [])
            #expect(captured.recoveryPoint >= before && captured.recoveryPoint.seconds(since: before) < 5)
            #expect(captured.totals["rows"] == 906)
            #expect(captured.totals["tables"] == 14)
            #expect(captured.source.database == library.name)
            #expect(captured.source.system != nil)
            #expect(PostgresVersion(captured.engineVersion)?.description == captured.engineVersion)

            let items = await sink.items
            #expect(items.first { $0.name == "public.books" && $0.kind == "table" }?.count == 500)
            #expect(items.first { $0.kind == "server" }?.facts["lsn"] != nil)
            #expect(
                items.filter { $0.kind == "note" }.compactMap { $0.facts["text"] }.contains(
                    "table shop.scratch is unlogged: its rows are in the backup, and the server empties it after a crash"))
            let keys = await sink.backup(captured).manifest.artifacts.map(\.key)
            #expect(keys.contains("dump/toc.dat") && keys.contains("roles.sql"))
            #expect(try await sink.leftInWorkFolder() == ["dump"])
            #expect(sink.lines.contains("counting table public.books"))
            // Which table that is: two workers of pg_dump write over one another now and then.
            #expect(sink.lines.contains { $0.hasPrefix("dumping \"") })
            await sink.remove()
        }
    }

    @Test func whatIsCapturedRestoresWithoutAFinding() async throws {
        try await TestDatabase.withLibrary(try await TestPostgres.shared()) { library in
            let sink = try await FolderSink()
            _ = try await capture(library, sink)
            try await TestDatabase.with(library.server) { restored in
                try await restored.restore(from: sink.path(of: "dump"))
                try await restored.run(LibraryDatabase.properties(of: restored.name))
                let connection = try await restored.connect()
                let outcome = try await PostgresVerification.verify(await sink.items, against: connection)
                #expect(outcome.checks.filter(\.isFinding) == [])
                await connection.close()
            }
            await sink.remove()
        }
    }

    @Test func aPolicysWishesReachPgDumpAndTheInventory() async throws {
        try await TestDatabase.withLibrary(try await TestPostgres.shared()) { library in
            let sink = try await FolderSink()
            let seen = SeenCommands()
            let patterns = try ["public.books.price", "shop.par*", "public.boks"].map { try ContentPattern(scalar: $0) }
            let wanted = CaptureOptions(jobs: 3, compression: DumpCompression(.none), fingerprint: patterns)
            _ = try await capture(library, options: PostgresCapture.Options(wanted, target: "app-db"), commands: seen, sink)
            let dump = try #require(seen.commands.last?.arguments)
            #expect(dump.contains("--jobs=3"))
            #expect(dump.contains("--compress=none") || dump.contains("--compress=0"))
            let items = await sink.items
            let printed = items.filter { $0.facts["fingerprint"] != nil }.map { "\($0.kind) \($0.name)" }
            #expect(printed == ["table shop.parent", "column public.books.price", "column shop.parent.a"])
            let idle = "fingerprint: 'public.boks' is the name of no table and no column, so it compares nothing"
            #expect(items.contains { $0.kind == "note" && $0.facts["text"] == idle })
            #expect(sink.lines.contains(idle))
            await sink.remove()
        }
    }

    @Test func aCompressionThatPgDumpCannotDoIsRefusedBeforeAnythingIsCounted() async throws {
        let server = try await TestPostgres.shared()
        try await TestDatabase.with(server) { database in
            let sink = try await FolderSink()
            // The builds that are tested with know gzip only.
            let options = PostgresCapture.Options(compression: DumpCompression(.zstd, level: 3))
            let failure = await #expect(throws: Failure.self) { try await capture(database, options: options, sink) }
            #expect(failure?.kind == .configuration)
            #expect(failure?.problem.contains("(\(server.programs)/pg_dump) cannot pack a dump with zstd:3: ") == true)
            #expect(failure?.hint?.hasPrefix("write `compression: gzip` at the policy's target") == true)
            #expect(sink.lines == [])
            await sink.remove()
        }
    }

    @Test func pgDumpIsToldOfCompressionInTheWordsOfItsVersion() {
        let fifteen = PostgresVersion(major: 15, minor: 20)
        let sixteen = PostgresVersion(major: 16, minor: 14)
        #expect(CompressionSupport.argument(DumpCompression(.gzip), for: fifteen) == "6")
        #expect(CompressionSupport.argument(DumpCompression(.gzip, level: 9), for: fifteen) == "9")
        #expect(CompressionSupport.argument(DumpCompression(.none), for: fifteen) == "0")
        #expect(CompressionSupport.argument(DumpCompression(.none), for: sixteen) == "none")
        #expect(CompressionSupport.argument(DumpCompression(.zstd, level: 9), for: sixteen) == "zstd:9")
    }

    @Test func whatPgRestoreCannotUnpackIsKnownBeforeAnythingIsDropped() async throws {
        let stored = StoredObject(bytes: 1, sha256: "")
        let manifest = Manifest(
            id: BackupID(policy: "nightly", set: "set", target: "app-db"), engine: .postgres, engineVersion: "16.14", standIn: false,
            lifeboatVersion: "0", host: "test", startedAt: RealTime().now, finishedAt: RealTime().now, recoveryPoint: RealTime().now,
            complete: true, problems: [], source: SourceIdentity(engine: .postgres, address: "x", system: nil, database: nil),
            artifacts: [Artifact(key: "dump/3001.dat.zst", content: stored, stored: stored)], inventory: "inventory.jsonl.zst", totals: [:],
            runbook: nil)
        let backup = BackupInHand(
            role: "dump", manifest: manifest, manifestSHA256: "", chosen: "named", store: MemoryStore(name: "main"),
            inventories: PlainInventories())
        let tool = PostgresTool(path: "/usr/bin/pg_restore", version: PostgresVersion(major: 16, minor: 14))
        let complaint = "pg_restore: warning: archive is compressed, but this installation does not support compression (zstd) -- no data"
        let failure = await #expect(throws: Failure.self) {
            try await CompressionSupport(tool: tool, commands: Complaining(complaint)).check(unpacking: "/x", of: backup)
        }
        #expect(failure?.kind == .toolMissing)
        #expect(failure?.problem.hasSuffix("was built without what unpacks dump/3001.dat.zst of backup nightly/set/app-db") == true)
        try await CompressionSupport(tool: tool, commands: Complaining("")).check(unpacking: "/x", of: backup)
    }

    @Test func limitsThatAreSetForTheDatabaseDoNotStopItsCapture() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            try await database.run("CREATE TABLE public.t AS SELECT generate_series(1, 10) AS a")
            try await database.run("ALTER DATABASE \(database.name) SET statement_timeout = '1ms'")
            let sink = try await FolderSink()
            #expect(try await capture(database, sink).totals["rows"] == 10)
            await sink.remove()
        }
    }

    @Test func rowsThatComeWhileItRunsAreInNeitherTheDumpNorTheInventory() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            try await database.run("CREATE TABLE public.t (a int); INSERT INTO public.t SELECT generate_series(1, 10)")
            let sink = try await FolderSink()
            // Between our counting and pg_dump's reading.
            let commands = BeforeCommand("pg_dump") { try await database.run("INSERT INTO public.t SELECT generate_series(1, 5)") }
            let captured = try await capture(database, commands: commands, sink)
            #expect(captured.totals["rows"] == 10)
            try await TestDatabase.with(database.server) { restored in
                try await restored.restore(from: sink.path(of: "dump"))
                #expect(try await restored.facts().first { $0.name == "public.t" && $0.kind == "table" }?.count == 10)
            }
            await sink.remove()
        }
    }

    @Test func aTableCannotBeDroppedOrAlteredUntilTheDumpHasIt() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            try await database.run("CREATE TABLE public.t (a int)")
            let sink = try await FolderSink()
            let commands = BeforeCommand("pg_dump") {
                await #expect(throws: PostgresError.self) { try await database.run("SET lock_timeout = '50ms'; DROP TABLE public.t") }
            }
            _ = try await capture(database, commands: commands, sink)
            try await database.run("DROP TABLE public.t")
            await sink.remove()
        }
    }

    @Test func aTableThatSomebodyHoldsIsWaitedForAsLongAsIsSaid() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            try await database.run("CREATE TABLE public.t (a int)")
            let holder = try await database.connect()
            try await holder.query("BEGIN; LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE")
            let sink = try await FolderSink()
            let failure = await #expect(throws: Failure.self) {
                try await capture(database, options: PostgresCapture.Options(lockTimeout: .milliseconds(200)), sink)
            }
            #expect(failure?.kind == .engine)
            #expect(failure?.causes == ["canceling statement due to lock timeout (55P03)"])
            #expect(failure?.advice == "somebody holds a lock on it; try again when that transaction has ended")
            await holder.close()
            await sink.remove()
        }
    }

    @Test func aTableThatMayNotBeReadIsNamedBeforeAnythingIsDumped() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            let user = "reader_\(randomHex(4))"
            try await database.run("CREATE ROLE \(user) LOGIN PASSWORD 'x'; CREATE TABLE public.closed (a int)")
            let sink = try await FolderSink()
            let failure = await #expect(throws: Failure.self) { try await capture(database, user: user, sink) }
            #expect(
                failure?.description == """
                    cannot lock the tables against changes of their definition
                      because: permission denied for table closed (42501)
                      hint: the account lacks a privilege for this; a backup reads everything (pg_read_all_data and BYPASSRLS), a recovery owns the database
                    """)
            #expect(try await sink.leftInWorkFolder() == [])
            try await database.run("DROP ROLE \(user)")
            await sink.remove()
        }
    }

    @Test func aSnapshotThatDiesFailsTheCapture() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            try await database.run("CREATE TABLE public.t (a int)")
            let sink = try await FolderSink()
            let commands = AfterCommand("pg_dump") {
                try await database.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            }
            let failure = await #expect(throws: Failure.self) { try await capture(database, commands: commands, sink) }
            #expect(failure?.kind == .unreachable)
            #expect(failure?.problem == "cannot keep the snapshot of the database to the end of the backup")
            await sink.remove()
        }
    }

    @Test func aServerThatIsNewerThanEveryPgDumpIsRefusedWithAHint() async throws {
        let server = try await TestPostgres.shared()
        try await TestDatabase.with(server) { database in
            let address = ServerAddress(
                host: server.parameters.host, port: server.parameters.port, user: server.parameters.user, password: server.password,
                database: database.name)
            let target = ConfiguredTarget(name: "app-db", engine: .postgres, stage: nil, address: address)
            let tools = PostgresTools(folders: [], path: "", debianFolder: "/nowhere", commands: TestCommands())
            let sink = try await FolderSink()
            let failure = await #expect(throws: Failure.self) {
                try await PostgresCapture(
                    PostgresServer(.configured(role: "db", target), sessionName: "x"), tools: tools, commands: TestCommands(),
                    time: RealTime()
                ).capture(database.name, into: sink)
            }
            #expect(failure?.kind == .toolMissing)
            #expect(failure?.hint?.contains("postgresql-client-") == true)
            await sink.remove()
        }
    }

    @Test func thePasswordIsInNoArgumentNoFactAndNoFileThatStays() async throws {
        try await TestDatabase.with(try await TestPostgres.shared()) { database in
            let sink = try await FolderSink()
            let seen = SeenCommands()
            _ = try await capture(database, commands: seen, sink)
            let password = database.server.password.reveal { $0 }
            let all = seen.commands.flatMap { $0.arguments + Array($0.environment.values) }
            #expect(!all.isEmpty)
            #expect(all.allSatisfy { !$0.contains(password) })
            #expect(seen.commands.last?.environment["PGPASSFILE"].map { FileManager.default.fileExists(atPath: $0) } == false)
            #expect(await sink.items.allSatisfy { item in item.facts.values.allSatisfy { !$0.contains(password) } })
            await sink.remove()
        }
    }

    @Test func rolesAreScriptedWithoutLoginAndWithoutPassword() {
        let items = [
            InventoryItem(
                kind: "role", name: "\"a; b\"",
                facts: ["login": "yes", "inherit": "yes", "superuser": "yes", "member of": "[\"\\\"r\\nx\\\"\"]"]),
            InventoryItem(kind: "role", name: "\"r\nx\"", facts: ["login": "no", "inherit": "no", "connection limit": "3"]),
        ]
        let none = "NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS"
        #expect(
            PostgresRoles.script(items).hasSuffix(
                """

                CREATE ROLE "a; b" NOLOGIN SUPERUSER INHERIT \(none); -- had a login
                CREATE ROLE "r
                x" NOLOGIN NOSUPERUSER NOINHERIT \(none) CONNECTION LIMIT 3;
                GRANT "r
                x" TO "a; b";

                """))
    }

    @Test func aClockThatDiffersIsNotedAndOursCounts() {
        let ours = Timestamp(millisecondsSince1970: 1_795_000_000_000)
        func moment(_ facts: [String: String]) -> RecoveryMoment {
            RecoveryMoment(inventory: [InventoryItem(kind: "server", name: "postgres", facts: facts)], before: ours)
        }
        let near = moment(["time in milliseconds": "\(ours.millisecondsSince1970 + 4000)"])
        #expect(near.recoveryPoint == ours && near.notes == [])
        let ahead = moment(["time in milliseconds": "\(ours.millisecondsSince1970 + 90_000)"])
        #expect(ahead.recoveryPoint == ours)
        #expect(ahead.notes == ["the server's clock is 1min30s ahead of this machine's; the recovery point is by this machine's clock"])
        let standby = moment([
            "time in milliseconds": "\(ours.millisecondsSince1970)", "in recovery": "yes",
            "replayed in milliseconds": "\(ours.millisecondsSince1970 - 30_000)",
        ])
        #expect(standby.recoveryPoint == ours.advanced(bySeconds: -30))
        let fresh = moment(["time in milliseconds": "\(ours.millisecondsSince1970)", "in recovery": "yes"])
        #expect(fresh.recoveryPoint == ours)
        #expect(fresh.notes == ["taken from a standby that has replayed no transaction since it started: how far it lags is not known"])
    }

    @Test(arguments: [
        (
            "pg_dump: last built-in OID is 16383\npg_dump: error: query failed: ERROR:  canceling statement due to lock timeout\npg_dump: detail: Query was: LOCK TABLE secret",
            "query failed: ERROR:  canceling statement due to lock timeout"
        ),
        (
            "pg_dump: error: Dumping the contents of table \"t\" failed: PQgetResult() failed.\npg_dump: detail: Error message from server: ERROR:  permission denied for table t\npg_dump: detail: Command was: COPY",
            "Dumping the contents of table \"t\" failed: PQgetResult() failed.: permission denied for table t"
        ),
        (
            "pg_dump: error: Dumping the contents of table \"t\" failed: PQgetCopyData() failed.\npg_dump: detail: Error message from server: server closed the connection unexpectedly\n\tThis probably means",
            "Dumping the contents of table \"t\" failed: PQgetCopyData() failed.: server closed the connection unexpectedly"
        ),
        ("something else\n", "something else"),
    ])
    func whatPgDumpSaysIsCutDownToWhatStoppedIt(_ errors: String, _ words: String) {
        #expect(PgDump.firstError(in: errors) == words)
    }

    /// A step that keeps what is there before it is destroyed asks once more only when it was the connection.
    @Test(arguments: [
        "invalid client encoding \"UTF8\" specified", "query failed: no connection to the server",
        "query failed: could not receive data from server: Connection reset by peer",
        "Dumping the contents of table \"t\" failed: PQgetCopyData() failed.: server closed the connection unexpectedly",
    ])
    func whatPgDumpSaysWhenItsConnectionIsLostIsWorthAnotherTry(_ words: String) {
        #expect(Failure(PgDump.judge(words).0, words).isWorthRetrying)
    }
}

/// A program that says something and does nothing.
private struct Complaining: CommandRunner {
    let words: String

    init(_ words: String) { self.words = words }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        CommandOutcome(status: .exited(0), output: [], errors: words, seconds: 0)
    }

    func find(_ executable: String) -> String? { nil }
}

/// Lets something happen right before a program runs, or right after.
private struct BeforeCommand: CommandRunner {
    let name: String
    let act: @Sendable () async throws -> Void

    init(_ name: String, _ act: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.act = act
    }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        if command.executable.hasSuffix(name) { try await act() }
        return try await TestCommands().run(command, onErrorLine: onErrorLine)
    }

    func find(_ executable: String) -> String? { nil }
}

private struct AfterCommand: CommandRunner {
    let name: String
    let act: @Sendable () async throws -> Void

    init(_ name: String, _ act: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.act = act
    }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        let outcome = try await TestCommands().run(command, onErrorLine: onErrorLine)
        if command.executable.hasSuffix(name) { try await act() }
        return outcome
    }

    func find(_ executable: String) -> String? { nil }
}
