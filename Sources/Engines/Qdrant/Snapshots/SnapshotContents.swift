import Bindings
import Documents
import Recovery

/// What was found in an archive before it is known what kind of snapshot it is.
struct SnapshotContents {
    private let name: String
    private let thoroughness: QdrantSnapshot.Thoroughness
    private var documents: [String: JSONValue] = [:]
    private var shards: [Int: ShardContents] = [:]
    /// What a shard snapshot has at its root.
    private var root: ShardContents?
    /// The collections' snapshots in a full one, by file name.
    private var inner: [String: SnapshotContents] = [:]
    private var strangers: [String] = []

    init(_ name: String, _ thoroughness: QdrantSnapshot.Thoroughness) {
        self.name = name
        self.thoroughness = thoroughness
    }

    private static let documentNames: Set<String> = ["config.json", "payload_index.json", "shard_key_mapping.json"]
    private static let namesInShard: Set<String> = [
        "segments", "wal", "replica_state.json", "shard_config.json", "newest_clocks.json", "oldest_clocks.json", "applied_seq.json",
        "segments_manifest.json",
    ]

    mutating func read(_ archive: ArchiveReader, isInner: Bool = false) throws {
        var names = EntryNames(of: archive.name)
        while let entry = try archive.next() {
            guard let path = try names.admit(entry) else { continue }
            try take(path, entry, archive, isInner: isInner)
        }
    }

    private mutating func take(_ path: [String], _ entry: ArchiveEntry, _ archive: ArchiveReader, isInner: Bool) throws {
        let isFile = entry.kind == .file
        if path.count == 1, isFile, Self.documentNames.contains(path[0]) {
            documents[path[0]] = try SnapshotDocument.read(entry, archive)
        } else if path == ["version.info"] {
            return
        } else if path.count == 1, isFile, path[0].hasSuffix(".snapshot"), !isInner {
            let file = try archive.archiveInEntry()
            var contents = SnapshotContents(file.name, thoroughness)
            try contents.read(file, isInner: true)
            inner[path[0]] = contents
        } else if let id = Int(path[0]), String(id) == path[0], id >= 0 {
            try shards[id, default: ShardContents()].take(path.dropFirst(), entry, archive, thoroughness)
        } else if Self.namesInShard.contains(path[0]) {
            if root == nil { root = ShardContents() }
            try root?.take(path[...], entry, archive, thoroughness)
        } else if strangers.count < 20 {
            strangers.append(path.joined(separator: "/"))
        }
    }

    func snapshot(bytes: Int64, sha256: String?) throws -> QdrantSnapshot {
        func made(_ kind: QdrantSnapshot.Kind, _ collections: [SnapshotCollection]) -> QdrantSnapshot {
            QdrantSnapshot(kind: kind, bytes: bytes, sha256: sha256, collections: collections, aliases: [:], files: [:])
        }
        let config = documents["config.json"]
        if let mapping = config?["collections_mapping"] { return try full(mapping, bytes: bytes, sha256: sha256) }
        if config?["params"] != nil { return made(.collection, [try collection(named: nil)]) }
        if config != nil { throw damaged("its config.json is that of no snapshot", nil) }
        if let root, shards.isEmpty, !root.segments.isEmpty || root.hasReplicas {
            let shard = SnapshotCollection(
                name: nil, configuration: nil, shards: [try root.shard(nil, in: name)], registeredIndexes: [:], shardKeys: [:])
            return made(root.isStreamed ? .streamedShard : .shard, [shard])
        }
        guard shards.isEmpty, inner.isEmpty, root == nil else {
            throw damaged(
                "it has no config.json, which a server writes last",
                "it was put together by hand, or its writer died: choose another backup")
        }
        throw ForeignFile.archive(name, strangers, documents.keys.sorted())
    }

    private func full(_ mapping: JSONValue, bytes: Int64, sha256: String?) throws -> QdrantSnapshot {
        func texts(_ json: JSONValue?, _ key: String) throws -> [String: String] {
            guard let json, json != .null else { return [:] }
            var texts: [String: String] = [:]
            for member in json.members ?? [] { texts[member.key] = member.value.string }
            guard texts.count == json.members?.count else { throw damaged("'\(key)' of its config.json is no list of names", nil) }
            return texts
        }
        let files = try texts(mapping, "collections_mapping")
        let aliases = try texts(documents["config.json"]?["collections_aliases"], "collections_aliases")
        var collections: [SnapshotCollection] = []
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            if let contents = inner[file] { collections.append(try contents.collection(named: name)) }
        }
        return QdrantSnapshot(kind: .full, bytes: bytes, sha256: sha256, collections: collections, aliases: aliases, files: files)
    }

    private func collection(named collection: String?) throws -> SnapshotCollection {
        guard let config = documents["config.json"] else {
            throw damaged("it has no config.json, which a server writes last", nil)
        }
        let configuration: CollectionConfiguration
        do { configuration = try CollectionConfiguration(config) } catch {
            throw damaged("its config.json is garbled: \(error.words)", nil)
        }
        let indexes = documents["payload_index.json"]?["schema"]?.members ?? []
        return SnapshotCollection(
            name: collection, configuration: configuration,
            shards: try shards.sorted { $0.key < $1.key }.map { try $0.value.shard($0.key, in: name) },
            registeredIndexes: Dictionary(indexes.map { ($0.key, $0.value) }) { $1 },
            shardKeys: ShardKeys.read(documents["shard_key_mapping.json"]))
    }

    private func damaged(_ what: String, _ hint: String?) -> Failure {
        Failure(.damaged, "snapshot \(name) is damaged: \(what)", hint: hint ?? SnapshotReader.another)
    }
}
