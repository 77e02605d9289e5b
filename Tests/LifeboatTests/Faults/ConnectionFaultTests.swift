import Foundation
import Recovery
import TestSupport
import Testing

/// The nth message to the server is the last one that gets through: the connection is cut there, or the server hangs. Everything that
/// lifeboat, pg_dump and pg_restore say counts.
@Suite(.serialized, .requires(TestPostgres.missing), .timeLimit(.minutes(Soak.isOn ? 60 : 5))) struct ConnectionFaultTests {
    private static func count(_ trouble: PostgresProxy.Trouble) -> Int { trouble == .hang ? 3 : 6 }

    @Test(arguments: PostgresProxy.Trouble.allCases) func aBackupThatIsCutOff(_ trouble: PostgresProxy.Trouble) async throws {
        let site = try await FaultSite.make(limit: trouble == .hang ? "8s" : "10min")
        let trial = try await site.run("backup", "nightly")
        #expect(trial.code == 0, "\(trial.errors)")
        let messages = site.proxy.messages
        #expect(messages > 50)
        for n in Soak.spread(messages, atMost: Self.count(trouble)) {
            let before = site.manifests(below: "nightly")
            site.proxy.fail(atMessage: n, trouble)
            let backup = try await site.run("backup", "nightly")
            let comment: Comment = "message \(n) of \(messages), \(trouble): \(backup.code), \(backup.errors)"
            print("XX \(comment)")
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
        for n in Soak.spread(messages, atMost: Self.count(trouble)) {
            try await site.ask("DELETE FROM notes WHERE id > 100")
            let kept = site.manifests(below: "_safety").count
            site.proxy.fail(atMessage: n, trouble)
            let run = try await site.run("restore", "nightly", "--confirm", "app-db")
            let comment: Comment = "message \(n) of \(messages), \(trouble): \(run.code), \(run.output)\(run.errors)"
            print("XX \(comment)")
            site.proxy.heal()
            #expect([0, 1].contains(run.code), comment)
            if run.code != 0 { #expect(run.output.contains("Next") || run.errors.contains("hint: "), comment) }
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

    /// Nil without a database or a table.
    private func rows(_ site: FaultSite) async throws -> String? { try? await site.ask("SELECT count(*) FROM notes") }
}
