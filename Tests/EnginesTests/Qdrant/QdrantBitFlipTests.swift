import Bindings
import Recovery
import Stores
import TestSupport
import Testing

@testable import Engines

/// A server takes a snapshot with a flipped bit without a word (contract 0.1). Files that real servers wrote, one bit flipped somewhere, and a
/// manifest that has the hash of the flipped one: then only the points themselves can tell.
@Suite(.requires(RecordedSnapshot.missing), .timeLimit(.minutes(60))) struct QdrantBitFlipTests {
    /// A backup whose snapshot is a recorded file, and the collection that it was restored into.
    private struct Specimen: Sendable {
        let qdrant: QdrantUnderTest
        let taken: QdrantUnderTest.Taken
        let part: Artifact
        let whole: [UInt8]
        /// Every point, as it was captured.
        let points: [String]

        static let collection = "books"
        var path: String { taken.sink.path(of: part.key) }

        init(_ name: String, on server: TestQdrant, in folder: String) async throws {
            qdrant = try await QdrantUnderTest(server)
            let file = "\(folder)/recorded"
            try await RecordedSnapshot.unpack(name, to: file)
            whole = try await read(file)
            try await Self.recover(file, whole, qdrant)
            taken = try await qdrant.take(Self.collection, fingerprints: true)
            part = try #require(taken.hand.manifest.artifacts.first { $0.key.hasSuffix(".snapshot") })
            points = try await server.points(Self.collection)
        }

        private static func recover(_ file: String, _ bytes: [UInt8], _ qdrant: QdrantUnderTest) async throws {
            try await qdrant.target.client.upload(
                file, bytes: Int64(bytes.count), as: "recorded.snapshot", into: collection, sha256: nil, .snapshot,
                boundary: "x-\(randomHex(8))")
            try await qdrant.target.client.deleteSnapshot("recorded.snapshot", of: collection)
        }

        /// At a place that is not empty: most of a file is.
        func flip(_ generator: inout SeededGenerator) -> (place: String, bytes: [UInt8]) {
            var bytes = whole
            var index = 0
            repeat { index = Int.random(in: 0..<bytes.count, using: &generator) } while bytes[index] == 0
            let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
            bytes[index] ^= bit
            return ("bit \(bit) of byte \(index)", bytes)
        }

        /// The backup as it would be if this were what was captured; with the hash of `hashed`.
        func backup(holding bytes: [UInt8], hashed: [UInt8]) async throws -> BackupInHand {
            try await blocking { [path] _ in try Files.replace(path, bytes) }
            let object = StoredObject(bytes: Int64(hashed.count), sha256: SHA256.hexDigest(of: hashed))
            let manifest = taken.hand.manifest
            let artifacts = manifest.artifacts.map { $0.key == part.key ? Artifact(key: $0.key, content: object, stored: object) : $0 }
            return BackupInHand(
                role: "snapshot",
                manifest: Manifest(
                    id: manifest.id, engine: .qdrant, engineVersion: manifest.engineVersion, standIn: true, lifeboatVersion: "0",
                    host: "here", startedAt: manifest.startedAt, finishedAt: manifest.finishedAt, recoveryPoint: manifest.recoveryPoint,
                    complete: true, problems: [], source: manifest.source, artifacts: artifacts, inventory: manifest.inventory,
                    totals: manifest.totals, runbook: nil),
                manifestSHA256: "", chosen: "named", store: taken.hand.store, inventories: MemoryInventories(items: taken.items))
        }
    }

    private static let files = ["1.18.3/unnamed-384", "1.18.3/named-sparse-multi-two-shards", "1.18.3/quantised-indexed"]

    @Test(.requires(TestQdrant.missingProgram), arguments: files) func wherePassedWithoutAChecksumEveryChangedPointIsFound(
        file: String
    ) async throws {
        let server = try await TestQdrant.start()
        try await withTemporaryFolder { folder in
            let specimen = try await Specimen(file, on: server, in: folder)
            let collection = Specimen.collection
            var generator = SeededGenerator(seed: 99)
            var (refused, changed, passed) = (0, 0, 0)
            for _ in 0..<(Soak.isOn ? 170 : 9) {
                let (place, bytes) = specimen.flip(&generator)
                let backup = try await specimen.backup(holding: bytes, hashed: bytes)
                // It refuses or it does not; it never breaks.
                do { _ = try await QdrantExamine(backup).examine(scratch: folder) } catch let failure as Failure {
                    #expect([.damaged, .unfit].contains(failure.kind), "\(place): \(failure)")
                }
                do {
                    try await specimen.qdrant.run(DropCollectionStep.self, "{collection: \(collection), refill: snapshot}", [backup])
                } catch let failure as Failure {
                    #expect([.damaged, .unfit].contains(failure.kind), "\(place): \(failure)")
                    #expect(try await server.points(collection) == specimen.points, "\(place): refused, and not before the drop")
                    refused += 1
                    continue
                }
                let found: Bool
                do {
                    try await specimen.qdrant.run(RecoverSnapshotStep.self, "{collection: \(collection), from: snapshot}", [backup])
                    found = try await specimen.qdrant.run(
                        QdrantVerifyStep.self,
                        "{collection: \(collection), against: snapshot, points: all, ignore: [\"golden *\", \"payload index *\"]}", [backup]
                    ).checks.contains { $0.isFinding }
                } catch is Failure { found = true }
                guard (try? await server.points(collection)) != specimen.points else {
                    // It holds what it held, so there is nothing to mend.
                    passed += 1
                    continue
                }
                #expect(found, "\(place): points changed, and verify did not notice")
                changed += 1
                try await mend(server, specimen)
            }
            print("\(file): \(refused) flips refused before the drop, \(changed) changed points, \(passed) without a visible difference")
            // Most of a file is points: a loop that changed none has looked at nothing.
            #expect(changed > 0, "\(refused) refused before the drop, \(passed) without a visible difference")
        }
    }

    /// What a flip has broken is dropped; a server that it killed is started again.
    private func mend(_ server: TestQdrant, _ specimen: Specimen) async throws {
        if (try? await server.call("GET", "/readyz")) == nil {
            try await server.kill()
            try await server.start()
        }
        try await server.call("DELETE", "/collections/\(Specimen.collection)")
        let sound = try await specimen.backup(holding: specimen.whole, hashed: specimen.whole)
        try await specimen.qdrant.run(RecoverSnapshotStep.self, "{collection: \(Specimen.collection), from: snapshot}", [sound])
        #expect(try await server.points(Specimen.collection) == specimen.points)
    }
}
