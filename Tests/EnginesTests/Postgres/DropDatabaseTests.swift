import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Dropping a database of a real server.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(3))) struct DropDatabaseTests: RecoverySteps {
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
}
