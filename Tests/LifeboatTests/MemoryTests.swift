import FoundationEssentials
import TestSupport
import Testing

/// Memory does not grow with the database: everything streams.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(5))) struct MemoryTests {
    private static let ceiling = 64 << 20

    /// The one table is dumped unpacked, so that any of the three that held it whole would be above the ceiling by that alone.
    @Test func aDatabaseLargerThanTheCeilingPassesThroughBelowIt() async throws {
        let site = try await TroubleSite.make()
        try site.write(
            "lifeboat.yaml",
            site.configuration.replacing("{runbook: rebuild.yaml}", with: "{runbook: rebuild.yaml, compression: none}"))
        try await site.ask(
            "CREATE TABLE large AS SELECT i AS id, repeat(md5(i::text), 25) AS words FROM generate_series(1, 100000) AS i")
        let backup = try await site.lifeboat.peakMemory(of: ["backup", "nightly"])
        #expect(backup.code == 0, "\(backup.words)")
        let list = try await site.lifeboat("backups", "list").output
        let id = String(list.prefix { $0 != " " })
        let verify = try await site.lifeboat.peakMemory(of: ["backups", "verify", id, "--deep"])
        #expect(verify.code == 0, "\(verify.words)")
        let drill = try await site.lifeboat.peakMemory(of: ["drill", "monthly.yaml"])
        #expect(drill.code == 0, "\(drill.words)")
        let folder = "\(site.folder)/store/\(id)/dump"
        let sizes = try FileManager.default.contentsOfDirectory(atPath: folder).map {
            try FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.size] as? Int ?? 0
        }
        #expect(sizes.max() ?? 0 > Self.ceiling, "the table is one part, and larger than the ceiling")
        for (words, peak) in [("backup", backup.bytes), ("verify", verify.bytes), ("drill", drill.bytes)] {
            // Less than a mebibyte, and it was not our process that was looked at.
            #expect(peak > 1 << 20 && peak < Self.ceiling, "\(words): \(peak >> 20) MiB")
        }
        try site.expectNothingLeft()
        try await site.remove()
    }
}
