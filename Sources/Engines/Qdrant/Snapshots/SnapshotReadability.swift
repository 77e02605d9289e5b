import Documents

extension QdrantVersion {
    /// The first without RocksDB.
    fileprivate static let withoutRocksDB = QdrantVersion(major: 1, minor: 18)
    /// The first that knows ids on disk.
    fileprivate static let withIDsOnDisk = QdrantVersion(major: 1, minor: 19)
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

    package func readable(by version: QdrantVersion) -> Readability {
        guard sha256 != nil else { return .unknown }
        let parts = rocksDBWords
        if version >= .withoutRocksDB, !parts.isEmpty {
            return .unreadable(
                because:
                    "Qdrant \(version.minorNumbers) has no RocksDB, in which this snapshot keeps \(parts.prefix(5).joined(separator: ", "))\(parts.count > 5 ? " and more" : "")",
                instead: "recover it on Qdrant 1.16 or 1.17, make a new snapshot there and use that; or copy the points")
        }
        if version < .withIDsOnDisk, collections.contains(where: { $0.segments.contains(where: \.idsAreOnDisk) }) {
            return .unreadable(
                because: "the ids of its points are in a form that servers know since \(QdrantVersion.withIDsOnDisk.minorNumbers)",
                instead: "recover it on Qdrant \(QdrantVersion.withIDsOnDisk.minorNumbers) or later")
        }
        for collection in collections {
            for vector in collection.configuration?.vectors ?? [] {
                for (isUsed, what, since) in [
                    (vector.multivector != nil, "multivectors", QdrantVersion(major: 1, minor: 10)),
                    (vector.datatype != "float32", "vectors of \(vector.datatype)", QdrantVersion(major: 1, minor: 9)),
                ] where isUsed && version < since {
                    return .unreadable(
                        because: "it has \(what), which servers know since \(since.minorNumbers)",
                        instead: "recover it on Qdrant \(since.minorNumbers) or later")
                }
            }
        }
        return .readable
    }
}
