import Synchronization

/// Bytes that come and go in pieces.
final class Pieces: Sendable {
    private let pieces: Mutex<[[UInt8]]>

    init(_ pieces: [[UInt8]]) { self.pieces = Mutex(pieces) }

    var all: [UInt8] { pieces.withLock { $0.flatMap(\.self) } }

    @Sendable func add(_ piece: [UInt8]) { pieces.withLock { $0.append(piece) } }
    @Sendable func next() -> [UInt8]? { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
