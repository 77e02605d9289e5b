import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// Who is told, and who is not kept from working by somebody who cannot be.
@Suite(.timeLimit(.minutes(2))) struct AlertTests {
    /// A configuration with an empty store; nothing listens where its target is said to be.
    private func withSite(alert: String, _ use: (TestSupport.Program, _ folder: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let lifeboat = try TestSupport.Program(
                "lifeboat", in: folder,
                environment: ["LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_LOCKS": "\(folder)/locks", "HOME": folder])
            func put(_ name: String, _ text: String) async throws { try await write(Array(text.utf8), to: "\(folder)/\(name)") }
            try await blocking { _ in try Files.makeFolder("\(folder)/store") }
            try await put(
                "lifeboat.yaml",
                """
                targets:
                  app-db: {engine: postgres, stage: staging, url: "postgres://nobody@127.0.0.1:1/app", password: {file: \(folder)/missing}}
                stores: {main: {directory: store}}
                policies:
                  nightly: {targets: {app-db: {}}, store: main, notify: ops}
                alerts: {ops: \(alert)}
                """)
            try await put(
                "rebuild.yaml",
                """
                runbook: rebuild
                title: Rebuild it
                targets: {db: postgres}
                backups: {dump: postgres}
                steps:
                  - name: Verify
                    postgres.verify: {database: app, against: dump}
                """)
            for name in ["one", "two"] {
                try await put(
                    "\(name).yaml",
                    """
                    drill: \(name)
                    environment:
                      db: {engine: postgres, version: 16}
                    runs:
                      - runbook: rebuild.yaml
                        targets: {db: db}
                        backups: {dump: {policy: nightly, target: app-db, pick: latest}}
                    notify: ops
                    """)
            }
            try await use(lifeboat, folder)
        }
    }

    @Test func aWebhookThatIsNotSetKeepsNobodyFromLooking() async throws {
        try await withSite(alert: "{webhook: {env: NO_SUCH_WEBHOOK}}") { lifeboat, _ in
            let list = try await lifeboat("backups", "list")
            #expect(list.code == 0 && list.errors == "", "\(list.errors)")
            let restore = try await lifeboat("restore", "nightly")
            #expect(restore.code == 66, "\(restore.errors)")
            #expect(restore.errors.contains("there is no usable backup of 'app-db'"), "\(restore.errors)")
            let drill = try await lifeboat("drill", "one.yaml")
            #expect(drill.code == 66, "\(drill.errors)")
            #expect(drill.errors.contains("alert 'ops' will reach nobody"), "\(drill.errors)")
            #expect(drill.errors.contains("there is no usable backup of 'app-db'"), "\(drill.errors)")
        }
    }

    @Test func aDrillThatCannotBeginTellsSomebody() async throws {
        try await withSite(alert: "{command: [tee, -a, told]}") { lifeboat, folder in
            var lifeboat = lifeboat
            lifeboat.environment["PATH"] = "/usr/bin:/bin"
            try await blocking { _ in
                let text = String(decoding: try Files.read("\(folder)/lifeboat.yaml", limit: 1 << 16), as: UTF8.self)
                try Files.replace("\(folder)/lifeboat.yaml", Array(text.replacing("-a, told", with: "-a, \(folder)/told").utf8))
            }
            #expect(try await lifeboat("drill", "one.yaml").code == 66)
            let told = String(decoding: try await read("\(folder)/told"), as: UTF8.self)
            #expect(told.contains("DRILL COULD NOT BEGIN: `one` on "), "\(told)")
            #expect(told.split(separator: "\n").count == 1)

            let both = try await lifeboat("drill", "one.yaml", "two.yaml", "--json")
            #expect(both.code == 66, "\(both.errors)")
            struct Shown: Decodable {
                let schema: String
                let results: [RunResult]
            }
            let shown = try JSONDecoder().decode(Shown.self, from: Data(both.output.utf8))
            #expect(shown.schema == "lifeboat.results/1" && shown.results.isEmpty, "\(both.output)")
            #expect(
                both.errors.contains("drill one could not begin") && both.errors.contains("drill two could not begin"), "\(both.errors)")
        }
    }

    @Test func aBackupThatCannotBeginTellsSomebodyToo() async throws {
        try await withSite(alert: "{command: [tee, -a, told]}") { lifeboat, folder in
            try await blocking { _ in
                let text = String(decoding: try Files.read("\(folder)/lifeboat.yaml", limit: 1 << 16), as: UTF8.self)
                try Files.replace("\(folder)/lifeboat.yaml", Array(text.replacing("-a, told", with: "-a, \(folder)/told").utf8))
            }
            let backup = try await lifeboat("backup", "nightly")
            #expect(backup.code == 78, "\(backup.errors)")
            let told = String(decoding: try await read("\(folder)/told"), as: UTF8.self)
            #expect(told.contains("BACKUP FAILED: policy `nightly` on "), "\(told)")
        }
    }
}
