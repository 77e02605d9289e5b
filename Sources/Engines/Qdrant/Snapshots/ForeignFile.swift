import Documents
import Recovery

/// Says what a file is that is called a snapshot and is none: mostly the answer of a server, saved by a script that did not look at it.
enum ForeignFile {
    /// - Parameter beginning: up to 512 bytes.
    static func failure(_ path: String, _ beginning: [UInt8], _ size: Int64) -> Failure? {
        if size == 0 || beginning.isEmpty {
            return foreign("\(path) is empty", "the disk was full, or a download failed before it began: make a new snapshot")
        }
        if beginning.allSatisfy({ $0 == 0 }) {
            return Failure(
                .damaged, "snapshot \(path) begins with nothing but zeros",
                hint: "the disk lost it, or a download made room and never filled it: copy it again, or make a new snapshot")
        }
        for (magic, what, how) in packed where beginning.starts(with: magic) {
            return foreign("\(path) is packed with \(what): a snapshot is a plain tar archive", "unpack it first: \(how)")
        }
        let isTar = beginning.count >= 262 && beginning[257..<262].elementsEqual("ustar".utf8)
        if isTar {
            return Failure(.damaged, "snapshot \(path) is damaged: its first header is garbled", hint: SnapshotReader.another)
        }
        if let text = text(beginning) { return saved(path, text, isWhole: size == Int64(beginning.count)) }
        if size < 512 {
            return Failure(.damaged, "snapshot \(path) is cut off: it has \(size) bytes", hint: "make a new snapshot, or copy it again")
        }
        return foreign(
            "\(path) is no snapshot of Qdrant: it is not a tar archive", "snapshots are listed by GET /collections/NAME/snapshots")
    }

    private static let packed: [(magic: [UInt8], what: String, how: String)] = [
        ([0x1f, 0x8b], "gzip", "gzip -d FILE.gz"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd", "zstd -d FILE.zst"),
        (Array("BZh".utf8), "bzip2", "bzip2 -d FILE.bz2"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz", "xz -d FILE.xz"),
        ([0x04, 0x22, 0x4d, 0x18], "lz4", "lz4 -d FILE.lz4"), (Array("PK".utf8) + [3, 4], "zip", "unzip FILE.zip"),
    ]

    /// What is readable of it, if it is readable.
    private static func text(_ bytes: [UInt8]) -> String? {
        // The last character may be cut through.
        for cut in 0..<min(4, bytes.count) {
            guard let text = String(validating: bytes.dropLast(cut), as: UTF8.self) else { continue }
            let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || [0x09, 0x0a, 0x0d, 0x1b].contains($0.value) }
            return isPlain ? text : nil
        }
        return nil
    }

    private static let anew =
        "the request was answered with an error that was saved as if it were the file: repeat it with curl --fail, and compare with the size and checksum of the list"

    private static func saved(_ path: String, _ text: String, isWhole: Bool) -> Failure {
        let start = text.drop { $0.isWhitespace }
        let lower = start.prefix(200).lowercased()
        if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") || lower.hasPrefix("<?xml") || lower.hasPrefix("<head") {
            let title = start.firstRange(of: "<title>").flatMap { opening in
                start[opening.upperBound...].firstRange(of: "</title>").map { String(start[opening.upperBound..<$0.lowerBound]) }
            }
            let kind = lower.hasPrefix("<?xml") ? "an XML answer" : "a web page"
            return foreign("\(path) is \(kind), no snapshot\(title.map { ": \($0.quoted)" } ?? "")", anew)
        }
        if start.hasPrefix("{") || start.hasPrefix("[") {
            let json = isWhole ? try? JSONValue(parsing: text) : nil
            if let error = json?["status"]?["error"]?.string {
                return foreign("\(path) is an error of a Qdrant server, no snapshot: \(error.quoted)", anew)
            }
            if let made = json?["result"]?["name"]?.string {
                return foreign(
                    "\(path) is the server's answer that it made the snapshot \(made.quoted), not that snapshot",
                    "download it: GET /collections/NAME/snapshots/\(made)")
            }
            return foreign("\(path) is JSON, no snapshot: \(String(start).quoted)", anew)
        }
        return foreign("\(path) is text, no snapshot: \(String(start).quoted)", anew)
    }

    /// A tar archive that holds something else.
    static func archive(_ name: String, _ strangers: [String], _ documents: [String]) -> Failure {
        let names = (documents + strangers).prefix(3).map(\.quoted).joined(separator: ", ")
        let tops = Set(strangers.compactMap { $0.split(separator: "/").first.map(String.init) })
        if strangers.isEmpty, documents.isEmpty {
            return foreign("\(name) is an archive that holds nothing", "make a new snapshot")
        }
        if tops.contains("raft_state.json") || tops.contains("collections") || tops.contains("storage") || tops.contains("qdrant") {
            return foreign(
                "\(name) is an archive of a storage folder, no snapshot: it holds \(names)",
                "no server recovers it over REST; it can only replace the storage folder of a server that is stopped")
        }
        return foreign("\(name) is an archive of something else, no snapshot of Qdrant: it holds \(names)", "choose another file")
    }

    private static func foreign(_ what: String, _ hint: String) -> Failure { Failure(.unfit, what, hint: hint) }
}
