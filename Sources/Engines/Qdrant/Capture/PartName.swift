import Bindings

/// What the file of a collection is called in a backup: readable where the name is simple, and a name that every store takes in any case.
enum PartName {
    static func snapshot(of collection: String, peer: String) -> String {
        "snapshots/\(file(collection))\(peer.isEmpty ? "" : "/\(peer)").snapshot"
    }

    /// The whole folder of a server.
    static let storage = "storage.tar.zst"

    static func points(of collection: String) -> String { "points/\(file(collection)).jsonl.zst" }
    static func fingerprints(of collection: String) -> String { "fingerprints/\(file(collection)).txt.zst" }

    private static func file(_ name: String) -> String {
        let isSimple =
            name.utf8.count <= 120
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 95].contains($0)
            }
            && name.utf8.first != UInt8(ascii: ".")
        guard !isSimple else { return name }
        // Two names may look alike once what is odd is left out.
        let plain = name.unicodeScalars.prefix(60).map { $0.isASCII && ($0.properties.isAlphabetic || $0 == "-") ? String($0) : "_" }
            .joined()
        return "\(plain)+\(SHA256.hexDigest(of: Array(name.utf8)).prefix(12))"
    }
}
