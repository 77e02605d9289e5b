import Documents
import Engines
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SnapshotFactsTests {
    @Test func theCreateBodyIsTheConfigurationInItsOtherShape() throws {
        let config = try JSONValue(
            parsing: #"""
                {"params":{"vectors":{"size":4,"distance":"Dot"},"shard_number":2,"read_fan_out_factor":3,"read_fan_out_delay_ms":null,
                "on_disk_payload":true,"new_key":1},"hnsw_config":{"m":16},"optimizer_config":{"max_segment_size":null},
                "wal_config":{"wal_capacity_mb":1},"quantization_config":null,"strict_mode_config":{"enabled":true},
                "metadata":{"a":[1]},"uuid":"7b5e"}
                """#)
        let configuration = try CollectionConfiguration(config)
        #expect(
            configuration.createBody
                == (try JSONValue(
                    parsing: #"""
                        {"vectors":{"size":4,"distance":"Dot"},"shard_number":2,"on_disk_payload":true,"new_key":1,"hnsw_config":{"m":16},
                        "optimizers_config":{"max_segment_size":null},"wal_config":{"wal_capacity_mb":1},
                        "strict_mode_config":{"enabled":true},"metadata":{"a":[1]}}
                        """#)))
        #expect(configuration.patchBody == ["params": ["read_fan_out_factor": 3]])
        #expect(configuration.json == config)
        #expect(configuration.uuid == "7b5e")
        #expect(configuration.strictMode == ["enabled": true])
        let plain = try CollectionConfiguration(["params": ["vectors": [:]]])
        #expect(plain.patchBody == nil)
        #expect(plain.hasNoVectors)
    }

    @Test func aVectorCalledSizeIsANameAndNotTheSize() throws {
        let config: JSONValue = [
            "params": ["vectors": ["size": ["size": 4, "distance": "Dot", "quantization_config": nil]]],
            "quantization_config": ["scalar": ["type": "int8"]],
        ]
        let vector = try #require(try CollectionConfiguration(config).vectors.first)
        #expect(vector.name == "size" && vector.size == 4)
        #expect(vector.quantization == "scalar int8", "null is not none, but the collection's")
    }

    @Test func expectationsAreCompared() async throws {
        let snapshot = try await snapshot(of: SnapshotBytes().bytes)
        func findings(_ expected: SnapshotExpectation) -> [String] {
            snapshot.agrees(with: expected).filter(\.isFinding).map { "\($0.aspect): \($0.expected), \($0.actual)" }
        }
        #expect(findings(.init(bytes: snapshot.bytes, sha256: snapshot.sha256?.uppercased())) == [])
        #expect(findings(.init(bytes: 5)) == ["bytes: 5, \(snapshot.bytes)"])
        #expect(findings(.init(sha256: String(repeating: "0", count: 64))).count == 1)
        #expect(findings(.init(collection: .init(points: 3, sizes: ["": 4], distances: ["": "Cosine"]))) == [])
        #expect(
            findings(.init(collection: .init(points: 4, sizes: ["": 768, "text": 1], distances: ["": "Dot"]))) == [
                "points: 4, at most 3", "dimensions: 768, 4", "dimensions of 'text': 1, no such vector", "distance: Dot, Cosine",
            ])
        let config: JSONValue = [
            "params": ["shard_number": 1, "replication_factor": 1.0, "vectors": ["distance": "Cosine", "size": 4, "on_disk": nil]],
            "hnsw_config": ["m": 16],
        ]
        #expect(findings(.init(collection: .init(configuration: config))) == [])
        #expect(
            findings(.init(collection: .init(configuration: ["params": config["params"] ?? .null, "hnsw_config": ["m": 8]]))) == [
                #"hnsw_config: {"m":8}, {"m":16}"#
            ])
        #expect(
            findings(.init(collection: .init(payloadSchema: ["lang": ["data_type": "keyword", "points": 3]]))) == [
                "payload index 'lang': keyword, none"
            ])
    }

    @Test func indexesThatOnlyTheDataKnowsAreTold() async throws {
        var bytes = SnapshotBytes()
        bytes.segments[0].indexes = #"{"indexed_fields":{"lang":"keyword","year":"integer"}}"#
        bytes.payloadIndexes = #"{"year":"integer"}"#
        let collection = try await snapshot(of: bytes.bytes).collections[0]
        #expect(collection.payloadIndexes == ["year": "integer"])
        #expect(collection.unregisteredIndexes == ["lang"])
    }

    @Test func everyKindOfRocksDBIsNamed() async throws {
        var bytes = SnapshotBytes()
        bytes.segments[0].vectors = #""":{"size":4,"distance":"Cosine","storage_type":"Memory"}"#
        bytes.segments[0].indexes =
            #"{"indexed_fields":{"a":"keyword","b":"keyword","c":"keyword"},"indexed_types":{"a":[{"storage_type":"rocks_db"}],"b":[{"storage_type":{"mmap":{}}}]}}"#
        bytes.segments[0].more = { $0.file("snapshot/payload_index_db_backup/meta/1", "x") }
        let snapshot = try await snapshot(of: bytes.bytes)
        #expect(snapshot.rocksDBWords == ["its payload index 'a'", "its payload index 'c'", "its vectors"])
        #expect(snapshot.readable(by: QdrantVersion(major: 1, minor: 17)) == .readable)
        let outline = try await EnginesTests.snapshot(of: bytes.bytes, .outline)
        #expect(outline.readable(by: QdrantVersion(major: 1, minor: 18)) == .unknown, "an outline does not look into segments")
        #expect(
            snapshot.readable(by: QdrantVersion(major: 1, minor: 18))
                == .unreadable(
                    because:
                        "Qdrant 1.18 has no RocksDB, in which this snapshot keeps its payload index 'a', its payload index 'c', its vectors",
                    instead: "recover it on Qdrant 1.16 or 1.17, make a new snapshot there and use that; or copy the points"))
    }

    @Test func pointsInRocksDBAreOfUnknownNumber() async throws {
        var bytes = SnapshotBytes()
        bytes.segments = []
        bytes.more = { tar in
            var segment = TarBytes()
            segment.file("snapshot/db_backup/meta/1", "x")
            segment.file(
                "snapshot/files/segment.json",
                #"{"config":{"vector_data":{"":{"size":4,"distance":"Cosine","storage_type":"Mmap"}},"payload_storage_type":{"type":"on_disk"}}}"#
            )
            segment.file("snapshot/files/version.info", "0.6.0")
            tar.file("0/segments/old.tar", segment.entries)
        }
        let snapshot = try await snapshot(of: bytes.bytes)
        #expect(snapshot.rocksDBWords == ["its payload", "the ids of its points"])
        #expect(snapshot.collections[0].pointsAtMost == nil)
        #expect(snapshot.agrees(with: .init(collection: .init(points: 4))).map(\.verdict) == [.undetermined])
    }

    @Test(arguments: [#"{"a":[1,3],"b":[2]}"#, #"[{"key":"a","shard_ids":[1,3]},{"key":7,"shard_ids":[2]}]"#])
    func customShardsAreThoseOfTheKeys(_ keys: String) async throws {
        var bytes = SnapshotBytes()
        bytes.params = #""sharding_method":"custom""#
        bytes.shardKeys = keys
        bytes.shards = [1, 2]
        let snapshot = try await snapshot(of: bytes.bytes)
        #expect(snapshot.collections[0].expectedShards == [1, 2, 3])
        #expect(snapshot.collections[0].missingShards == [3])
        #expect(snapshot.isPartial)
    }

    @Test func idsInTheFormOf119AreCountedAndKeepOlderServersAway() async throws {
        func segment(_ head: [UInt8]) -> SnapshotBytes {
            var bytes = SnapshotBytes()
            bytes.segments[0].points = 0
            bytes.segments[0].more = { $0.file("snapshot/files/id_tracker.i2e", head + [UInt8](repeating: 0, count: 32)) }
            return bytes
        }
        let head: [UInt8] = [0x01, 0, 0x45, 0x32, 0x49, 0x5F, 0x44, 0x51, 2, 0, 0, 0, 0, 0, 0, 0, 2] + [UInt8](repeating: 0, count: 15)
        let snapshot = try await snapshot(of: segment(head).bytes)
        #expect(snapshot.collections[0].pointsAtMost == 2)
        #expect(snapshot.readable(by: QdrantVersion(major: 1, minor: 19)) == .readable)
        #expect(
            snapshot.readable(by: QdrantVersion(major: 1, minor: 18))
                == .unreadable(
                    because: "the ids of its points are in a form that servers know since 1.19",
                    instead: "recover it on Qdrant 1.19 or later"))
        let other = try await EnginesTests.snapshot(of: segment([9] + head.dropFirst()).bytes)
        #expect(other.collections[0].pointsAtMost == nil)
    }

    @Test func theNumberOfImmutableIDsIsReadAndHeldAgainstTheirRoom() async throws {
        func segment(_ ids: [UInt8]) -> [UInt8] {
            var bytes = SnapshotBytes()
            bytes.segments[0].points = 0
            bytes.segments[0].more = { $0.file("snapshot/files/id_tracker.mappings", ids) }
            return bytes.bytes
        }
        #expect(
            try await snapshot(of: segment([2, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 26))).collections[0].pointsAtMost == 2)
        for ids in [[3, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 26), [UInt8](repeating: 255, count: 34), [1, 0]] as [[UInt8]] {
            let failure = await #expect(throws: Failure.self) { try await snapshot(of: segment(ids)) }
            #expect(failure?.problem.contains("'snapshot/files/id_tracker.mappings' is garbled") == true)
        }
    }

    @Test func checksumsBesideAreRead() async throws {
        let hash = String(repeating: "aB", count: 32)
        try await withTemporaryFolder { folder in
            #expect(try await SnapshotChecksum.beside("\(folder)/s") == [])
            try await write(Array("\(hash)\n".utf8), to: "\(folder)/s.checksum")
            try await write(Array("nonsense".utf8), to: "\(folder)/s.sha256")
            #expect(try await SnapshotChecksum.beside("\(folder)/s").map(\.sha256) == [hash.lowercased(), nil])
            try await write(Array("\\\(hash)  odd\\nname".utf8), to: "\(folder)/t.sha256")
            #expect(try await SnapshotChecksum.beside("\(folder)/t").map(\.sha256) == [hash.lowercased()])
        }
    }
}
