import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// The whole way: captured, lost, dropped, created, restored, verified.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(3))) struct RecoveryTests {
    /// Captures the library's database of a server of Debian's and gives it to `use`, with its name.
    private func withLibrary(_ use: (BackupInHand, String, PostgresTarget) async throws -> Void) async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries15))
        let source = try await SourceDatabase(on: server, "library")
        try await source.target.sql("postgres", LibraryDatabase.roles)
        try await source.target.sql(source.name, LibraryDatabase.content(in: source.name))
        let sink = try await FolderSink()
        let captured = try await source.target.capture(object: source.name, .standard, into: sink)
        try await use(await sink.backup(captured), source.name, source.target)
        await source.target.close()
        _ = await running.process.stop()
    }

    private func recover(_ database: String, on target: PostgresTarget, from backup: BackupInHand) async throws -> StepResult {
        let context = try target.context([backup], agreed: target.agreement(toDrop: database))
        _ = try await step(DropDatabaseStep.self, "{database: \(database), refill: dump}").run(in: context)
        _ = try await step(CreateDatabaseStep.self, "{database: \(database), like: dump}").run(in: context)
        _ = try await step(RestoreStep.self, "{database: \(database), from: dump}").run(in: context)
        return try await step(VerifyStep.self, "{database: \(database), against: dump}").run(in: context)
    }

    @Test(arguments: [15, 16])
    func aDrillRestoresEverythingOnAFreshServer(major: Int) async throws {
        try await withLibrary { backup, name, _ in
            let binaries = try #require(major == 15 ? TestServers.binaries15 : TestServers.binaries16)
            let (server, running) = try await TestServers.own(binaries)
            let target = TestTarget.disposable(server)
            try await target.sql("postgres", "CREATE DATABASE \(name)")
            try await target.sql(name, "CREATE TABLE stale (a int)")
            let result = try await recover(name, on: target, from: backup)
            #expect(result.checks.filter(\.isFinding) == [])
            #expect(CheckTally(result.checks).compared > 300)
            #expect(
                result.notExercised.map(\.what).sorted() == ["event trigger watch", "user mapping for visitor on far"],
                "what a drill leaves out is named")
            await target.close()
            _ = await running.process.stop()
        }
    }

    @Test func aRecoveryOnTheRealServerBringsBackWhatADrillLeavesOut() async throws {
        try await withLibrary { backup, name, source in
            await source.close()
            let target = TestTarget.real(try #require(source.disposable))
            try await target.sql(name, "TRUNCATE public.books CASCADE", "DROP TABLE shop.parent CASCADE")
            let result = try await recover(name, on: target, from: backup)
            #expect(result.checks.filter(\.isFinding) == [])
            #expect(result.notExercised == [])
            #expect(try await target.column(name, "SELECT count(*) FROM pg_user_mapping") == ["1"])
            #expect(try await target.column(name, "SELECT evtname FROM pg_event_trigger") == ["watch"])
            await target.close()
        }
    }
}

extension PostgresTarget {
    var disposable: DisposableServer? {
        if case .disposable(_, let server) = binding { server } else { nil }
    }
}
