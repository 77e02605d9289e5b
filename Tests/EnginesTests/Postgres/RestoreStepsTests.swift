import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Creating and restoring on real servers: what comes back.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(3))) struct RestoreStepsTests: RecoverySteps {
    private static let hostile = "lost; \"DROP\" 'x' <script>\u{202E}\n\u{1B}[31m host=evil"

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

    /// A server goes on with what a client that was killed has asked it for.
    @Test func oneThatAnAttemptWhichWasCutOffIsStillCreatingIsTakenOver() async throws {
        let server = try await TestServers.server16()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE t (i int)")
        let backup = try await source.backup()
        let name = "\(source.name)_again"
        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        let parameters = PostgresParameters(
            host: server.address.host, port: server.address.port, user: server.address.user ?? "",
            password: server.address.password?.reveal { $0 }, database: "postgres", sslMode: .disable)
        let gate = try await PostgresConnection.connect(parameters)
        let first = try await PostgresConnection.connect(parameters)
        // Within a transaction, who is there stays as it was when first looked at.
        let lookout = try await PostgresConnection.connect(parameters)
        let role = "\(name)_owner"
        _ = try await gate.query("CREATE ROLE \(role)")
        // Whoever creates a database of that role's waits for this, when it has entered it into the list that others do not see yet.
        _ = try await gate.query("BEGIN")
        _ = try await gate.query("DROP ROLE \(role)")
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE DATABASE%\(name)%'"
        func waitUntil(_ count: Int) async throws {
            try await eventually { try await lookout.query(waiting).rows.first?.first == "\(count)" }
        }
        async let cutOff = first.query("CREATE DATABASE \(name) OWNER \(role) TEMPLATE template0")
        try await waitUntil(1)
        async let step = create(name).run(in: context)
        try await waitUntil(2)
        _ = try await gate.query("ROLLBACK")
        _ = try await cutOff
        #expect(try await step.facts["oid"] != nil)
        // The backup says whose it is.
        _ = try await gate.query("DROP ROLE \(role)")
        for connection in [gate, first, lookout] { await connection.close() }
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
