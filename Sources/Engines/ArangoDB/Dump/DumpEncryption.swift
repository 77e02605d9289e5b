import Documents
import Recovery

/// What the file `ENCRYPTION` says.
enum DumpEncryption {
    /// Throws `Failure(.unfit)` for anything but `none`.
    static func check(_ text: [UInt8], of words: String) throws {
        let name = String(decoding: text, as: UTF8.self).trimmed
        guard name != "none" else { return }
        guard !name.isEmpty else {
            throw Failure(.damaged, "the file ENCRYPTION of \(words) is empty", hint: "the disk was full, or the copy ended too early")
        }
        throw Failure(
            .unfit, "\(words) is encrypted with \(name.clipped(to: 40)), and nobody but the tools of ArangoDB can read it",
            hint:
                "restore it with arangorestore --encryption.keyfile FILE into a server that can be lost, and dump it there without encryption"
        )
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
