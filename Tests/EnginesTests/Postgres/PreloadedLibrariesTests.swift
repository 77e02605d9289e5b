import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// A source that loads libraries which a disposable server does not.
@Suite(.requires(TestServers.missing), .timeLimit(.minutes(2))) struct PreloadedLibrariesTests {
    @Test(
        arguments: [
            ("", []), ("pg_stat_statements", ["pg_stat_statements"]),
            ("$libdir/pg_cron.so, \"auto_explain\" ,x", ["pg_cron", "auto_explain", "x"]),
        ] as [(String, Set<String>)])
    func aListIsReadAsTheServerWritesIt(list: String, names: Set<String>) { #expect(PreloadedLibraries.names(in: list) == names) }

    /// Gives `use` a database with an extension whose library its server preloads, and a backup of it.
    private func withPreloaded(
        _ script: String = "", _ use: (_ source: PostgresTarget, _ name: String, _ backup: BackupInHand) async throws -> Void
    ) async throws {
        let binaries = try #require(TestServers.binaries15)
        let (server, running) = try await TestServers.own(binaries, preloading: "pg_stat_statements")
        let source = try await SourceDatabase(on: server, holding: "CREATE EXTENSION pg_stat_statements;" + script)
        let sink = try await FolderSink()
        let captured = try await source.target.capture(object: source.name, .standard, into: sink)
        try await use(source.target, source.name, await sink.backup(captured))
        await source.target.close()
        await sink.remove()
        _ = await running.process.stop()
    }

    @Test func aDrillSaysWhatWorksWithoutItsLibrary() async throws {
        try await withPreloaded { source, name, backup in
            #expect(
                try await TestTarget.real(try #require(source.disposable), database: name).remarksOnDrills() == [
                    "extension pg_stat_statements has its library preloaded; a drill's disposable server preloads none, "
                        + "so it is restored without, as far as it works without"
                ])
            let target = TestTarget.disposable(try await TestServers.server15())
            let context = try target.context([backup])
            _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
            let restore = try step(RestoreStep.self, "{database: \(name), from: dump}")
            let result = try await restore.run(in: context)
            #expect(
                result.notExercised == [
                    NotExercised(
                        "extension pg_stat_statements: its preloaded library",
                        because: "the backup's server preloaded it and this one does not")
                ])
            let lacks = try await restore.lacks(reading: target.reading([backup]), commands: TestCommands())
            #expect(lacks.contains { $0.words.hasPrefix("the server does not preload the library of extension pg_stat_statements") })
            await target.close()
        }
    }

    @Test func whatFailsWithoutItsLibraryFailsInWordsThatHelp() async throws {
        try await withPreloaded("CREATE MATERIALIZED VIEW slow AS SELECT query FROM pg_stat_statements") { _, name, backup in
            let target = TestTarget.disposable(try await TestServers.server15())
            let context = try target.context([backup])
            _ = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
            let failure = await #expect(throws: Failure.self) {
                try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)
            }
            #expect(failure?.causes.first?.contains("shared_preload_libraries") == true)
            #expect(failure?.advice == PreloadedLibraries.advice)
            await target.close()
        }
    }

    @Test func aLibraryThatIsLoadedAtLoginKeepsNobodyOutOfADisposableServer() async throws {
        let server = try await TestServers.server15()
        let source = try await SourceDatabase(on: server, holding: "CREATE TABLE t AS SELECT 1 AS a")
        let items =
            try await source.items() + [
                InventoryItem(
                    kind: "setting", name: "session_preload_libraries",
                    facts: ["setting": "session_preload_libraries", "value": "library_of_the_source_only"])
            ]
        let backup = try await TestBackup.dump(source.name, of: server, items: items).hand
        let name = "\(source.name)_again"
        let target = TestTarget.disposable(server)
        let context = try target.context([backup])
        let created = try await step(CreateDatabaseStep.self, "{database: \(name), like: dump}").run(in: context)
        #expect(
            created.notExercised == [
                NotExercised(
                    "setting session_preload_libraries = library_of_the_source_only",
                    because: "a disposable server loads no libraries at login")
            ])
        _ = try await step(RestoreStep.self, "{database: \(name), from: dump}").run(in: context)
        let verified = try await step(VerifyStep.self, "{database: \(name), against: dump}").run(in: context)
        #expect(verified.checks.filter(\.isFinding) == [])
        #expect(verified.notExercised.map(\.what) == ["setting session_preload_libraries"])
        await target.close()
        await source.target.close()
    }

    @Test func anExtensionThatNoServerHereHasIsRemarked() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries15))
        let source = try await SourceDatabase(on: server)
        // As if it had been made by packages that are not on this machine.
        try await source.target.sql(
            source.name, "SET allow_system_table_mods = on", "CREATE EXTENSION pg_trgm",
            "UPDATE pg_extension SET extname = 'from_elsewhere' WHERE extname = 'pg_trgm'")
        let remarks = try await TestTarget.real(server, database: source.name).remarksOnDrills()
        #expect(remarks.count == 1)
        #expect(remarks.first?.hasPrefix("no PostgreSQL server here has all extensions of the backup: ") == true)
        #expect(remarks.first?.contains("from_elsewhere") == true)
        await source.target.close()
        _ = await running.process.stop()
    }
}
