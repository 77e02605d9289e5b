import Synchronization

/// A data file that is read by whichever thread has the time. Blocking.
final class OpenLines: Sendable {
    private let lines: Mutex<DataLines>

    init(_ path: String, isPacked: Bool) throws { lines = Mutex(try DataLines(path, isPacked: isPacked)) }

    /// Whole lines with their ends; nil behind the last.
    func next() throws -> [UInt8]? {
        try lines.withLock { lines in
            var piece: [UInt8] = []
            return try lines.next { bytes, range in piece = Array(bytes[range]) } ? piece : nil
        }
    }
}
