import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// `recover_as`: who recovers may do what who captures may not, and only recoveries have that password.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(5))) struct RecoveryLoginTests {
    @Test func onlyRecoveriesLogInAsWhoRecovers() async throws {
        let site = try await TroubleSite.make(on: try await TestPostgres.start())
        let password = "    password: {file: \(site.folder)/password}\n"
        try site.configure(
            "lifeboat.yaml", replacing: password,
            with: password + "    recover_as: {user: recovery, password: {file: \(site.folder)/recovery}}\n")

        // Neither the password nor the account is there, and nobody but a recovery minds.
        _ = try await site.backUp()
        for words in [
            ["lint"], ["doctor"], ["check", "nightly"], ["drill", "monthly.yaml"],
            ["plan", "rebuild.yaml", "--target", "db=app-db", "--input", "database=\(site.database)"],
        ] {
            let ended = try await site.lifeboat.run(words)
            #expect(ended.code == 0, "\(words): \(ended.errors)")
            #expect(!ended.errors.contains("recovery"), "\(words): \(ended.errors)")
        }
        let run = ["run", "rebuild.yaml", "--target", "db=app-db", "--input", "database=\(site.database)", "--confirm", "app-db"]
        for words in [run, ["restore", "nightly", "--confirm", "app-db"]] {
            let ended = try await site.lifeboat.run(words)
            #expect(ended.code == 78, "\(words)")
            #expect(ended.errors.contains("the recovery password of target 'app-db'"), "\(words): \(ended.errors)")
        }
        try site.writeSecret("recovery", "for-recoveries-only")
        let stranger = try await site.lifeboat.run(run)
        #expect(stranger.code == 77)
        #expect(stranger.errors.contains("as 'recovery'"), "\(stranger.errors)")
        #expect(try await site.notes == "500")

        // The other way round: the account is there, and the password of the one that captures is not needed.
        try await site.ask("CREATE ROLE recovery SUPERUSER LOGIN PASSWORD 'for-recoveries-only'", in: "postgres")
        try FileManager.default.removeItem(atPath: "\(site.folder)/password")
        try await site.ask("DELETE FROM notes")
        for words in [run, ["restore", "nightly", "--confirm", "app-db"]] {
            let ended = try await site.lifeboat.run(words)
            #expect(ended.code == 0, "\(words): \(ended.errors)")
        }
        #expect(try await site.notes == "500")
        #expect(try await site.lifeboat("backup", "nightly").code == 78)
        try site.expectNothingLeft()
        try await site.remove()
    }
}
