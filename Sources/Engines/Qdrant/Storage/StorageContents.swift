import Bindings
import Documents
import Recovery

/// What a storage folder tells without a server: its collections, their aliases, and whose it is.
struct StorageContents: Sendable {
    struct Collection: Sendable {
        let contents: SnapshotCollection
        /// A server gives these up when it starts: it was killed while it made them.
        let unfinishedSegments: Int
    }

    /// How many files were read.
    private(set) var files = 0
    private(set) var collections: [String: Collection] = [:]
    /// Alias to collection.
    private(set) var aliases: [String: String] = [:]
    private(set) var peer: String?
    /// Of a node of a cluster: of all its nodes.
    private(set) var peers: Set<String> = []
    private(set) var version: String?
    private(set) var isStandIn = false
    /// Collections of which a recover was cut off: no server reads them.
    private(set) var dirty: Set<String> = []

    /// Reads the whole archive, and proves it on the way.
    static func read(_ archive: StorageArchive) async throws -> StorageContents {
        try await blocking { flag in
            var reader = Reader()
            let files = try archive.walk(until: flag) { parts, entry, archive in try reader.take(parts, entry, archive) }
            var contents = try reader.contents(of: archive.name)
            contents.files = files
            return contents
        }
    }

    private struct Reader {
        private var shards: [String: [Int: ShardContents]] = [:]
        private var documents: [String: [String: JSONValue]] = [:]
        private var names: Set<String> = []
        private var contents = StorageContents()

        mutating func take(_ parts: [String], _ entry: ArchiveEntry, _ archive: ArchiveReader) throws {
            if parts == ["raft_state.json"], entry.kind == .file { contents.take(raft: try SnapshotDocument.read(entry, archive)) }
            if parts == ["aliases", "data.json"], entry.kind == .file {
                for member in try SnapshotDocument.read(entry, archive).members ?? [] { contents.aliases[member.key] = member.value.string }
            }
            guard parts.first == "collections", parts.count > 1, parts.count > 2 || entry.kind == .folder else { return }
            names.insert(parts[1])
            guard parts.count > 2 else { return }
            if parts.count == 3, entry.kind == .file {
                if ["config.json", "payload_index.json", "shard_key_mapping.json"].contains(parts[2]) {
                    documents[parts[1], default: [:]][parts[2]] = try SnapshotDocument.read(entry, archive)
                } else if parts[2].hasSuffix(".initializing") {
                    contents.dirty.insert(parts[1])
                }
                return
            }
            guard let id = Int(parts[2]), String(id) == parts[2], id >= 0 else { return }
            // Qdrant itself has none: the engine of the stand-in keeps it.
            if parts.count == 4, parts[3] == "edge_config.json" { contents.isStandIn = true }
            try shards[parts[1], default: [:]][id, default: ShardContents()].take(
                Self.asStreamed(parts.dropFirst(3))[...], entry, archive, .whole)
        }

        /// A folder has a segment's files where a snapshot has them under `files`, and its RocksDB as it is.
        private static func asStreamed(_ path: ArraySlice<String>) -> [String] {
            let path = Array(path)
            guard path.count > 2, path[0] == "segments" else { return path }
            let rest = Array(path.dropFirst(2))
            switch rest {
            case ["CURRENT"]: return [path[0], path[1], "db_backup", "CURRENT"]
            case ["payload_index", "CURRENT"]: return [path[0], path[1], "payload_index_db_backup", "CURRENT"]
            default: return [path[0], path[1], "files"] + rest
            }
        }

        func contents(of archive: String) throws -> StorageContents {
            var contents = contents
            for name in names {
                guard let config = documents[name]?["config.json"] else {
                    // The remains of a create that was cut off; a server leaves it out, too. With data in it, it is a collection that has
                    // lost its configuration.
                    guard try (shards[name] ?? [:]).contains(where: { try !$0.value.shard($0.key, in: archive).segments.isEmpty }) else {
                        continue
                    }
                    throw Failure(
                        .damaged, "collection '\(name)' in \(archive) has data and no config.json",
                        hint: "no server reads it; put its config.json back, or move the collection's folder elsewhere")
                }
                let configuration: CollectionConfiguration
                do { configuration = try CollectionConfiguration(config) } catch {
                    throw Failure(
                        .damaged, "collection '\(name)' in \(archive) has a garbled config.json: \(error.words)",
                        hint: "no server reads it; choose another backup")
                }
                let all = try (shards[name] ?? [:]).sorted { $0.key < $1.key }.map { try $0.value.shard($0.key, in: archive) }
                let finished = all.map { shard in
                    SnapshotShard(
                        id: shard.id, segments: shard.segments.filter(\.isFinished), hasLog: shard.hasLog, peer: shard.peer,
                        isLocal: shard.isLocal, replicas: shard.replicas)
                }
                let indexes = documents[name]?["payload_index.json"]?["schema"]?.members ?? []
                contents.collections[name] = Collection(
                    contents: SnapshotCollection(
                        name: name, configuration: configuration, shards: finished,
                        registeredIndexes: Dictionary(indexes.map { ($0.key, $0.value) }) { $1 },
                        shardKeys: ShardKeys.read(documents[name]?["shard_key_mapping.json"])),
                    unfinishedSegments: all.flatMap(\.segments).count - finished.flatMap(\.segments).count)
            }
            return contents
        }
    }

    private mutating func take(raft: JSONValue) {
        peer = raft["this_peer_id"]?.int.map { String($0) }
        peers = Set((raft["peer_address_by_id"]?.members ?? []).map(\.key))
        peers.formUnion((raft["state"]?["conf_state"]?["voters"]?.array ?? []).compactMap { $0.int.map { String($0) } })
        // Servers of 1.13 and later write down which version each node has.
        if let peer { version = raft["peer_metadata_by_id"]?[peer]?["version"]?.string }
    }

    /// Whether what is here is one node's part of something.
    var isPartOfCluster: Bool { peers.count > 1 || collections.values.contains { $0.contents.isPartOfCluster } }
}
