import Bindings
import Documents
import Engines
import Recovery
import TestSupport
import Testing

/// What real servers wrote is read as they described it; what is done to it is noticed.
@Suite(.enabled(if: SnapshotFixtures.isThere), .timeLimit(.minutes(5))) struct RealSnapshotTests {
    @Test(arguments: SnapshotFixtures.all) func everyFixtureIsWhatItsServerSaid(_ fixture: SnapshotFixtures.Fixture) async throws {
        let snapshot = try await fixture.unpacked { try await QdrantSnapshot.read($0) }
        let info = fixture.facts["info"]
        #expect(snapshot.checks.filter(\.isFinding) == [])
        #expect(CheckTally(snapshot.checks).compared > 4)
        var collection = SnapshotExpectation.Collection()
        collection.configuration = info?["config"]
        collection.points = fixture.count
        collection.payloadSchema = info?["payload_schema"]
        var expected = SnapshotExpectation(bytes: fixture.bytes, sha256: fixture.sha256)
        if info?.members != nil { expected.collections[""] = collection }
        let agreement = snapshot.agrees(with: expected)
        #expect(agreement.filter(\.isFinding) == [])
        #expect(agreement.count >= 2)

        let kind: QdrantSnapshot.Kind =
            switch fixture.name {
            case "full-storage": .full
            case "named-sparse-multi-shard-0": .shard
            case "named-sparse-multi-shard-1-streamed": .streamedShard
            default: .collection
            }
        #expect(snapshot.kind == kind)
        #expect(!snapshot.isPartial)
        if kind == .collection {
            #expect(snapshot.collections[0].segments.count == Int(info?["segments_count"]?.int ?? 0))
            let deleted: Int64 = fixture.name.hasSuffix("deletions") ? 100 : 0
            #expect(snapshot.collections[0].pointsAtMost == fixture.count.map { $0 + deleted })
        }
    }

    @Test(arguments: SnapshotFixtures.all) func theOutlineIsTheSameWithoutTheData(_ fixture: SnapshotFixtures.Fixture) async throws {
        try await fixture.unpacked { path in
            let whole = try await QdrantSnapshot.read(path)
            let outline = try await QdrantSnapshot.read(path, .outline)
            #expect(outline.sha256 == nil)
            #expect(outline.kind == whole.kind)
            #expect(outline.collections.map(\.configuration) == whole.collections.map(\.configuration))
            #expect(outline.collections.map { $0.segments.map(\.id) } == whole.collections.map { $0.segments.map(\.id) })
            #expect(outline.checks.filter(\.isFinding) == [])
        }
    }

    @Test func namedVectorsAreReadInAllTheirKinds() async throws {
        let fixture = try SnapshotFixtures.fixture("1.18.3", "named-sparse-multi-two-shards")
        let collection = try #require(try await fixture.unpacked { try await QdrantSnapshot.read($0) }.collections.first)
        let configuration = try #require(collection.configuration)
        #expect(
            configuration.vectors.map { "\($0.name) \($0.size) \($0.distance) \($0.datatype) \($0.multivector ?? "-") \($0.isOnDisk)" } == [
                "bytes 8 Manhattan uint8 - false", "colbert 8 Dot float32 max_sim false", "image 16 Euclid float16 - true",
                "text 32 Cosine float32 - false",
            ])
        #expect(
            configuration.sparseVectors.map { "\($0.name) \($0.modifier ?? "-") \($0.isOnDisk)" } == ["bm25 idf false", "splade - true"])
        #expect(configuration.shardNumber == 2)
        #expect(collection.shards.map(\.pointsAtMost) == [152, 148])
        #expect(collection.shards.map(\.peer) == [1_910_198_209_473_236, 1_910_198_209_473_236])
        #expect(collection.shards[0].replicas == ["1910198209473236": "Active"])
        #expect(collection.registeredIndexes["text"] == ["type": "text", "tokenizer": "word", "lowercase": true])
        #expect(collection.unregisteredIndexes == [])
    }

    @Test func aFullSnapshotHasCollectionsAndAliases() async throws {
        let fixture = try SnapshotFixtures.fixture("1.18.3", "full-storage")
        let snapshot = try await fixture.unpacked { try await QdrantSnapshot.read($0) }
        #expect(snapshot.collections.map(\.name) == ["bq", "documents", "empty", "indexed", "novec", "rich", "sparse"])
        #expect(snapshot.collections.map(\.pointsAtMost) == [200, 500, 0, 3000, 1, 300, 100])
        #expect(snapshot.aliases == ["live": "documents"])
        let empty = SnapshotExpectation(collections: ["gone": .init()], aliases: ["live": "documents"])
        #expect(snapshot.agrees(with: empty).filter(\.isFinding).map(\.subject) == ["collection gone"])
        #expect(snapshot.collections[4].configuration?.hasNoVectors == true)
    }

    @Test func quantisationIsNamed() async throws {
        for (name, words) in [("quantised-indexed", "scalar int8"), ("binary-on-disk-strict", "binary")] {
            let fixture = try SnapshotFixtures.fixture("1.18.3", name)
            let snapshot = try await fixture.unpacked { try await QdrantSnapshot.read($0) }
            #expect(snapshot.collections[0].configuration?.vectors[0].quantization == words)
        }
    }

    @Test func onlyIndexesInRocksDBKeepNewServersFromReading() async throws {
        for fixture in SnapshotFixtures.all {
            let snapshot = try await fixture.unpacked { try await QdrantSnapshot.read($0) }
            let isOld = fixture.version == "1.15.5" && fixture.name == "unnamed-384"
            #expect(snapshot.readable(by: QdrantVersion(major: 1, minor: 16)) == .readable)
            #expect((snapshot.readable(by: QdrantVersion(major: 1, minor: 18)) == .readable) == !isOld, "\(fixture)")
            #expect(snapshot.rocksDBWords == (isOld ? ["its payload index 'lang'", "its payload index 'year'"] : []), "\(fixture)")
        }
    }

    /// 500 flips over all fixtures: whatever the reader says, it says it; and nothing passes a checksum.
    @Test func aFlippedBitNeverPassesTheChecksum() async throws {
        var random = SeededGenerator(seed: 20_261_125)
        let small = SnapshotFixtures.all.filter { $0.bytes < 3_000_000 }
        let perFixture = Soak.isOn ? 2000 : 500 / small.count + 1
        var refused = 0
        for fixture in small {
            let sound = try await fixture.contents()
            try await withTemporaryFolder { folder in
                for number in 0..<perFixture {
                    var bytes = sound
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                    let path = "\(folder)/\(number)"
                    try await write(bytes, to: path)
                    do {
                        let snapshot = try await QdrantSnapshot.read(path)
                        #expect(snapshot.checksum(fixture.sha256).isFinding, "\(fixture), byte \(place)")
                        #expect(snapshot.bytes == fixture.bytes)
                        if snapshot.checks.contains(where: \.isFinding) { refused += 1 }
                    } catch let failure as Failure {
                        refused += 1
                        #expect(failure.isAboutTheBackup, "\(fixture), byte \(place): \(failure)")
                        #expect(failure.advice != nil)
                    }
                    _ = try await blocking { _ in try Files.removeFile(path) }
                }
            }
        }
        #expect(refused > 10, "headers and documents are a part of every file")
    }

    @Test(arguments: ["unnamed-384", "named-sparse-multi-shard-1-streamed", "full-storage", "empty"])
    func aCutAnywhereIsRefused(_ name: String) async throws {
        let fixture = try SnapshotFixtures.fixture("1.18.3", name)
        let sound = try await fixture.contents()
        let inTheTrailer = [1, 511, 512, 513, 1023, 1024, 1025].map { sound.count - $0 }
        let elsewhere = Soak.spread(sound.count / 512, atMost: 60).map { $0 * 512 } + stride(from: 1, to: sound.count, by: sound.count / 20)
        try await withTemporaryFolder { folder in
            for length in inTheTrailer + elsewhere + [0] where length < sound.count {
                let path = "\(folder)/\(length)"
                try await write(Array(sound.prefix(length)), to: path)
                for thoroughness in [QdrantSnapshot.Thoroughness.whole, .outline] {
                    let failure = await #expect(throws: Failure.self, "cut to \(length) of \(sound.count)") {
                        try await QdrantSnapshot.read(path, thoroughness)
                    }
                    #expect(failure?.isAboutTheBackup == true)
                }
                _ = try await blocking { _ in try Files.removeFile(path) }
            }
        }
    }
}
