import Bindings
import Documents
import Recovery

/// The files of a shard, as far as they were seen.
struct ShardContents {
    private(set) var segments: [String: SegmentContents] = [:]
    private(set) var isStreamed = false
    private var hasLog = false
    private var replicas: JSONValue?

    var hasReplicas: Bool { replicas != nil }

    mutating func take(
        _ path: ArraySlice<String>, _ entry: ArchiveEntry, _ archive: ArchiveReader, _ thoroughness: QdrantSnapshot.Thoroughness
    ) throws {
        let path = Array(path)
        switch path.first {
        case "wal": hasLog = true
        case "replica_state.json" where entry.kind == .file: replicas = try SnapshotDocument.read(entry, archive)
        case "segments" where path.count == 2 && entry.kind == .file && path[1].hasSuffix(".tar"):
            let id = String(path[1].dropLast(".tar".count))
            guard thoroughness == .whole else {
                segments[id] = SegmentContents(isOutline: true)
                return
            }
            var segment = SegmentContents()
            // Servers close these without the blocks that end an archive; their last entry is version.info.
            try segment.read(try archive.archiveInEntry(ending: .anywhere))
            segments[id] = segment
        case "segments" where path.count >= 2 && (path.count > 2 || entry.kind == .folder):
            isStreamed = true
            try segments[path[1], default: SegmentContents()].take(Array(path.dropFirst(2)), entry, archive)
        default: break
        }
    }

    func shard(_ id: Int?, in name: String) throws -> SnapshotShard {
        var states: [String: String] = [:]
        for peer in replicas?["peers"]?.members ?? [] {
            states[peer.key] = peer.value.string ?? peer.value.members?.first?.key ?? peer.value.text()
        }
        return SnapshotShard(
            id: id, segments: try segments.sorted { $0.key < $1.key }.map { try $0.value.segment($0.key, in: name) }, hasLog: hasLog,
            peer: replicas?["this_peer_id"]?.int, isLocal: replicas?["is_local"]?.bool, replicas: states)
    }
}
