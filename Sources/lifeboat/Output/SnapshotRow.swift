import Documents
import Engines
import Recovery

/// What became of one file that was looked into.
struct SnapshotRow {
    let file: String
    let snapshot: QdrantSnapshot?
    let failure: Failure?
    /// Comparisons with checksums; empty when there was none to compare with.
    let checksums: [CheckResult]
    let checks: [CheckResult]
    let asked: (version: QdrantVersion, answer: Readability)?

    init(_ file: String, _ snapshot: QdrantSnapshot, _ checksums: [CheckResult], _ asked: (QdrantVersion, Readability)?) {
        (self.file, self.snapshot, self.checksums, failure) = (file, snapshot, checksums, nil)
        checks = checksums + snapshot.checks
        self.asked = asked.map { (version: $0.0, answer: $0.1) }
    }

    init(_ file: String, _ failure: Failure) {
        (self.file, self.failure) = (file, failure)
        (snapshot, checksums, checks, asked) = (nil, [], [], nil)
    }

    var outcome: RunOutcome {
        if let failure { return RunOutcome(failure) }
        return isSound ? .passed : .failed
    }

    var isSound: Bool { failure == nil && !checks.contains(where: \.isFinding) && (asked.map { $0.answer == .readable } ?? true) }
}

extension SnapshotRow: Encodable {
    private enum Keys: String, CodingKey {
        case file, sound, checks, failure, kind, bytes, sha256, collections, aliases, readable
    }

    private struct Readable: Encodable {
        let version: String
        let readable: Bool
        let because: String?
        let instead: String?

        init(_ version: QdrantVersion, _ answer: Readability) {
            self.version = version.minorNumbers
            readable = answer == .readable
            if case .unreadable(let because, let instead) = answer {
                (self.because, self.instead) = (because, instead)
            } else {
                (because, instead) = (nil, nil)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: Keys.self)
        try row.encode(file, forKey: .file)
        try row.encode(isSound, forKey: .sound)
        try row.encode(checks, forKey: .checks)
        try row.encodeIfPresent(failure?.record, forKey: .failure)
        try row.encodeIfPresent(asked.map { Readable($0.version, $0.answer) }, forKey: .readable)
        guard let snapshot else { return }
        try row.encode(snapshot.kind, forKey: .kind)
        try row.encode(snapshot.bytes, forKey: .bytes)
        try row.encodeIfPresent(snapshot.sha256, forKey: .sha256)
        try row.encode(snapshot.aliases, forKey: .aliases)
        try row.encode(snapshot.collections.map(CollectionJSON.init), forKey: .collections)
    }
}

/// A collection in a snapshot, for machines.
private struct CollectionJSON: Encodable {
    struct Vector: Encodable {
        let name: String
        let size: Int
        let distance: String
        let datatype: String
        let onDisk: Bool
        let multivector: String?
        let quantization: String?
    }
    struct SparseVector: Encodable {
        let name: String
        let onDisk: Bool
        let modifier: String?
    }
    struct Index: Encodable {
        let field: String
        /// JSON: a type's name or an object.
        let schema: String
        let registered: Bool
    }
    struct Shard: Encodable {
        let id: Int?
        let segments: [String]
        let pointsAtMost: Int64?
        let peer: Int64?
        let local: Bool?
        let replicas: [String: String]
    }

    let name: String?
    /// `config.json`, and the body of a create that makes the same; both JSON.
    let configuration: String?
    let createBody: String?
    let vectors: [Vector]
    let sparseVectors: [SparseVector]
    let payloadIndexes: [Index]
    let shardNumber: Int?
    let shardingMethod: String?
    let replicationFactor: Int?
    let shards: [Shard]
    let missingShards: [Int]
    let pointsAtMost: Int64?
    let rocksDB: [String]

    init(_ collection: SnapshotCollection) {
        name = collection.name
        let config = collection.configuration
        configuration = config?.json.text()
        createBody = config?.createBody.text()
        vectors = (config?.vectors ?? []).map {
            Vector(
                name: $0.name, size: $0.size, distance: $0.distance, datatype: $0.datatype, onDisk: $0.isOnDisk,
                multivector: $0.multivector, quantization: $0.quantization)
        }
        sparseVectors = (config?.sparseVectors ?? []).map { SparseVector(name: $0.name, onDisk: $0.isOnDisk, modifier: $0.modifier) }
        let registered = collection.payloadIndexes.sorted { $0.key < $1.key }.map {
            Index(field: $0.key, schema: $0.value.text(), registered: config != nil)
        }
        let found = collection.segments.reduce(into: [String: JSONValue]()) { all, segment in
            all.merge(segment.payloadIndexes) { first, _ in first }
        }
        payloadIndexes =
            registered
            + collection.unregisteredIndexes.map { Index(field: $0, schema: found[$0]?.text() ?? "null", registered: false) }
        shardNumber = config?.shardNumber
        shardingMethod = config?.shardingMethod
        replicationFactor = config?.replicationFactor
        shards = collection.shards.map {
            Shard(
                id: $0.id, segments: $0.segments.map(\.id), pointsAtMost: $0.pointsAtMost, peer: $0.peer, local: $0.isLocal,
                replicas: $0.replicas)
        }
        missingShards = collection.missingShards
        pointsAtMost = collection.pointsAtMost
        rocksDB = collection.rocksDBParts.map(\.words).sorted()
    }
}
