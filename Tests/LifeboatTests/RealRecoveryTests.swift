import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// The built program against a server that somebody needs: backed up, damaged, guarded, recovered.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(3))) struct RealRecoveryTests {
    /// A database of its own, a store, a configuration.
    private struct Site {
        let lifeboat: TestSupport.Program
        let folder: String
        let database: String
        let server: TestPostgres

        static func make(stage: String) async throws -> Site {
            // Of its own: recoveries lock the whole server.
            let server = try await TestPostgres.start()
            let folder = FileManager.default.temporaryDirectory.path + "/lifeboat-real-\(UUID().uuidString)"
            for path in [folder, "\(folder)/store", "\(folder)/locks"] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: "\(folder)/locks")
            let database = "real_\(UUID().uuidString.prefix(8).lowercased())"
            let site = Site(
                lifeboat: try TestSupport.Program(
                    "lifeboat", in: folder,
                    environment: [
                        "LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_SERVERS": "\(folder)/servers", "HOME": folder,
                    ]), folder: folder,
                database: database, server: server)
            try await site.ask("CREATE DATABASE \(database)", in: "postgres")
            try await site.ask(
                "CREATE TABLE notes (id integer PRIMARY KEY, words text NOT NULL); INSERT INTO notes SELECT i, 'note ' || i FROM generate_series(1, 500) AS i"
            )
            try site.write(stage: stage)
            return site
        }

        private func write(stage: String) throws {
            let parameters = server.parameters
            try put("password", server.password.reveal { $0 })
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/password")
            try put(
                "lifeboat.yaml",
                """
                targets:
                  app-db:
                    engine: postgres
                    stage: \(stage)
                    url: postgres://\(parameters.user)@\(parameters.host):\(parameters.port)/\(database)
                    password: {file: \(folder)/password}
                stores:
                  main: {directory: store}
                policies:
                  nightly:
                    targets:
                      app-db: {runbook: rebuild.yaml}
                    store: main
                    expect: {every: 24h, max_age: 26h}
                locks: \(folder)/locks
                """)
            try put(
                "rebuild.yaml",
                """
                runbook: rebuild
                title: Rebuild the notes
                targets: {db: postgres}
                backups: {dump: postgres}
                inputs: {database: text}
                steps:
                  - name: Prove
                    backup.verify: {backup: dump, depth: deep}
                  - name: Keep what is there
                    backup.take: {target: db, database: "${input.database}", optional: unreadable}
                  - name: Disconnect
                    postgres.terminate-connections: "${input.database}"
                  - name: Drop
                    postgres.drop-database: {database: "${input.database}", refill: dump}
                  - name: Create
                    postgres.create-database: {database: "${input.database}", like: dump}
                  - name: Restore
                    postgres.restore: {database: "${input.database}", from: dump}
                  - name: Verify
                    postgres.verify:
                      database: "${input.database}"
                      against: dump
                      queries:
                        - {name: notes, sql: "SELECT count(*) FROM notes", equals: [500]}
                """)
        }

        /// It is stopped after the backup was proven, which leaves a file.
        func addApplication() throws {
            let configuration = try String(contentsOfFile: "\(folder)/lifeboat.yaml", encoding: .utf8)
            try put(
                "lifeboat.yaml",
                configuration + """

                    apps:
                      library:
                        stop: {command: [/usr/bin/touch, \(folder)/stopped]}
                        start: {command: [/bin/true]}
                        healthy: {command: [/usr/bin/test, "!", -e, \(folder)/stopped]}
                    """)
            let runbook = try String(contentsOfFile: "\(folder)/rebuild.yaml", encoding: .utf8)
            try put(
                "rebuild.yaml",
                runbook.replacing("backups: {dump", with: "apps: [library]\nbackups: {dump").replacing(
                    "  - name: Keep what is there", with: "  - name: Stop\n    app.stop: library\n  - name: Keep what is there"))
        }

        private func put(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }

        @discardableResult
        func ask(_ sql: String, in other: String? = nil) async throws -> String? {
            try await server.ask(sql, in: other ?? database)
        }

        func remove() async throws {
            await server.stop()
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func whatWasBackedUpIsRecoveredAndNothingElseIsLost() async throws {
        let site = try await Site.make(stage: "production")
        let backup = try await site.lifeboat("backup", "nightly")
        #expect(backup.code == 0, "\(backup.errors)")
        let list = try await site.lifeboat("backups", "list", "--json")
        #expect(list.output.contains("\"usable\" : true"))
        #expect(try await site.lifeboat("check").code == 0)
        try await site.ask("DELETE FROM notes WHERE id > 100; UPDATE notes SET words = 'garbled'")

        // Nobody has agreed: nothing is touched.
        let refused = try await site.lifeboat("restore", "nightly")
        #expect(refused.code == 1, "\(refused.errors)")
        #expect(refused.errors.contains("--confirm app-db"), "\(refused.errors)")
        #expect(try await site.ask("SELECT count(*) FROM notes") == "100")

        let plan = try await site.lifeboat("plan", "rebuild.yaml", "--input", "database=\(site.database)")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.output.contains("- database app-db/\(site.database) (1 table"), "\(plan.output)")
        #expect(plan.output.contains("to destroy."))
        #expect(try await site.ask("SELECT count(*) FROM notes") == "100", "a plan changes nothing")

        let restored = try await site.lifeboat("restore", "nightly", "--confirm", "app-db", "--reason", "a test")
        #expect(restored.code == 0, "\(restored.output)\(restored.errors)")
        #expect(restored.output.hasPrefix("PASSED run rebuild"), "\(restored.output)")
        #expect(try await site.ask("SELECT count(*) FROM notes WHERE words = 'note ' || id") == "500")

        // What was there before the recovery was kept, and counts for nothing else.
        let kept = try FileManager.default.contentsOfDirectory(atPath: "\(site.folder)/store/_safety")
        #expect(kept.count == 1)
        #expect(try await site.lifeboat("backups", "list").output.split(separator: "\n").count == 1)
        let swept = try await site.lifeboat("sweep")
        #expect(swept.output == "Nothing was left behind.\n")
        try await site.remove()
    }

    @Test func theBackupsOwnSourceIsGuardedWhateverStageItSaysItHas() async throws {
        let site = try await Site.make(stage: "development")
        #expect(try await site.lifeboat("backup", "nightly").code == 0)
        let refused = try await site.lifeboat("run", "rebuild.yaml", "--input", "database=\(site.database)")
        #expect(refused.code == 1)
        #expect(refused.errors.contains("same server as the source of backup"), "\(refused.errors)")
        #expect(try await site.ask("SELECT count(*) FROM notes") == "500")
        try await site.remove()
    }

    @Test func aDamagedBackupIsRefusedBeforeTheDatabaseIsTouched() async throws {
        let site = try await Site.make(stage: "production")
        #expect(try await site.lifeboat("backup", "nightly").code == 0)
        let data = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: "\(site.folder)/store").first { $0.hasSuffix(".dat.gz") })
        var bytes = try Data(contentsOf: URL(filePath: "\(site.folder)/store/\(data)"))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: "\(site.folder)/store/\(data)"))

        let run = try await site.lifeboat("restore", "nightly", "--confirm", "app-db")
        #expect(run.code == 2, "\(run.output)\(run.errors)")
        #expect(run.output.contains(data.split(separator: "/").last ?? ""), "the words name the file: \(run.output)")
        #expect(try await site.ask("SELECT count(*) FROM notes") == "500")
        try await site.remove()
    }

    /// What is done to files of the newest backup, and the file that the words name.
    private static let damages: [(damage: FileDamage, file: String, partner: String)] = [
        (.emptied, "app-db/dump/toc.dat", "app-db/manifest.json"), (.deleted, "app-db/inventory.jsonl.zst", "app-db/manifest.json"),
        (.middleBitFlipped, "app-db/inventory.jsonl.zst", "app-db/manifest.json"), (.shortened, "DATA", "app-db/manifest.json"),
        (.replaced, "app-db/dump/toc.dat", "app-db/manifest.json"), (.swapped, "DATA", "app-db/dump/toc.dat"),
        (.replaced, "app-db/manifest.json", "set.json"), (.becameLink, "app-db/manifest.json", "set.json"),
        (.lastBitFlipped, "set.json", "app-db/manifest.json"), (.becamePipe, "DATA", "app-db/manifest.json"),
    ]

    @Test func whateverIsDamagedTheRowsStayAndTheApplicationRuns() async throws {
        let site = try await Site.make(stage: "production")
        try site.addApplication()
        for _ in 0..<2 {
            #expect(try await site.lifeboat("backup", "nightly").code == 0)
            try await site.ask("INSERT INTO notes SELECT 1 + max(id), 'one more' FROM notes; ALTER TABLE notes SET (fillfactor = 90)")
        }
        let manager = FileManager.default
        let store = "\(site.folder)/store/nightly"
        try manager.copyItem(atPath: store, toPath: "\(site.folder)/whole")
        let sets = try manager.contentsOfDirectory(atPath: store).sorted(by: >)
        let folder = "\(store)/\(sets[0])"
        let data = try #require(try manager.subpathsOfDirectory(atPath: folder).first { $0.hasSuffix(".dat.gz") })
        for (damage, name, partner) in Self.damages {
            let file = name == "DATA" ? data : name
            try await damage.apply(
                to: "\(folder)/\(file)", partner: "\(folder)/\(partner)",
                // Both dumps have the same tables, whose files have the same names.
                twin: "\(store)/\(sets[1])/\(file)")
            let run = try await site.lifeboat("restore", "nightly", "nightly/\(sets[0])/app-db", "--confirm", "app-db")
            let words = run.output + run.errors
            #expect(run.code == 2, "\(damage) \(file): \(words)")
            #expect(words.contains(file.split(separator: "/").last ?? ""), "\(damage) \(file): \(words)")
            #expect(try await site.ask("SELECT count(*) FROM notes") == "502")
            #expect(!manager.fileExists(atPath: "\(site.folder)/stopped"), "\(damage) \(file)")
            try manager.removeItem(atPath: store)
            try manager.copyItem(atPath: "\(site.folder)/whole", toPath: store)
        }
        try await site.remove()
    }

    @Test func aFailedBackupTellsWhomItsPolicyNames() async throws {
        let site = try await Site.make(stage: "production")
        let configuration = URL(filePath: "\(site.folder)/lifeboat.yaml")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        let changed = text.replacing(":\(site.server.parameters.port)/", with: ":1/").replacing(
            "    store: main\n", with: "    store: main\n    notify: ops\n")
        let alert = "alerts:\n  ops: {command: [/bin/sh, -c, \"cat > \(site.folder)/told\"]}\n"
        try Data((changed + "\n" + alert).utf8).write(to: configuration)
        let backup = try await site.lifeboat("backup", "nightly")
        #expect(backup.code == 1, "\(backup.errors)")
        #expect(backup.errors.contains("hint: check that the server runs"), "\(backup.errors)")
        let told = try String(contentsOfFile: "\(site.folder)/told", encoding: .utf8)
        #expect(told.contains(#""text":"BACKUP FAILED: policy `nightly` on `"#), "\(told)")
        #expect(told.contains("(`unreachable`)"))
        let left = try FileManager.default.subpathsOfDirectory(atPath: "\(site.folder)/store").filter { $0.contains("manifest") }
        #expect(left.isEmpty)
        try await site.remove()
    }

    @Test func aTargetThatDoesNotAnswerIsUnknownInThePlanAndFailsTheRunInWords() async throws {
        let site = try await Site.make(stage: "production")
        #expect(try await site.lifeboat("backup", "nightly").code == 0)
        let configuration = URL(filePath: "\(site.folder)/lifeboat.yaml")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        try Data(text.replacing(":\(site.server.parameters.port)/", with: ":1/").utf8).write(to: configuration)
        let plan = try await site.lifeboat("plan", "rebuild.yaml", "--input", "database=\(site.database)")
        #expect(plan.code == 0, "\(plan.errors)")
        #expect(plan.output.contains("unknown"), "\(plan.output)")
        let run = try await site.lifeboat("run", "rebuild.yaml", "--input", "database=\(site.database)", "--confirm", "app-db")
        #expect(run.code == 1, "\(run.output)\(run.errors)")
        #expect(run.output.contains("refused"), "\(run.output)")
        try await site.remove()
    }
}
