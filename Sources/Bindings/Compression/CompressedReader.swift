import Synchronization

/// Reads gzip, zstd, lz4 or plain data in pieces, in constant memory. Blocking.
///
/// Truncation is an error, and so is a wrong checksum (gzip always has one, zstd and lz4 if their writer made one).
package final class CompressedReader: Sendable {
    /// What the data turned out to be.
    package let compression: Compression
    private let unpacker: any Unpacker
    private let failure = Mutex<(any Error)?>(nil)

    /// A file. If `expected` is given, anything else is an error: a file cut down to nothing looks like plain data.
    package convenience init(_ path: String, expecting expected: Compression? = nil) throws {
        let file = try FileReader(path)
        try self.init(named: path, expecting: expected) { try file.next() }
    }

    /// Data from anywhere else; `next` gives a piece that is not empty, and `nil` at the end.
    package init(
        named name: String, expecting expected: Compression? = nil, next: @escaping @Sendable () throws -> [UInt8]?
    ) throws {
        var beginning: [UInt8] = []
        while beginning.count < 4, let piece = try next() { beginning += piece }
        compression = Compression(startingWith: beginning)
        if let expected, expected != compression {
            throw CompressionError(
                .unexpected, name,
                beginning.isEmpty ? "is empty, and should be \(expected) data" : "is no \(expected) data (\(compression))")
        }
        let source = PackedSource(beginning: beginning, next: next)
        unpacker =
            switch compression {
            case .none: PlainUnpacker(source)
            case .gzip: try GzipUnpacker(name, source)
            case .zstd, .lz4: try ArchiveUnpacker(name, source, compression)
            }
    }

    /// The next unpacked piece of at most 1 MiB, `nil` after a whole and sound end. Once it has thrown it throws that again:
    /// nobody shall take damage for the end.
    package func next() throws -> [UInt8]? {
        try failure.withLock { failure in
            if let failure { throw failure }
            do {
                return try unpacker.next()
            } catch {
                failure = error
                throw error
            }
        }
    }
}

/// One way of unpacking.
protocol Unpacker: Sendable {
    func next() throws -> [UInt8]?
}

/// The packed bytes, the beginning that was looked at included.
final class PackedSource: Sendable {
    private let beginning: Mutex<[UInt8]>
    private let rest: @Sendable () throws -> [UInt8]?

    init(beginning: [UInt8], next: @escaping @Sendable () throws -> [UInt8]?) {
        self.beginning = Mutex(beginning)
        self.rest = next
    }

    func next() throws -> [UInt8]? {
        let first = beginning.withLock { beginning in
            defer { beginning = [] }
            return beginning
        }
        if !first.isEmpty { return first }
        while let piece = try rest() {
            if !piece.isEmpty { return piece }
        }
        return nil
    }
}

private struct PlainUnpacker: Unpacker {
    let source: PackedSource
    init(_ source: PackedSource) { self.source = source }
    func next() throws -> [UInt8]? { try source.next() }
}
