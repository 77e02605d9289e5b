import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Dropping, creating and restoring on real servers.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(3))) struct RestoreStepsTests {
    private static let hostile = "lost; \"DROP\" 'x' <script>\u{202E}\n\u{1B}[31m host=evil"

    private func drop(_ name: String) throws -> DropDatabaseStep {
        try step(DropDatabaseStep.self, "{database: \(yaml(name)), refill: dump}")
    }
    private func create(_ name: String) throws -> CreateDatabaseStep {
        try step(CreateDatabaseStep.self, "{database: \(yaml(name)), like: dump}")
    }
    private func restore(_ name: String, jobs: Int = 2) throws -> RestoreStep {
        try step(RestoreStep.self, "{database: \(yaml(name)), from: dump, jobs: \(jobs)}")
    }

    /// As YAML writes any text in double quotes.
    private func yaml(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map {
                $0 == "\"" || $0 == "\\"
                    ? "\\\($0)" : $0.value < 32 ? "\\x\($0.value < 16 ? "0" : "")\(String($0.value, radix: 16))" : "\($0)"
            }.joined() + "\""
    }

    // MARK: Round trip

    @Test(arguments: [1, 3])
    func aDatabaseWithOneOfEverythingComesBackAsItWas(jobs: Int) async throws {
        let server = try await TestServers.server15()
        let source = try await SourceDatabase(on: server)
        try await LibraryOnServer.shared.roles(through: source.target)
        try await source.target.sql(source.name, LibraryDatabase.content(in: source.name))
        let items = try await source.items()
        let backup = try await source.backup()

        let name = "\(source.name)_again"
        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        _ = try await create(name).run(in: context)
        let result = try await restore(name, jobs: jobs).run(in: context)

        let back = try await SourceDatabase.items(of: name, on: server)
        let left: Set<String> = ["user mapping", "event trigger"]
        for item in items where !left.contains(item.kind) && item.kind != "server" {
            let wanted = item.kind == "database" ? name : item.name
            let found = try #require(back.first { $0.kind == item.kind && $0.name == wanted }, "\(item.kind) \(item.name)")
            #expect(found.count == item.count, "\(item.kind) \(item.name)")
            var facts = found.facts
            var expected = item.facts
            facts["bytes"] = nil
            expected["bytes"] = nil
            #expect(facts == expected, "\(item.kind) \(item.name)")
        }
        #expect(back.filter { !left.contains($0.kind) }.count == items.filter { !left.contains($0.kind) }.count)
        #expect(!back.contains { left.contains($0.kind) })
        #expect(result.phases.map(\.phase) == [.restore, .index, .restore, .restore, .analyze])
        #expect(
            Set(result.notExercised) == [
                NotExercised(
                    "USER MAPPING - USER MAPPING visitor SERVER far postgres",
                    because: "with it, foreign tables could log in to another server"),
                NotExercised("EVENT TRIGGER - watch postgres", because: "it would run code at every change of a definition"),
            ])
        #expect(result.tools.map(\.name) == ["pg_restore"])
        await target.close()
    }

    @Test func aDatabaseWithVectorsComesBackOnAServerThatHasTheExtension() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE EXTENSION vector;
                CREATE TABLE chunks (id int PRIMARY KEY, embedding vector(3));
                INSERT INTO chunks SELECT i, ARRAY[i, i % 7, 1]::float4[]::vector FROM generate_series(1, 500) i;
                CREATE INDEX nearest ON chunks USING hnsw (embedding vector_l2_ops);
                """)
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: context)
        _ = try await restore(name).run(in: context)
        #expect(try await target.column(name, "SELECT id FROM chunks ORDER BY embedding <-> '[3,3,1]' LIMIT 1") == ["3"])
        #expect(try await target.column(name, "SELECT count(*) FROM pg_stats WHERE tablename = 'chunks'") != ["0"])
        await target.close()
    }

    @Test func aHostileNameIsANameAndNothingElse() async throws {
        let server = try await TestServers.server16()
        let name = String((Self.hostile + randomHex(3)).unicodeScalars.prefix(60).map(Character.init))
        let source = try await SourceDatabase(on: server, name, holding: "CREATE TABLE kept (a int); INSERT INTO kept VALUES (1), (2)")
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let reading = target.reading([backup])
        let effects = try await drop(name).effects(reading: reading)
        #expect(effects.map(\.object) == [ObjectName(target: "db", kind: "database", name: name)])
        #expect(effects.first?.refill?.nameInBackup == (try quoteIdentifier(name)))
        guard case .known(count: 1, unit: "tables", bytes: let bytes?) = effects.first?.amount else {
            Issue.record("\(effects)")
            return
        }
        #expect(bytes > 1_000_000)

        let context = try target.context([backup], agreed: effects)
        #expect(try await drop(name).run(in: context).exercised)
        #expect(try await target.database(name) == nil)
        _ = try await create(name).run(in: context)
        _ = try await restore(name).run(in: context)
        #expect(try await target.column(name, "SELECT count(*) FROM kept") == ["2"])
        await target.close()
    }

    @Test func encodingLocaleSettingsRightsAndOwnerAreThoseOfTheBackup() async throws {
        let server = try await TestServers.server15()
        let owner = "owner_\(randomHex(4))"
        let source = try await SourceDatabase(on: server, options: "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' CONNECTION LIMIT 7")
        try await source.target.sql(
            "postgres", "CREATE ROLE \(owner); CREATE ROLE \(owner)_guest",
            "ALTER DATABASE \(source.name) OWNER TO \(owner)",
            "ALTER DATABASE \(source.name) SET search_path = 'a b', \"C\", public",
            "ALTER DATABASE \(source.name) SET app.motto = 'it''s, \\ fine'",
            "ALTER ROLE \(owner)_guest IN DATABASE \(source.name) SET work_mem = '3MB'",
            "REVOKE ALL ON DATABASE \(source.name) FROM PUBLIC",
            "GRANT CONNECT ON DATABASE \(source.name) TO \(owner)_guest WITH GRANT OPTION")
        let before = try await source.target.database(source.name)?.definition
        let backup = try await source.backup()

        let (other, running) = try await TestServers.own(try #require(TestServers.binaries15))
        let target = TestTarget.disposable(other)
        let result = try await create(source.name).run(in: try target.context([backup]))
        #expect(result.notes == ["roles made without a login: \(owner), \(owner)_guest"])
        let after = try #require(try await target.database(source.name)?.definition)
        #expect(after.encoding == "LATIN1" && after.collation == "C" && after.connectionLimit == 7)
        #expect(after.owner == owner)
        #expect(after.settings == before?.settings)
        let words = { (right: DatabaseDefinition.Right) in "\(right.role ?? "PUBLIC") \(right.privilege) \(right.grantable)" }
        #expect(Set((after.rights ?? []).map(words)) == Set((before?.rights ?? []).map(words)))
        #expect(try await target.column("postgres", "SELECT rolcanlogin FROM pg_roles WHERE rolname = '\(owner)'") == ["f"])
        await target.close()
        _ = await running.process.stop()
    }

    @Test func aDumpThatIsNotOnThisMachineIsFetchedAndCheckedFirst() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE kept (a int); INSERT INTO kept VALUES (1)")
        let backup = try await source.backup(local: false)
        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: context)
        let result = try await restore(name).run(in: context)
        #expect(result.phases.first?.phase == .fetch)
        #expect(try await target.column(name, "SELECT count(*) FROM kept") == ["1"])
        #expect(try await blocking { _ in try Files.list(context.services.scratch) }.allSatisfy { $0.name.hasPrefix("use-") })
        await target.close()
    }

    // MARK: Refusals

    @Test func nothingIsRestoredIntoADatabaseThatIsNotEmpty() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE a (a int); CREATE VIEW b AS SELECT 1 AS x")
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let failure = await #expect(throws: Failure.self) { try await restore(source.name).run(in: try target.context([backup])) }
        #expect(failure?.kind == .refused)
        #expect(
            failure?.problem
                == "database '\(source.name)' on 'db' (\(server.address.text)) is not empty: it holds 1 table and 1 other object")
        let again = await #expect(throws: Failure.self) { try await create(source.name).run(in: try target.context([backup])) }
        #expect(again?.kind == .refused)
        await target.close()
    }

    @Test func aDumpOfANewerServerIsRefusedBeforeTheDatabaseIsDropped() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16(), holding: "CREATE TABLE a (a int)")
        let backup = try await source.backup()
        let older = try await TestServers.server15()
        let there = try await SourceDatabase(on: older, source.name)
        let failure = await #expect(throws: Failure.self) {
            try await drop(source.name).run(
                in: try there.target.context([backup], agreed: there.target.agreement(toDrop: source.name)))
        }
        #expect(failure?.kind == .unfit)
        #expect(
            failure?.problem
                == "backup nightly/20261120T020000Z-4f1c9a/app-db is of PostgreSQL \(source.server.identity.version), and 'db' "
                + "(\(older.address.text)) is PostgreSQL \(older.identity.version): a dump goes into the same version or a newer one")
        #expect(try await there.target.database(source.name) != nil)
        await there.target.close()
    }

    @Test func anOlderDumpGoesIntoANewerServer() async throws {
        let source = try await SourceDatabase(
            on: try await TestServers.server15(), holding: "CREATE TABLE a (a int); INSERT INTO a VALUES (1)")
        let backup = try await source.backup()
        let target = TestTarget.disposable(try await TestServers.server16())
        let context = try target.context([backup])
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: context)
        let result = try await restore(name).run(in: context)
        #expect(result.tools.first?.version.hasPrefix("16.") == true)
        #expect(try await target.column(name, "SELECT a FROM a") == ["1"])
        await target.close()
    }

    @Test func aRealServerThatLacksARoleIsToldBeforeTheDatabaseIsDropped() async throws {
        let role = "keeper_\(randomHex(4))"
        let source = try await SourceDatabase(on: try await TestServers.server16())
        try await source.target.sql("postgres", "CREATE ROLE \(role)")
        try await source.target.sql(source.name, "CREATE TABLE a (a int)", "ALTER TABLE a OWNER TO \(role)")
        let backup = try await source.backup()
        let (other, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let there = try await SourceDatabase(on: other, source.name)
        let real = TestTarget.real(other)
        let failure = await #expect(throws: Failure.self) {
            try await drop(source.name).run(in: try real.context([backup], agreed: real.agreement(toDrop: source.name)))
        }
        #expect(
            failure?.problem
                == "'app-db' (\(other.address.text)) lacks roles that own objects or hold rights in backup "
                + "nightly/20261120T020000Z-4f1c9a/app-db: \(role)")
        #expect(failure?.hint == "create them as they were, or for now: CREATE ROLE \"\(role)\" NOLOGIN;")
        #expect(try await there.target.database(source.name) != nil)
        await real.close()
        await there.target.close()
        _ = await running.process.stop()
    }

    @Test func aServerWithoutTheBackupsExtensionIsToldBeforeTheDatabaseIsDropped() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server15(), holding: "CREATE EXTENSION citext")
        let backup = try await source.backup()
        let newer = try await TestServers.server16()
        let there = try await SourceDatabase(on: newer, source.name)
        let failure = await #expect(throws: Failure.self) {
            try await drop(source.name).run(
                in: try there.target.context([backup], agreed: there.target.agreement(toDrop: source.name)))
        }
        #expect(failure?.kind == .toolMissing)
        #expect(
            failure?.problem
                == "'db' (\(newer.address.text)) lacks extensions that backup nightly/20261120T020000Z-4f1c9a/app-db needs: citext")
        await there.target.close()
    }

    @Test(arguments: ["postgres", "template1", "template0"])
    func theServersOwnDatabasesAreLeftAlone(name: String) async throws {
        let target = TestTarget.disposable(try await TestServers.server16())
        let drop = try step(DropDatabaseStep.self, "{database: \(name), refill: none}")
        let failure = await #expect(throws: Failure.self) { try await drop.run(in: try target.context()) }
        #expect(failure?.kind == .refused)
        #expect(failure?.problem == "'\(name)' is one of the server's own databases; lifeboat does not drop it")
        await target.close()
    }

    @Test func aTemplateIsNotDropped() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        try await source.target.sql("postgres", "ALTER DATABASE \(source.name) IS_TEMPLATE true")
        let drop = try step(DropDatabaseStep.self, "{database: \(source.name), refill: none}")
        let failure = await #expect(throws: Failure.self) { try await drop.run(in: try source.target.context()) }
        #expect(failure?.problem == "database '\(source.name)' is a template for others; lifeboat does not drop it")
        await source.target.close()
    }

    @Test func aDatabaseThatSubscribesIsNotDroppedAndTheWayOutIsTold() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let source = try await SourceDatabase(
            on: server,
            holding:
                "CREATE SUBSCRIPTION \"my sub\" CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false, slot_name = 's')")
        let drop = try step(DropDatabaseStep.self, "{database: \(source.name), refill: none}")
        let failure = await #expect(throws: Failure.self) {
            try await drop.run(in: try source.target.context(agreed: source.target.agreement(toDrop: source.name)))
        }
        #expect(
            failure?.problem
                == "database '\(source.name)' on 'db' (\(server.address.text)) has subscriptions (\"my sub\"), and cannot be dropped with them"
        )
        #expect(failure?.hint?.contains("SET (slot_name = NONE)") == true)
        await source.target.close()
        _ = await running.process.stop()
    }

    // MARK: Drop

    @Test func aDatabaseFullOfPeopleIsDropped() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16(), holding: "CREATE TABLE a (a int)")
        let guests = TestTarget.disposable(source.server)
        try await guests.sql(source.name, "SELECT 1")
        let drop = try step(DropDatabaseStep.self, "{database: \(source.name), refill: none}")
        let memory = Memory()
        let agreed = try await drop.effects(reading: source.target.reading())
        #expect(try await drop.reconcile(reading: source.target.reading()) == .notDone)
        #expect(try await drop.run(in: try source.target.context(memory: memory, agreed: agreed)).exercised)
        #expect(try await drop.reconcile(reading: source.target.reading(memory: memory)) == .done)

        // One that was made since has the name, and is another.
        try await source.target.sql("postgres", "CREATE DATABASE \(source.name)")
        #expect(try await drop.reconcile(reading: source.target.reading(memory: memory)) == .done)
        await guests.close()
        await source.target.close()
    }

    @Test func droppingWhatIsNotThereExercisesNothing() async throws {
        let target = TestTarget.disposable(try await TestServers.server16())
        let drop = try step(DropDatabaseStep.self, "{database: not_there, refill: none}")
        #expect(try await drop.effects(reading: target.reading()).map(\.amount) == [.absent])
        let result = try await drop.run(in: try target.context())
        #expect(!result.exercised)
        #expect(result.notes == ["there is no database 'not_there'"])
        await target.close()
    }

    @Test func whatAppearedAfterTheStepWasJudgedIsNobodysToDrop() async throws {
        let server = try await TestServers.server16()
        let target = TestTarget.disposable(server)
        let name = "late_\(randomHex(5))"
        let drop = try step(DropDatabaseStep.self, "{database: \(name), refill: none}")
        let agreed = try await drop.effects(reading: target.reading())
        #expect(agreed.map(\.amount) == [.absent])
        let late = try await SourceDatabase(on: server, name, holding: "CREATE TABLE a (a int)")
        for effects in [agreed, [], target.agreement(toDrop: "other")] {
            let failure = await #expect(throws: Failure.self) { try await drop.run(in: try target.context(agreed: effects)) }
            #expect(failure?.kind == .refused)
            #expect(
                failure?.problem
                    == "database '\(name)' has appeared since step 1.1 was judged, and nobody has agreed to its destruction")
        }
        #expect(try await target.database(name) != nil)
        await late.target.close()
        await target.close()
    }

    @Test func whatCannotBeReadIsUnknownAndNoError() async throws {
        let server = try await TestServers.server16()
        let target = TestTarget.real(server, password: Secret("wrong"))
        let drop = try step(DropDatabaseStep.self, "{database: app, refill: none}")
        let effects = try await drop.effects(reading: target.reading())
        guard case .unknown(let because) = effects.first?.amount else {
            Issue.record("\(effects)")
            return
        }
        #expect(because.hasPrefix("cannot log in to database 'postgres' on 'app-db' (\(server.address.text)) as 'postgres': "))
        await target.close()
    }

    @Test func aDropThatFailsLeavesTheDatabaseOpen() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let source = try await SourceDatabase(on: server)
        let maintainer = "maintainer_\(randomHex(4))"
        try await source.target.sql("postgres", "CREATE ROLE \(maintainer) LOGIN PASSWORD 'x'", "GRANT pg_signal_backend TO \(maintainer)")
        try await source.target.sql("postgres", "ALTER DATABASE \(source.name) OWNER TO \(maintainer)")
        // Somebody whose sessions this account may not end.
        try await source.target.sql(source.name, "SELECT 1")
        let found = try #require(try await source.target.database(source.name))
        var address = server.address
        address.user = maintainer
        address.password = Secret("x")
        let weak = PostgresTarget(
            PostgresServer(
                .configured(role: "db", ConfiguredTarget(name: "app-db", engine: .postgres, stage: .staging, address: address)),
                sessionName: "weak"),
            tools: TestServers.tools(), commands: TestCommands(), time: RealTime())
        let failure = await #expect(throws: Failure.self) { try await weak.drop(found) }
        #expect(failure?.kind == .engine)
        #expect(try await source.target.database(source.name)?.allowsConnections == true)
        await weak.close()
        await source.target.close()
        _ = await running.process.stop()
    }

    // MARK: Undo and resume

    @Test func aRestoreWhosePgRestoreWasKilledIsTakenBackAndDoneAgain() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE TABLE big AS SELECT i AS id, repeat('x', 200) AS text FROM generate_series(1, 20000) i;
                ALTER TABLE big ADD PRIMARY KEY (id);
                """)
        try await source.target.sql("postgres", "ALTER DATABASE \(source.name) SET work_mem = '6MB'")
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: try target.context([backup]))

        let memory = Memory()
        let killer = KillingCommands()
        let first = await #expect(throws: Failure.self) {
            try await restore(name).run(in: try target.context([backup], memory: memory, commands: killer))
        }
        #expect(first?.problem.hasSuffix("pg_restore was killed by signal 9") == true)
        #expect(try await !target.readable.contents(of: name).isEmpty)
        #expect(
            try await restore(name).reconcile(reading: target.reading([backup], memory: memory))
                == .partial("database '\(name)' was being restored"))

        let other = try target.context([backup])
        await #expect(throws: Failure.self, "another run did not find it empty") { try await restore(name).run(in: other) }

        let context = try target.context([backup], memory: memory)
        try await restore(name).undo(in: context)
        #expect(try await target.readable.contents(of: name).isEmpty)
        #expect(try await target.database(name)?.definition.settings.map(\.value) == ["6MB"])
        _ = try await restore(name).run(in: context)
        #expect(try await target.column(name, "SELECT count(*) FROM big") == ["20000"])
        #expect(try await restore(name).reconcile(reading: target.reading([backup], memory: memory)) == .done)
        await target.close()
    }

    @Test func undoTouchesOnlyTheDatabaseThatWasFoundEmpty() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE precious (a int)")
        let found = try #require(try await source.target.database(source.name))
        let memory = Memory()
        memory.keep("oid", .text("1"))
        memory.keep("database", .text(String(decoding: try CanonicalJSON.encode(found.definition), as: UTF8.self)))
        let failure = await #expect(throws: Failure.self) {
            try await restore(source.name).undo(in: try source.target.context(memory: memory))
        }
        #expect(failure?.kind == .refused)
        #expect(try await source.target.column(source.name, "SELECT count(*) FROM precious") == ["0"])
        await source.target.close()
    }

    @Test func anUndoThatWasCutOffAfterTheDropMakesTheDatabaseAgain() async throws {
        let source = try await SourceDatabase(on: try await TestServers.server16())
        let found = try #require(try await source.target.database(source.name))
        let memory = Memory()
        memory.keep("oid", .text(found.oid))
        memory.keep("database", .text(String(decoding: try CanonicalJSON.encode(found.definition), as: UTF8.self)))
        try await source.target.drop(found)
        try await restore(source.name).undo(in: try source.target.context(memory: memory))
        #expect(try await source.target.database(source.name)?.definition == found.definition)
        await source.target.close()
    }

    @Test func whatPgRestoreCannotDoIsAFailureInItsOwnWords() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(
            on: server,
            holding: """
                CREATE TABLE a (a int); INSERT INTO a VALUES (1), (1);
                CREATE FUNCTION broken() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
                """)
        let backup = try await source.backup()
        let target = TestTarget.disposable(server)
        let name = "\(source.name)_again"
        _ = try await create(name).run(in: try target.context([backup]))
        // Passwords and rows must not come along with the statement.
        let context = try target.context([backup], commands: BrokenCommands())
        let failure = await #expect(throws: Failure.self) { try await restore(name).run(in: context) }
        #expect(failure?.kind == .engine)
        #expect(
            failure?.problem
                == "cannot restore tables of database '\(name)' on 'db' (\(server.address.text)): pg_restore exited with status 1")
        #expect(
            failure?.causes == [
                "could not execute query: ERROR:  role \"nobody\" does not exist (at entry 215; 1259 16385 TABLE a postgres)"
            ])
        await target.close()
    }
}

/// Kills pg_restore as soon as it says that it has begun with the rows.
private struct KillingCommands: CommandRunner {
    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        guard command.arguments.contains(where: { $0.hasPrefix("--use-list") }) else {
            return try await TestCommands().run(command, onErrorLine: onErrorLine)
        }
        // What a command leaves running when it ends is killed with it.
        let script = """
            "$0" "$@" 2>&1 >/dev/null | while IFS= read -r line; do
                case "$line" in *"processing data for table"*|*"launching item"*"TABLE DATA"*) kill -KILL $$;; esac
            done
            """
        return try await TestCommands().run(
            CommandSpec("/bin/bash", ["-c", script, command.executable] + command.arguments, environment: command.environment))
    }

    func find(_ executable: String) -> String? { nil }
}

/// A pg_restore that fails as the real one does.
private struct BrokenCommands: CommandRunner {
    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        guard command.arguments.contains(where: { $0.hasPrefix("--use-list") }) else {
            return try await TestCommands().run(command, onErrorLine: onErrorLine)
        }
        let errors = """
            pg_restore: connecting to database for restore
            pg_restore: creating TABLE "public.a"
            pg_restore: while PROCESSING TOC:
            pg_restore: from TOC entry 215; 1259 16385 TABLE a postgres
            pg_restore: error: could not execute query: ERROR:  role "nobody" does not exist
            Command was: ALTER TABLE public.a OWNER TO nobody PASSWORD 'hunter2';
            """
        return CommandOutcome(status: .exited(1), output: [], errors: errors, seconds: 0)
    }

    func find(_ executable: String) -> String? { nil }
}

/// Roles belong to the whole server: two tests must not make them at once.
private actor LibraryOnServer {
    static let shared = LibraryOnServer()
    private var made: Task<Void, any Error>?

    func roles(through target: PostgresTarget) async throws {
        let task = made ?? Task { try await target.sql("postgres", LibraryDatabase.roles) }
        made = task
        try await task.value
    }
}
