/// A shard of a collection, as one node had it.
package struct SnapshotShard: Sendable, Hashable {
    /// Shard snapshots do not say theirs.
    package let id: Int?
    package let segments: [SnapshotSegment]
    /// Whether there is a write-ahead log, without which no server takes the shard.
    package let hasLog: Bool
    /// Which node wrote this, as its servers call it; nil: it does not say.
    package let peer: Int64?
    /// False for a shard that other nodes hold: of that one there is only the name.
    package let isLocal: Bool?
    /// The states of its replicas by peer: `Active`, `Dead`.
    package let replicas: [String: String]

    /// Nil when a segment's number cannot be read.
    package var pointsAtMost: Int64? {
        var sum: Int64 = 0
        for segment in segments {
            guard let points = segment.pointsAtMost else { return nil }
            let (next, overflows) = sum.addingReportingOverflow(points)
            guard !overflows else { return nil }
            sum = next
        }
        return sum
    }

    /// Whether data of it is here, and not only its name.
    package var isHere: Bool { !segments.isEmpty || hasLog }
}
