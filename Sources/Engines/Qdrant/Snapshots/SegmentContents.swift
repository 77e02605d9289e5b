import Bindings
import Documents
import Recovery

/// The files of a segment, as far as they were seen.
struct SegmentContents {
    private let isOutline: Bool
    private var description: JSONValue?
    private var payloadIndex: JSONValue?
    private var points: Int64 = 0
    /// Where the ids of its points stand.
    private var hasPointIDs = false
    private var idsAreOnDisk = false
    private var pointsAreUnknown = false
    private var isFinished = false
    /// Backups of RocksDB: of the segment itself, of its payload index.
    private var hasDatabase = false
    private var hasIndexDatabase = false

    init(isOutline: Bool = false) { self.isOutline = isOutline }

    mutating func read(_ archive: ArchiveReader) throws {
        var names = EntryNames(of: archive.name)
        while let entry = try archive.next() {
            guard let path = try names.admit(entry) else { continue }
            // Everything but in the streamed form lies in a folder of that name.
            try take(path.first == "snapshot" ? Array(path.dropFirst()) : path, entry, archive)
        }
    }

    mutating func take(_ path: [String], _ entry: ArchiveEntry, _ archive: ArchiveReader) throws {
        guard entry.kind == .file else { return }
        switch path.first {
        case "db_backup": hasDatabase = true
        case "payload_index_db_backup": hasIndexDatabase = true
        case "files":
            switch path.dropFirst().joined(separator: "/") {
            case "segment.json": description = try SnapshotDocument.read(entry, archive)
            case "version.info": isFinished = true
            case "payload_index/config.json": payloadIndex = try SnapshotDocument.read(entry, archive)
            case "id_tracker.mappings":
                hasPointIDs = true
                points += try PointIDs.ofImmutable(entry, archive)
            case "mutable_id_tracker.mappings":
                hasPointIDs = true
                points += try PointIDs.ofMutable(entry, archive)
            case "id_tracker.i2e":
                (hasPointIDs, idsAreOnDisk) = (true, true)
                if let number = try PointIDs.onDisk(entry, archive) { points += number } else { pointsAreUnknown = true }
            default: break
            }
        default: break
        }
    }

    func segment(_ id: String, in name: String) throws -> SnapshotSegment {
        let config = description?["config"]
        guard description == nil || config?.members != nil else {
            throw Failure(
                .damaged, "snapshot \(name) is damaged: segment.json of segment \(id.quoted) has no 'config'", hint: SnapshotReader.another)
        }
        let sparse = config?["sparse_vector_data"]?.members ?? []
        let indexes = payloadIndex?["indexed_fields"]?.members ?? []
        let parts = rocksDBParts(config, sparse, indexes)
        return SnapshotSegment(
            id: id, vectors: try config.map { try vectors($0, id, name) }, sparseVectors: Set(sparse.map(\.key)),
            payloadIndexes: Dictionary(indexes.map { ($0.key, $0.value) }) { $1 },
            pointsAtMost: isOutline || pointsAreUnknown || parts.contains(.points) ? nil : points, rocksDBParts: parts,
            idsAreOnDisk: idsAreOnDisk, isFinished: isFinished)
    }

    private func vectors(_ config: JSONValue, _ id: String, _ name: String) throws -> [String: SnapshotSegment.Vector] {
        var vectors: [String: SnapshotSegment.Vector] = [:]
        for member in config["vector_data"]?.members ?? [] {
            guard let size = member.value["size"]?.int, let distance = member.value["distance"]?.string else {
                throw Failure(
                    .damaged, "snapshot \(name) is damaged: segment.json of segment \(id.quoted) says no size or distance of its vectors",
                    hint: SnapshotReader.another)
            }
            vectors[member.key] = SnapshotSegment.Vector(
                size: Int(clamping: size), distance: distance, datatype: member.value["datatype"]?.string ?? "float32",
                isMultivector: member.value["multivector_config"]?.members != nil)
        }
        return vectors
    }

    /// Which files there are does not tell: 1.15 writes an empty RocksDB beside indexes that do not need it.
    private func rocksDBParts(_ config: JSONValue?, _ sparse: [JSONValue.Member], _ indexes: [JSONValue.Member]) -> Set<RocksDBPart> {
        var parts: Set<RocksDBPart> = []
        if hasDatabase, !hasPointIDs { parts.insert(.points) }
        for vector in config?["vector_data"]?.members ?? [] where vector.value["storage_type"]?.string == "Memory" {
            parts.insert(.vector(vector.key))
        }
        for vector in sparse {
            let storage = vector.value["storage_type"]?.string
            // Servers up to 1.12 did not say, having only this one.
            if storage == "on_disk" || (storage == nil && hasDatabase) { parts.insert(.sparseVector(vector.key)) }
        }
        if let payload = config?["payload_storage_type"]?["type"]?.string, ["in_memory", "on_disk"].contains(payload) {
            parts.insert(.payload)
        }
        let types = payloadIndex?["indexed_types"]
        for index in indexes {
            if let stored = types?[index.key]?.array {
                if stored.contains(where: { $0["storage_type"]?.string == "rocks_db" }) { parts.insert(.payloadIndex(index.key)) }
            } else if hasIndexDatabase {
                // Before there were others nobody said which it was.
                parts.insert(.payloadIndex(index.key))
            }
        }
        return parts
    }
}
