import Bindings
import Foundation
import Recovery
import TestSupport
import Testing

/// No room for a backup: the disk of the store is full, or files may not grow as large as they have to.
@Suite(.serialized, .requires(TestPostgres.missing), .timeLimit(.minutes(3))) struct FullStoreTests {
    /// In blocks of 512 bytes: too small for the first file, for a table, for none.
    @Test(arguments: Soak.isOn ? [1, 4, 10, 20, 40, 100] : [1, 20]) func filesThatMayNotGrowFailTheBackupInWords(blocks: Int) async throws {
        let site = try await FaultSite.make()
        let result = try await Bindings.run(
            Command(
                "/bin/sh", ["-c", "ulimit -f \(blocks); exec \"$0\" backup nightly", site.lifeboat.path],
                environment: site.lifeboat.environment, workingFolder: site.folder))
        let comment: Comment = "\(blocks) blocks: \(result.status), \(result.errorTail)"
        if result.status.isSuccess {
            #expect(site.manifests(below: "nightly").count == 1, comment)
        } else {
            #expect(result.status == .exited(74) || result.status == .exited(1), comment)
            #expect(result.errorTail.contains("hint: "), comment)
            #expect(site.manifests(below: "nightly").isEmpty, comment)
            #expect(blocks < 100, comment)
        }
        try await worksAfterwards(site, comment)
    }

    /// What is left of a tiny disk for the backup, from nothing to almost enough.
    @Test(
        .requires(UserAccount.current.uid == 0 ? nil : "only root can make a small disk"),
        arguments: Soak.isOn ? Array(stride(from: 0, to: 56, by: 4)) : [0, 24])
    func aFullDiskFailsTheBackupInWords(kibibytes: Int) async throws {
        let site = try await FaultSite.make()
        let disk = "\(site.folder)/store"
        try await command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk)
        let comment: Comment
        do {
            try Data(count: (2048 - kibibytes) << 10).write(to: URL(filePath: "\(disk)/ballast"))
            let backup = try await site.run("backup", "nightly")
            comment = "\(kibibytes) KiB: \(backup.code), \(backup.errors)"
            #expect(backup.code == 74 || backup.code == 69, comment)
            #expect(backup.errors.contains("hint: "), comment)
            #expect(site.manifests(below: "nightly").isEmpty, comment)
            try FileManager.default.removeItem(atPath: "\(disk)/ballast")
            try await worksAfterwards(site, comment, removing: false)
        } catch {
            try await command("umount", disk)
            throw error
        }
        try await command("umount", disk)
        try await site.remove()
    }

    private func worksAfterwards(_ site: FaultSite, _ comment: Comment, removing: Bool = true) async throws {
        let next = try await site.run("backup", "nightly")
        #expect(next.code == 0, "\(next.errors), after \(comment)")
        #expect(try await site.run("check").code == 0, comment)
        #expect(try await site.isClean(), comment)
        if removing { try await site.remove() }
    }

    private func command(_ words: String...) async throws {
        let result = try await Bindings.run(Command("/usr/bin/env", words, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]))
        guard result.status.isSuccess else { throw TestFailure("\(words.joined(separator: " ")): \(result.errorTail)") }
    }
}
