import FoundationEssentials
import Recovery
import Stores
import TestSupport
import Testing

/// `check` and the verbs that let backups go, as cron and people call them.
@Suite(.timeLimit(.minutes(2))) struct CheckCommandTests {
    private let lifeboat: TestSupport.Program
    private let folder: String
    private let store: DirectoryStore

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/lifeboat-check-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(folder)/store", withIntermediateDirectories: true)
        lifeboat = try TestSupport.Program(
            "lifeboat", in: folder, environment: ["LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_LOCKS": "\(folder)/locks", "HOME": folder])
        store = DirectoryStore(name: "main", path: "\(folder)/store", owner: .us)
        let text = """
            targets: {app-db: {engine: postgres, url: "postgres://backup@db.invalid/app", password: {env: NOT_THERE}}}
            stores: {main: {directory: store}}
            alerts: {ops: {webhook: {env: NOT_THERE_EITHER}}}
            policies:
              nightly:
                targets: {app-db: {}}
                store: main
                keep: {last: 1}
                expect: {every: 24h, max_age: 26h, min_size: 2B}
            """
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/lifeboat.yaml"))
    }

    private func done() { try? FileManager.default.removeItem(atPath: folder) }

    private func write(hoursAgo hours: Double) async throws -> WrittenSet {
        let set = WrittenSet(Timestamp(Date()).advanced(bySeconds: -hours * 3600))
        try await set.write(to: store)
        return set
    }

    @Test func staysWithinTheFourCodesOfMonitoring() async throws {
        defer { done() }
        let nothing = try await lifeboat("check", "--nagios")
        #expect(nothing.code == 2)
        #expect(
            nothing.output == """
                BACKUP CRITICAL - nightly/app-db: there is no backup in store 'main' | 'age nightly/app-db'=U;;93600;0 \
                'size nightly/app-db'=U;;2:;0 'proof nightly~f79a9'=U;;;0 'sets nightly/app-db'=0;;;0
                CRITICAL nightly/app-db: no usable backup; there is no backup in store 'main'

                """)
        _ = try await write(hoursAgo: 1)
        let fresh = try await lifeboat("check", "nightly")
        #expect(fresh.code == 0)
        #expect(fresh.output.hasPrefix("OK        nightly/app-db  1 h 00 min old, 4 bytes, not proven\n"))
        #expect(fresh.errors == "")
        let json = try await lifeboat("check", "--json")
        #expect(try CanonicalJSON.decode(CheckReport.self, from: Array(json.output.utf8)).state == .ok)
    }

    @Test(arguments: [
        (["check", "weekly", "--nagios"], "BACKUP UNKNOWN - there is no policy 'weekly' in ", "error: there is no policy 'weekly' in "),
        (["check", "--nagios", "--frobnicate"], "BACKUP UNKNOWN - unknown option --frobnicate\n", "error: unknown option --frobnicate\n"),
        (["check", "--nagois"], "", "error: unknown option --nagois\n  hint: did you mean --nagios?\n"),
        (["check", "--nagios", "--json"], "BACKUP UNKNOWN - --nagios and --json are two forms of one output\n", "error: --nagios"),
        (["check", "--nagios", "--timeout", "soon"], "BACKUP UNKNOWN - --timeout: 'soon' is not a duration\n", "error: --timeout: 'soon'"),
        (
            ["check", "--nagios", "--config", "gone.yaml"], "BACKUP UNKNOWN - there is no configuration at gone.yaml\n",
            "error: there is no configuration"
        ),
        (
            ["check", "--nagios", "--config", "broken.yaml"],
            "BACKUP UNKNOWN - 2 mistakes, the first is broken.yaml line 1: unknown key 'polices'\n", "broken.yaml:1:1:"
        ),
    ]) func whateverGoesWrongIsUnknown(words: [String], output: String, errors: String) async throws {
        defer { done() }
        try Data("polices: {}\nstore: {}\n".utf8).write(to: URL(filePath: "\(folder)/broken.yaml"))
        let ended = try await lifeboat.run(words)
        #expect(ended.code == 3)
        #expect(ended.output.hasPrefix(output))
        #expect(ended.output.isEmpty == output.isEmpty)
        #expect(ended.errors.hasPrefix(errors))
    }

    @Test func pruningPinningAndDeletingAreExplained() async throws {
        defer { done() }
        let (old, newest) = (try await write(hoursAgo: 40), try await write(hoursAgo: 1))
        let plan = try await lifeboat("backups", "prune", "--dry-run")
        #expect(plan.code == 0)
        #expect(
            plan.output == """
                keeps           \(newest.path)  newest, the last one
                would mark      \(old.path)  no rule keeps it

                """)
        #expect(try await lifeboat("backups", "pin", old.path, "--reason", "audit").output == "\(old.path) is pinned and stays\n")
        #expect(try await lifeboat("backups", "prune").output.hasSuffix("keeps           \(old.path)  pinned: audit\n"))
        #expect(try await lifeboat("backups", "unpin", old.path).output == "\(old.path) is no longer pinned\n")
        #expect(try await lifeboat("backups", "prune", "nightly").output.hasSuffix("marked          \(old.path)  no rule keeps it\n"))
        #expect(
            try await lifeboat("backups", "prune").output.contains(
                "waits           \(old.path)  no rule keeps it; removed by a prune after "))
        let refused = try await lifeboat("backups", "delete", "\(newest.path)/other")
        #expect(refused.code == 1)
        #expect(refused.errors.hasPrefix("error: 'other' is not all of \(newest.path): it holds app-db\n"))
        #expect(
            try await lifeboat("backups", "delete", "\(newest.path)/app-db", "--force").output
                == "\(newest.path) is marked for deletion; a prune an hour or more from now removes it\n")
        #expect(try await lifeboat("backups", "delete", "nightly").code == 64)
        #expect(try await lifeboat("backups", "delete", "nightly/20200101T000000Z-aaaaaa").code == 66)
    }
}
