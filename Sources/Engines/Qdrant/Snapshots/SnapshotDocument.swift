import Bindings
import Documents
import Recovery

/// A JSON file inside of a snapshot.
enum SnapshotDocument {
    /// Those of real collections have some kilobytes.
    static let limit = 4 << 20

    static func read(_ entry: ArchiveEntry, _ archive: ArchiveReader) throws -> JSONValue {
        guard entry.size <= limit else {
            throw damaged(entry, archive, "has \(entry.size) bytes, and no more than \(limit) are read of such a file")
        }
        do {
            return try JSONValue(parsing: try archive.read(upTo: limit))
        } catch let error as JSONSyntaxError {
            throw damaged(entry, archive, "is garbled: \(error.problem) at byte \(error.offset)")
        }
    }

    private static func damaged(_ entry: ArchiveEntry, _ archive: ArchiveReader, _ what: String) -> Failure {
        Failure(.damaged, "snapshot \(archive.name) is damaged: '\(entry.name)' \(what)", hint: SnapshotReader.another)
    }
}
