import Bindings
import Foundation
import Recovery
import TestSupport
import Testing

/// The nth message to the server is the last one that gets through: the connection is cut there, or the server hangs. Everything that
/// lifeboat, pg_dump and pg_restore say counts.
@Suite(.serialized, .requires(TestPostgres.missing), .timeLimit(.minutes(Soak.isOn ? 60 : 5))) struct ConnectionFaultTests {
    /// A server that hangs is waited for, so that there are fewer of those.
    private static func spread(_ messages: Int, _ trouble: PostgresProxy.Trouble, _ cuts: Int) -> [Int] {
        trouble == .hang && !Soak.isOn ? [messages / 2] : Soak.spread(messages, atMost: cuts)
    }

    /// A backup only reads, so that it is all the same to it whether the server has heard its last words.
    @Test(arguments: Soak.isOn ? PostgresProxy.Trouble.allCases : [.cutBefore, .hang]) func aBackupThatIsCutOff(
        _ trouble: PostgresProxy.Trouble
    ) async throws {
        let site = try await FaultSite.make(limit: trouble == .hang ? "8s" : "10min")
        let trial = try await site.run("backup", "nightly")
        #expect(trial.code == 0, "\(trial.errors)")
        let messages = site.proxy.messages
        #expect(messages > 50)
        for n in Self.spread(messages, trouble, 5) {
            let before = site.manifests(below: "nightly")
            site.proxy.fail(atMessage: n, trouble)
            let backup = try await site.run("backup", "nightly")
            let comment: Comment = "message \(n) of \(messages), \(trouble): \(backup.code), \(backup.errors)"
            site.proxy.heal()
            if backup.code == 0 {
                #expect(site.manifests(below: "nightly").count == before.count + 1, comment)
            } else {
                #expect(backup.code == 1, comment)
                #expect(backup.errors.contains("hint: "), comment)
                #expect(site.manifests(below: "nightly") == before, comment)
            }
            try await eventually { try await site.sessionsOfOurs() == 0 }
        }
        #expect(try await site.run("backup", "nightly").code == 0)
        #expect(try await site.isClean())
        try await site.remove()
    }

    @Test(arguments: PostgresProxy.Trouble.allCases) func aRecoveryThatIsCutOff(_ trouble: PostgresProxy.Trouble) async throws {
        let site = try await FaultSite.make(limit: trouble == .hang ? "8s" : "10min")
        #expect(try await site.run("backup", "nightly").code == 0)
        let before = site.proxy.messages
        let trial = try await site.run("restore", "nightly", "--confirm", "app-db")
        #expect(trial.code == 0, "\(trial.output)\(trial.errors)")
        let messages = site.proxy.messages - before
        for n in Self.spread(messages, trouble, 4) {
            try await site.ask("DELETE FROM notes WHERE id > 100")
            let kept = site.manifests(below: "_safety").count
            site.proxy.fail(atMessage: n, trouble)
            let run = try await site.run("restore", "nightly", "--confirm", "app-db")
            let comment: Comment = "message \(n) of \(messages), \(trouble): \(run.code), \(run.output)\(run.errors)"
            site.proxy.heal()
            #expect([0, 1].contains(run.code), comment)
            if run.code != 0 { #expect(run.output.contains("what next  ") || run.errors.contains("hint: "), comment) }
            try await eventually { try await site.sessionsOfOurs() == 0 }
            // What was there is there, or it was kept before it went.
            if try await rows(site) != "100" { #expect(site.manifests(below: "_safety").count == kept + 1, comment) }
            if run.code != 0 {
                let again = try await site.run("restore", "nightly", "--confirm", "app-db")
                #expect(again.code == 0, "\(again.output)\(again.errors), after \(comment)")
            }
            #expect(try await rows(site) == "500", comment)
        }
        #expect(try await site.isClean())
        try await site.remove()
    }

    @Test func whatWasKeptIsPutBackByTheCommandThatABrokenRecoveryPrints() async throws {
        let site = try await FaultSite.make()
        #expect(try await site.run("backup", "nightly").code == 0)
        let before = site.proxy.messages
        #expect(try await site.run("restore", "nightly", "--confirm", "app-db").code == 0)
        try await site.ask("DELETE FROM notes WHERE id > 100")
        // Somewhere in the middle of the restore.
        site.proxy.fail(atMessage: (site.proxy.messages - before) * 6 / 10, .cutBefore)
        let broken = try await site.run("restore", "nightly", "--confirm", "app-db")
        #expect(broken.code == 1, "\(broken.output)\(broken.errors)")
        let lines = broken.output.split(separator: "\n").map { $0.drop { $0 == " " } }
        let command = try #require(lines.first { $0.hasPrefix("lifeboat run ") }, "\(broken.output)")
        var lifeboat = site.lifeboat
        lifeboat.environment["PATH", default: ""] += ":" + lifeboat.path.dropLast("/lifeboat".count)
        let back = try await Bindings.run(
            Command(
                "/bin/sh", ["-c", "\(command) --confirm app-db"], environment: lifeboat.environment, workingFolder: site.folder))
        #expect(back.status == .exited(0), "\(command): \(back.outputText)\(back.errorTail)")
        #expect(try await rows(site) == "100")
        try await site.remove()
    }

    /// Nil without a database or a table.
    private func rows(_ site: FaultSite) async throws -> String? { try? await site.ask("SELECT count(*) FROM notes") }
}
