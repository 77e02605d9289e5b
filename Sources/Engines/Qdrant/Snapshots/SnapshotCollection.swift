import Documents

/// A collection in a snapshot, or the one shard of it that a shard snapshot holds.
package struct SnapshotCollection: Sendable {
    /// Only full snapshots say it.
    package let name: String?
    /// Nil in a shard snapshot.
    package let configuration: CollectionConfiguration?
    package let shards: [SnapshotShard]
    /// As the collection has them registered: a type's name or an object with `type`. Empty in a shard snapshot.
    package let registeredIndexes: [String: JSONValue]
    /// Of a collection with custom sharding: the shards of each key.
    package let shardKeys: [String: Set<Int>]

    /// Who wrote it.
    package var peers: Set<Int64> { Set(shards.compactMap(\.peer)) }
    package var segments: [SnapshotSegment] { shards.flatMap(\.segments) }

    /// Never fewer than there are, but for what only the write-ahead log holds; nil when it cannot be read.
    package var pointsAtMost: Int64? {
        var sum: Int64 = 0
        for shard in shards where shard.isHere {
            guard let points = shard.pointsAtMost else { return nil }
            let (next, overflows) = sum.addingReportingOverflow(points)
            guard !overflows else { return nil }
            sum = next
        }
        return sum
    }

    /// What the configuration says there are; nil in a shard snapshot, and where custom sharding has no keys.
    package var expectedShards: Set<Int>? {
        guard let configuration else { return nil }
        guard configuration.shardingMethod == "custom" else { return Set(0..<configuration.shardNumber) }
        return shardKeys.isEmpty && !shards.isEmpty ? nil : shardKeys.values.reduce(into: Set()) { $0.formUnion($1) }
    }

    /// Whose data is not here: other nodes have it, or it was lost.
    package var missingShards: [Int] {
        let here = Set(shards.filter(\.isHere).compactMap(\.id))
        return (expectedShards ?? []).subtracting(here).sorted()
    }

    /// Whether other nodes are said to hold what is missing, or replicas of what is here.
    package var isPartOfCluster: Bool { shards.contains { $0.isLocal == false || $0.replicas.count > 1 } || !missingShards.isEmpty }

    /// Indexed in the data though the collection does not know of it: after a recover into an existing collection.
    package var unregisteredIndexes: [String] {
        guard configuration != nil else { return [] }
        let found = Set(segments.flatMap(\.payloadIndexes.keys))
        return found.subtracting(registeredIndexes.keys).sorted()
    }

    /// Registered, or found in the data of a shard snapshot.
    package var payloadIndexes: [String: JSONValue] {
        guard configuration == nil else { return registeredIndexes }
        return segments.reduce(into: [:]) { all, segment in all.merge(segment.payloadIndexes) { first, _ in first } }
    }

    package var rocksDBParts: Set<RocksDBPart> { segments.reduce(into: []) { $0.formUnion($1.rocksDBParts) } }
}
