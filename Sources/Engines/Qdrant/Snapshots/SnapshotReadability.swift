import Documents

/// The version of a server, as far as it decides what the server can read.
package struct QdrantMinorVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let major: Int
    package let minor: Int

    package init(_ major: Int, _ minor: Int) { (self.major, self.minor) = (major, minor) }

    /// `1.18`, `1.18.3`, `v1.18.3-dev`.
    package init?(_ text: String) {
        let numbers = (text.hasPrefix("v") ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(numbers.count), let major = Self.number(numbers[0]) else { return nil }
        guard let minor = Self.number(numbers.count == 2 ? numbers[1].prefix { $0 != "-" } : numbers[1]) else { return nil }
        if numbers.count == 3, Self.number(numbers[2].prefix { $0 != "-" && $0 != "+" }) == nil { return nil }
        self.init(major, minor)
    }

    private static func number(_ text: Substring) -> Int? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }

    package static func < (a: QdrantMinorVersion, b: QdrantMinorVersion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
    package var description: String { "\(major).\(minor)" }

    /// The first without RocksDB.
    static let withoutRocksDB = QdrantMinorVersion(1, 18)
    /// The first that knows ids on disk.
    static let withIDsOnDisk = QdrantMinorVersion(1, 19)
}

/// Whether servers of some version can read a snapshot, as far as the snapshot tells.
package enum Readability: Sendable, Equatable {
    /// Nothing in it speaks against it.
    case readable
    case unreadable(because: String, instead: String)
    /// It was read in outline only, which does not look into segments.
    case unknown
}

extension QdrantSnapshot {
    /// What RocksDB keeps in it, with the collection where there are several.
    package var rocksDBWords: [String] {
        let words = collections.flatMap { collection in
            collection.rocksDBParts.map { part in collection.name.map { "\(part.words) of collection \($0.quoted)" } ?? part.words }
        }
        return words.sorted()
    }

    package func readable(by version: QdrantMinorVersion) -> Readability {
        guard sha256 != nil else { return .unknown }
        let parts = rocksDBWords
        if version >= .withoutRocksDB, !parts.isEmpty {
            return .unreadable(
                because:
                    "Qdrant \(version) has no RocksDB, in which this snapshot keeps \(parts.prefix(5).joined(separator: ", "))\(parts.count > 5 ? " and more" : "")",
                instead: "recover it on Qdrant 1.16 or 1.17, make a new snapshot there and use that; or copy the points")
        }
        if version < .withIDsOnDisk, collections.contains(where: { $0.segments.contains(where: \.idsAreOnDisk) }) {
            return .unreadable(
                because: "the ids of its points are in a form that servers know since \(QdrantMinorVersion.withIDsOnDisk)",
                instead: "recover it on Qdrant \(QdrantMinorVersion.withIDsOnDisk) or later")
        }
        for collection in collections {
            for vector in collection.configuration?.vectors ?? [] {
                for (isUsed, what, since) in [
                    (vector.multivector != nil, "multivectors", QdrantMinorVersion(1, 10)),
                    (vector.datatype != "float32", "vectors of \(vector.datatype)", QdrantMinorVersion(1, 9)),
                ] where isUsed && version < since {
                    return .unreadable(
                        because: "it has \(what), which servers know since \(since)", instead: "recover it on Qdrant \(since) or later")
                }
            }
        }
        return .readable
    }
}
