import Bindings
import Recovery

/// A file of lines packed with zstd: points one by one, or their fingerprints.
struct LineWriter: Sendable {
    let path: String
    private let writer: CompressedWriter
    private let what: String

    /// `what` is for the words of failures: `the points of collection 'books'`.
    init(creating path: String, of what: String) async throws {
        self.path = path
        self.what = what
        do { writer = try await blocking { _ in try CompressedWriter(creating: path, level: 1) } } catch { throw Self.failure(what, error) }
    }

    /// Bytes of whole lines, with their ends.
    func write(_ bytes: [UInt8]) async throws {
        do { try await blocking { [writer] _ in try writer.write(bytes) } } catch { throw Self.failure(what, error) }
    }

    func finish() async throws {
        do { try await blocking { [writer] _ in try writer.finish() } } catch { throw Self.failure(what, error) }
    }

    private static func failure(_ what: String, _ error: any Error) -> Failure {
        Failure(.localStorage, "cannot write \(what)", hint: "check the disk of the store", cause: "\(error)" as PlainReason)
    }
}

/// A reason in words.
struct PlainReason: Error, CustomStringConvertible, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let description: String
    init(stringLiteral value: String) { description = value }
}

/// Reads such a file, many lines at a time, in constant memory.
actor LineReader {
    private let reader: CompressedReader
    private let what: String
    private var rest: [UInt8] = []
    private var isAtEnd = false

    /// Nothing of Qdrant's that fits a request of 32 MB is longer.
    private static let longestLine = 64 << 20

    init(_ path: String, of what: String) async throws {
        self.what = what
        do { reader = try await blocking { _ in try CompressedReader(path, expecting: .zstd) } } catch { throw Self.damaged(what, error) }
    }

    /// Whole lines without their ends, in ranges of one buffer; nil at the end. Throws `Failure(.damaged)`.
    func next() async throws -> Lines? {
        while !isAtEnd {
            let piece: [UInt8]?
            do { piece = try await blocking { [reader] _ in try reader.next() } } catch { throw Self.damaged(what, error) }
            guard let piece else {
                isAtEnd = true
                guard rest.isEmpty else { throw Self.damaged(what, "its last line is cut off" as PlainReason) }
                return nil
            }
            rest += piece
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else {
                guard rest.count <= Self.longestLine else { throw Self.damaged(what, "it has a line without an end" as PlainReason) }
                continue
            }
            let lines = Lines(bytes: Array(rest[...end]))
            rest = Array(rest[(end + 1)...])
            return lines
        }
        return nil
    }

    private static func damaged(_ what: String, _ error: any Error) -> Failure {
        Failure(
            .damaged, "\(what) in the backup cannot be read", hint: "choose another backup; `lifeboat backups list` shows them",
            cause: "\(error)" as PlainReason)
    }
}

/// Whole lines in one buffer.
struct Lines: Sendable {
    let bytes: [UInt8]
    let ranges: [Range<Int>]

    init(bytes: [UInt8]) {
        self.bytes = bytes
        var ranges: [Range<Int>] = []
        var start = 0
        let span = bytes.span
        for index in 0..<span.count where span[index] == UInt8(ascii: "\n") {
            ranges.append(start..<index)
            start = index + 1
        }
        self.ranges = ranges
    }
}
