import Foundation
import Recovery
import TestSupport
import Testing

/// What servers and files say reaches people and machines as words, and does nothing on its way.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(5))) struct HostileTextTests {
    private static let words = "\u{1B}]0;owned\u{07}<script>alert(1)</script>\u{202E}gnp\r\nnext"

    /// A server whose one answer to everybody is an error with those words.
    private static func hostileServer() throws -> RawServer {
        let fields = "SFATAL\0VFATAL\0CXX000\0M\(words)\0\0"
        // The length counts itself; it is small enough to be one byte of ASCII.
        let length = fields.utf8.count + 4
        #expect(length < 128)
        let answer = "E\0\0\0" + String(UnicodeScalar(UInt8(length))) + fields
        return try RawServer { connection, _ in
            connection.read(until: "application_name")
            connection.write(answer)
            connection.read(until: "never")
        }
    }

    private func expectHarmless(_ text: String, _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
        let harmful = text.unicodeScalars.filter { $0 != "\n" && ($0.properties.generalCategory == .control || $0.value == 0x202E) }
        #expect(harmful.isEmpty, what, sourceLocation: sourceLocation)
    }

    @Test func anErrorOfTheServer() async throws {
        let site = try await TroubleSite.make()
        _ = try await site.backUp()
        let server = try Self.hostileServer()
        try site.configure(
            "evil.yaml", replacing: "127.0.0.1:\(site.port)/\(site.database)", with: "127.0.0.1:\(server.port)/app?sslmode=disable")
        let evil = try String(contentsOfFile: "\(site.folder)/evil.yaml", encoding: .utf8).replacing(
            "    store: main\n", with: "    store: main\n    notify: ops\n")
        try site.write("evil.yaml", evil + "alerts:\n  ops: {command: [/bin/sh, -c, \"cat > \(site.folder)/told\"]}\n")

        let backup = try await site.lifeboat("backup", "nightly", "--config", "evil.yaml", "--json")
        #expect(backup.code == 1, "\(backup.errors)")
        #expect(backup.errors.contains("<script>alert(1)</script>"), "in a terminal that is a word: \(backup.errors)")
        expectHarmless(backup.errors, "text")
        expectHarmless(backup.output, "JSON")
        let object = try JSONSerialization.jsonObject(with: Data(backup.output.utf8)) as? [String: Any]
        let causes = (object?["failure"] as? [String: Any])?["causes"] as? [String]
        #expect(causes?.first?.contains("\u{1B}]0;owned\u{07}<script>") == true, "machines get it as it is")

        let told = try String(contentsOfFile: "\(site.folder)/told", encoding: .utf8)
        expectHarmless(told, "notice")
        #expect(!told.contains("script"))
        #expect(told.split(separator: "\n").count == 1)

        let plan = try await site.lifeboat("plan", "rebuild.yaml", "--input", "database=app", "--config", "evil.yaml")
        #expect(plan.code == 0, "\(plan.errors)")
        expectHarmless(plan.output, "plan")

        let restore = try await site.lifeboat("restore", "nightly", "--confirm", "app-db", "--config", "evil.yaml")
        #expect(restore.code == 1)
        expectHarmless(restore.output + restore.errors, "report")
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(site.folder)/state/runs").first)
        let html = try String(contentsOfFile: "\(site.folder)/state/runs/\(run)/report.html", encoding: .utf8)
        expectHarmless(html, "HTML")
        #expect(!html.contains("<script>") && html.contains("&lt;script&gt;"))
        expectHarmless(try String(contentsOfFile: "\(site.folder)/state/runs/\(run)/report.json", encoding: .utf8), "JSON report")
        server.stop()
        try site.expectNothingLeft()
        try await site.remove()
    }

    @Test func theNameOfAFolder() async throws {
        let site = try await TroubleSite.make()
        try site.configure(
            "evil.yaml", replacing: "{directory: store}",
            with: "{directory: \"\(site.folder)/\\e]0;owned\\a<script>alert(1)</script>\\u202E | x=1\\nOK\"}")
        for words in [
            ["check"], ["check", "--nagios"], ["check", "--json"], ["backups"], ["backups", "--json"], ["doctor"], ["doctor", "--json"],
            ["backup", "nightly"],
        ] {
            let ended = try await site.lifeboat.run(words + ["--config", "evil.yaml"])
            #expect(ended.code != 0, "\(words)")
            expectHarmless(ended.output + ended.errors, "\(words)")
            if words.contains("--json") {
                #expect(throws: Never.self, "\(words)") { try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) }
            }
            if words.contains("--nagios") {
                let first = ended.output.split(separator: "\n").first ?? ""
                #expect(first.hasPrefix("BACKUP UNKNOWN - "))
                #expect(first.split(separator: "|").count == 2, "what is not ours opens no performance data: \(first)")
            }
        }
        try site.expectNothingLeft()
        try await site.remove()
    }
}
