import Documents

/// A segment of a shard: a part of its points with all that belongs to them.
package struct SnapshotSegment: Sendable, Hashable {
    /// What its data says of a dense vector, whatever the collection's configuration says.
    package struct Vector: Sendable, Hashable {
        package let size: Int
        package let distance: String
        package let datatype: String
        package let isMultivector: Bool
    }

    /// As its folder or archive is called: a UUID.
    package let id: String
    /// By name; nil: the snapshot was only read in outline, or the segment has no `segment.json`.
    package let vectors: [String: Vector]?
    package let sparseVectors: Set<String>
    /// Payload fields and how they are indexed: a type's name or an object with `type`.
    package let payloadIndexes: [String: JSONValue]
    /// Deleted ones among them may be counted; nil: not to be read.
    package let pointsAtMost: Int64?
    package let rocksDBParts: Set<RocksDBPart>
    /// Which points there are stands in a form that came with 1.19: older servers find none.
    package let idsAreOnDisk: Bool
    /// A server takes a segment without `version.info` for one that was never finished, and removes it.
    package let isFinished: Bool
}

/// What of a segment is kept by RocksDB, which servers from 1.18 on do not read any more.
package enum RocksDBPart: Sendable, Hashable {
    /// Which points there are.
    case points
    case payload
    case vector(String)
    case sparseVector(String)
    case payloadIndex(String)

    package var words: String {
        switch self {
        case .points: "the ids of its points"
        case .payload: "its payload"
        case .vector(""): "its vectors"
        case .vector(let name): "its vectors \(name.quoted)"
        case .sparseVector(let name): "its sparse vectors \(name.quoted)"
        case .payloadIndex(let field): "its payload index \(field.quoted)"
        }
    }
}
