import Bindings
import Recovery

/// The lines of a data file, many at a time. Blocking.
struct DataLines {
    /// Damage of a file, or a file that cannot be read.
    enum Trouble: Error {
        case damaged(String)
        case unreadable(FileError)
    }

    private let reader: CompressedReader
    private var buffer: [UInt8] = []
    /// What of the buffer was handed out.
    private var used = 0
    private var isAtEnd = false

    /// No server takes a request that is larger.
    private static let longestLine = 1 << 30

    init(_ path: String, isPacked: Bool) throws(Trouble) {
        do { reader = try CompressedReader(path, expecting: isPacked ? .gzip : Compression.none) } catch { throw Self.trouble(error, path) }
        self.path = path
    }
    private let path: String

    /// Hands whole lines with their ends to `use`, in the same memory again and again; false behind the last.
    mutating func next(_ use: (_ bytes: [UInt8], _ range: Range<Int>) throws -> Void) throws -> Bool {
        buffer.removeFirst(used)
        used = 0
        while !isAtEnd {
            let piece: [UInt8]?
            do { piece = try reader.next() } catch { throw Self.trouble(error, path) }
            guard let piece else {
                isAtEnd = true
                guard buffer.isEmpty else { throw Trouble.damaged("its last line is cut off: it does not end with a line break") }
                return false
            }
            let before = buffer.count
            buffer += piece
            guard let end = piece.lastIndex(of: UInt8(ascii: "\n")) else {
                guard buffer.count <= Self.longestLine else { throw Trouble.damaged("it has a line that does not end") }
                continue
            }
            used = before + end + 1
            try use(buffer, 0..<used)
            return true
        }
        return false
    }

    private static func trouble(_ error: any Error, _ path: String) -> Trouble {
        switch error {
        case let error as CompressionError: .damaged(String(error.description.dropFirst(path.count + 1)))
        case let error as FileError: .unreadable(error)
        default: .damaged("\(error)")
        }
    }
}
