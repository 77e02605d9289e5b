import Bindings
import Recovery

/// How many points a segment has, from the files that map their ids: deleted ones are counted, so it is never fewer.
enum PointIDs {
    /// Written once, with the number at its beginning.
    static func ofImmutable(_ entry: ArchiveEntry, _ archive: ArchiveReader) throws -> Int64 {
        // A number takes 13 bytes, a UUID more.
        try number(at: 0, of: try head(8, archive), entriesOf: 13, entry, archive)
    }

    /// The same for random access, which 1.19 may write: behind a head of 32 bytes 16 for each. Nil: another form of it.
    static func onDisk(_ entry: ArchiveEntry, _ archive: ArchiveReader) throws -> Int64? {
        let head = try head(32, archive)
        guard head.starts(with: [0x01, 0x00, 0x45, 0x32, 0x49, 0x5F, 0x44, 0x51]) else { return nil }
        return try number(at: 16, of: head, entriesOf: 16, entry, archive)
    }

    private static func head(_ length: Int, _ archive: ArchiveReader) throws -> [UInt8] {
        var head: [UInt8] = []
        try archive.forEachPiece { offset, bytes in
            if head.count == offset, head.count < length { head += bytes.prefix(length - head.count) }
        }
        return head
    }

    private static func number(
        at place: Int, of head: [UInt8], entriesOf size: Int64, _ entry: ArchiveEntry, _ archive: ArchiveReader
    ) throws -> Int64 {
        guard head.count >= place + 8 else { throw garbled(entry, archive, "it is too short") }
        let count = head[place..<place + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard count <= UInt64(max(0, entry.size - Int64(place) - 8) / size) else {
            throw garbled(entry, archive, "it promises more points than it has room for")
        }
        return Int64(count)
    }

    /// Appended to: what begins with 1 or 2 puts a point in, with 3 or 4 takes it out. The last one may be cut off: the server had not
    /// finished it, and leaves it out.
    static func ofMutable(_ entry: ArchiveEntry, _ archive: ArchiveReader) throws -> Int64 {
        var (points, left): (Int64, Int) = (0, 0)
        var end: Int64 = 0
        try archive.forEachPiece { offset, bytes in
            guard offset == end else { throw garbled(entry, archive, "it has holes") }
            end += Int64(bytes.count)
            var place = 0
            while place < bytes.count {
                if left > 0 {
                    let passed = min(left, bytes.count - place)
                    (place, left) = (place + passed, left - passed)
                    continue
                }
                switch bytes[place] {
                case 1: (points, left) = (points + 1, 8 + 4)
                case 2: (points, left) = (points + 1, 16 + 4)
                case 3: left = 8
                case 4: left = 16
                default: throw garbled(entry, archive, "it has a line of no known kind")
                }
                place += 1
            }
        }
        return points
    }

    private static func garbled(_ entry: ArchiveEntry, _ archive: ArchiveReader, _ what: String) -> Failure {
        Failure(.damaged, "snapshot \(archive.name) is damaged: '\(entry.name)' is garbled: \(what)", hint: SnapshotReader.another)
    }
}
