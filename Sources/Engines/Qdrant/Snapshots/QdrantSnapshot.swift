import Bindings
import Recovery

/// What a `.snapshot` file of Qdrant holds, read without a server.
///
/// What it cannot tell: aliases (only full snapshots have them), the version of the server that wrote it, and whether vectors and payload
/// are as they were. A flipped bit in those shows by the checksum alone.
package struct QdrantSnapshot: Sendable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case collection
        case shard
        /// A shard as another server, or `GET …/shards/{id}/snapshot`, gets it: without inner archives.
        case streamedShard = "streamed-shard"
        /// All collections of a server, and its aliases.
        case full
    }

    package let kind: Kind
    package let bytes: Int64
    /// Nil when it was read in outline only.
    package let sha256: String?
    /// By name. Exactly one unless it is a full snapshot.
    package let collections: [SnapshotCollection]
    /// Alias to collection.
    package let aliases: [String: String]
    /// A full snapshot's files by collection; those that are not there have no entry in `collections`.
    let files: [String: String]

    package enum Thoroughness: Sendable {
        /// Names, configuration, shards; seeks over the data. For those who only want the configuration of a file that is proven.
        case outline
        /// Every byte is read and hashed, every inner archive walked to its end.
        case whole
    }

    /// Reads the file on a thread that may block; memory stays flat, cancelling the task ends it.
    ///
    /// Throws `Failure(.damaged)` for a file that is cut off or contradicts itself, `Failure(.unfit)` for one that is no snapshot,
    /// `Failure(.notFound)`, `Failure(.localStorage)`. What is missing inside of a sound archive is in `checks`.
    package static func read(_ path: String, _ thoroughness: Thoroughness = .whole) async throws -> QdrantSnapshot {
        try await blocking { flag in try SnapshotReader.read(path, thoroughness, flag) }
    }
}
