import Bindings
import Documents
import Recovery

/// A checksum that lies beside a snapshot: `FILE.checksum` of the server, `FILE.sha256` of sha256sum.
package struct SnapshotChecksum: Sendable, Equatable {
    /// Where it stands.
    package let path: String
    /// 64 lower-case hexadecimal digits; nil: the file is there and holds something else.
    package let sha256: String?

    /// All that lie beside a file.
    package static func beside(_ path: String) async throws -> [SnapshotChecksum] {
        try await blocking { _ in
            var found: [SnapshotChecksum] = []
            for place in ["\(path).checksum", "\(path).sha256"] {
                do {
                    let bytes = try Files.read(place, limit: 1 << 16)
                    found.append(SnapshotChecksum(path: place, sha256: digits(String(decoding: bytes, as: UTF8.self))))
                } catch let error as FileError where error.reason == .missing {
                    continue
                } catch let error as FileError {
                    throw Failure(.localStorage, "cannot read \(place.quoted), which lies beside the snapshot", cause: error)
                }
            }
            return found
        }
    }

    /// The first word, if it is a SHA-256: sha256sum puts the file's name behind it, and a backslash before it where the name is odd.
    static func digits(_ text: String) -> String? {
        let word = text.split(whereSeparator: \.isWhitespace).first.map { $0.hasPrefix("\\") ? $0.dropFirst() : $0 } ?? ""
        return Self.isSHA256(String(word)) ? word.lowercased() : nil
    }

    package static func isSHA256(_ text: String) -> Bool { text.utf8.count == 64 && text.allSatisfy { $0.isASCII && $0.isHexDigit } }
}
