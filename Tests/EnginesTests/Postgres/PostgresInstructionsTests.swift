import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite struct PostgresInstructionsTests {
    private func manifest(database: String) -> Manifest {
        let moment = Timestamp(millisecondsSince1970: 1_795_000_000_000)
        return Manifest(
            id: BackupID(policy: "nightly", set: "20261120T020000Z-4f1c9a", target: "app-db"), engine: .postgres, engineVersion: "16.14",
            standIn: false, lifeboatVersion: "0", host: "here", startedAt: moment, finishedAt: moment, recoveryPoint: moment,
            complete: true,
            problems: [], source: SourceIdentity(engine: .postgres, address: "db.internal:5432", system: nil, database: database),
            artifacts: [], inventory: "inventory.jsonl.zst", totals: [:],
            runbook: RunbookReference(name: "postgres-database", sha256: "", text: "runbook: postgres-database"))
    }

    @Test func theInstructionsSayWhatTheBackupIsAndWhichToolsItNeeds() {
        let text = PostgresInstructions(manifest(database: "app")).text
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.contains("restore it; they have to be of version 16 or newer, and so has the server."))
        #expect(lines.contains("  database        app"))
        #expect(lines.contains("  backup          nightly/20261120T020000Z-4f1c9a/app-db"))
        #expect(lines.contains("  server          db.internal:5432, PostgreSQL 16.14"))
        #expect(lines.last == "runbook: postgres-database")
    }

    @Test func aNameWithLineBreaksAddsNoLineToTheInstructions() {
        let plain = PostgresInstructions(manifest(database: "app")).text
        let hostile = PostgresInstructions(manifest(database: "app\n\u{1B}[2J\n  rm -rf /")).text
        #expect(hostile.split(separator: "\n").count == plain.split(separator: "\n").count)
        #expect(!hostile.contains("\u{1B}"))
    }

    /// The commands of RESTORE.txt, with its placeholders filled in, typed by somebody who has nothing but PostgreSQL's programs.
    @Test(.requires(TestServers.missing), .timeLimit(.minutes(2)))
    func theCommandsOfTheInstructionsRestoreTheBackup() async throws {
        let source = try await SourceDatabase(
            on: try await TestServers.server16(),
            holding: "CREATE ROLE instructed; CREATE TABLE kept (a int); ALTER TABLE kept OWNER TO instructed")
        try await source.target.sql(source.name, "INSERT INTO kept VALUES (1), (2)")
        let sink = try await FolderSink()
        let captured = try await source.target.capture(object: source.name, .standard, into: sink)
        let backup = await sink.backup(captured)
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let password = try #require(server.address.password).reveal { $0 }
        let values = [
            "HOST": "127.0.0.1", "NEW_DATABASE": "again", "ENCODING": "UTF8", "COLLATION": "C.UTF-8", "CHARACTER_TYPE": "C.UTF-8",
        ]
        let folder = try #require(backup.localFolder("dump")).split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let commands = PostgresInstructions(backup.manifest).text.split(separator: "\n").map { $0.drop { $0 == " " } }
            .filter { line in ["psql ", "createdb ", "pg_restore "].contains { line.hasPrefix($0) } }
        #expect(commands.map { String($0.prefix { $0 != " " }) } == ["psql", "createdb", "pg_restore", "psql"])
        for command in commands {
            let line = values.reduce(String(command)) { $0.replacing($1.key, with: $1.value) }
            let result = try await Bindings.run(
                Command(
                    "/bin/sh", ["-c", line],
                    environment: [
                        "PATH": "\(try #require(TestServers.binaries16)):/usr/bin:/bin", "PGPASSWORD": password,
                        "PGPORT": "\(server.address.port)", "LC_ALL": "C.UTF-8",
                    ], workingFolder: folder))
            #expect(result.status.isSuccess, "\(line): \(result.errorTail)")
        }
        let target = TestTarget.disposable(server)
        #expect(try await target.column("again", "SELECT count(*) FROM kept") == ["2"])
        #expect(try await target.column("again", "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'") == ["instructed"])
        await target.close()
        await source.target.close()
        _ = await running.process.stop()
    }
}
