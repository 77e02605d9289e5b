import Glibc

/// Where the bytes of an archive come from.
protocol ArchiveSource: AnyObject {
    /// The next bytes, valid until the next call; nil at the end.
    func next() throws -> UnsafeRawBufferPointer?
    /// Leaves out up to so many bytes; how many it were, which may be none.
    func skip(_ count: Int64) throws -> Int64
}

/// A file: read once from its beginning, hashed on the way, or seeking over what nobody wants to see.
final class ArchiveFile: ArchiveSource {
    private let file: FileReader
    private let flag: CancellationFlag
    private let digest: SHA256?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    let size: Int64
    private var position: Int64 = 0

    init(_ path: String, hashing: Bool, _ flag: CancellationFlag) throws {
        file = try FileReader(path)
        size = try file.status().bytes
        self.flag = flag
        digest = hashing ? SHA256() : nil
    }

    deinit { buffer.deallocate() }

    func next() throws -> UnsafeRawBufferPointer? {
        try flag.check()
        let count = try FileError.naming("read", file.path) { () throws(ErrorNumber) in try file.descriptor.read(into: buffer) }
        guard count > 0 else { return nil }
        position += Int64(count)
        let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        digest?.update(RawSpan(_unsafeBytes: piece))
        return piece
    }

    func skip(_ count: Int64) throws -> Int64 {
        try flag.check()
        // Every byte has to pass to be hashed. Seeking beyond the end would succeed and hide that it comes too early.
        let skipped = digest == nil ? max(0, min(count, size - position)) : 0
        guard skipped > 0 else { return 0 }
        try FileError.naming("read", file.path) { () throws(ErrorNumber) in
            try checked { lseek(file.descriptor.number, off_t(skipped), SEEK_CUR) }
        }
        position += skipped
        return skipped
    }

    /// Of all that has passed.
    var sha256: String? { digest?.hexDigest() }
}

/// The data of an entry of another archive, its holes as zeros.
final class ArchiveInEntry: ArchiveSource {
    private let outer: ArchiveReader
    private let size: Int64
    private var position: Int64 = 0
    private var waiting: ArchiveReader.Block?
    private let hole: UnsafeMutableRawBufferPointer

    init(_ outer: ArchiveReader, _ entry: ArchiveEntry) {
        self.outer = outer
        size = entry.size
        hole = .allocate(byteCount: 1 << 16, alignment: 16)
        hole.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { hole.deallocate() }

    func next() throws -> UnsafeRawBufferPointer? {
        if waiting == nil { waiting = try outer.nextBlock() }
        let gap = (waiting?.offset ?? size) - position
        if gap > 0 {
            // An archive of nothing but holes can be of any length; its reader gives up on it, and so may who waits for it.
            try outer.flag.check()
            let count = Int(min(gap, Int64(hole.count)))
            position += Int64(count)
            return UnsafeRawBufferPointer(rebasing: hole[..<count])
        }
        guard let block = waiting else { return nil }
        waiting = nil
        position += Int64(block.bytes.count)
        return block.bytes
    }

    func skip(_ count: Int64) -> Int64 { 0 }
}

/// A packed file: what comes out when it is unpacked. A damaged one throws `CompressionError`. The packed bytes are hashed on the way.
final class PackedArchive: ArchiveSource {
    private let reader: CompressedReader
    private let digest = SHA256()
    private let flag: CancellationFlag
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    private var rest: ArraySlice<UInt8> = []

    init(_ path: String, _ compression: Compression, _ flag: CancellationFlag) throws {
        let file = try FileReader(path)
        reader = try CompressedReader(named: path, expecting: compression) { [digest] in
            let piece = try file.next()
            if let piece { digest.update(piece) }
            return piece
        }
        self.flag = flag
    }

    deinit { buffer.deallocate() }

    func next() throws -> UnsafeRawBufferPointer? {
        try flag.check()
        if rest.isEmpty { rest = try reader.next()?[...] ?? [] }
        guard !rest.isEmpty else { return nil }
        let piece = rest.prefix(buffer.count)
        piece.withUnsafeBytes { buffer.copyMemory(from: $0) }
        rest = rest.dropFirst(piece.count)
        return UnsafeRawBufferPointer(rebasing: buffer[..<piece.count])
    }

    func skip(_ count: Int64) -> Int64 { 0 }

    /// Of all that has passed.
    var sha256: String { digest.hexDigest() }
}
