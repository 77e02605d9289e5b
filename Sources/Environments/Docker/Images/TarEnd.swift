import Documents
import Synchronization

/// Watches whether an archive ends as one. An engine that cannot go on writes its error behind what it has sent of the archive.
final class TarEnd: Sendable {
    private let last = Mutex<[UInt8]>([])

    /// Longer than any error.
    private static let watched = 64 << 10

    func take(_ bytes: [UInt8]) {
        last.withLock { last in
            last += bytes
            if last.count > 4 * Self.watched { last.removeFirst(last.count - Self.watched) }
        }
    }

    /// Two blocks of zeros close every tar archive.
    var isWhole: Bool { last.withLock { $0.count >= 1024 && $0.suffix(1024).allSatisfy { $0 == 0 } } }

    /// What the engine wrote in place of the end.
    var words: String? {
        let bytes = last.withLock { $0 }
        guard let start = bytes.firstRange(of: Array(#"{"errorDetail""#.utf8)) else { return nil }
        let line = bytes[start.lowerBound...].prefix { $0 != 10 && $0 != 13 }
        return (try? JSONValue(parsing: Array(line)))?.engineError
    }
}
