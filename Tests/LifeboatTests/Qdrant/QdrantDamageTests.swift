import Bindings
import Recovery
import TestSupport
import Testing

/// One flipped bit in a snapshot, of which a server would say nothing (contract 0.1).
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(30))) struct QdrantDamageTests {
    @Test func oneFlippedBitAnywhereIsRefusedBeforeTheDrop() async throws {
        try await QdrantSite.with { site in
            try await site.backUp()
            let id = try await site.newest("nightly")
            let path = "\(try await site.backupFolder())/snapshots/books.snapshot"
            let whole = try await read(path)
            #expect(try await site.lifeboat("backups", "verify", id, "--deep").code == 0)
            var generator = SeededGenerator(seed: 42)
            let trials = Soak.isOn ? 500 : 25
            for trial in 1...trials {
                var bytes = whole
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                try await blocking { [bytes] _ in try Files.replace(path, bytes) }
                // By the proof alone, and now and then by the whole runbook.
                let isRun = trial % 8 == 1
                let ended = try await site.lifeboat.run(isRun ? site.run : ["backups", "verify", id] + site.configured)
                #expect(ended.code == 2, "byte \(place): \(ended.output)\(ended.errors)")
                #expect((ended.output + ended.errors).contains("books.snapshot"), "byte \(place): \(ended.output)\(ended.errors)")
            }
            #expect(try await site.production.count("books") == QdrantSite.points)
            #expect(await site.appRuns())
        }
    }
}
