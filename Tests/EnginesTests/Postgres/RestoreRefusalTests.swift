import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What does not fit is refused before anything is dropped.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(3))) struct RestoreRefusalTests: RecoverySteps {
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
}
