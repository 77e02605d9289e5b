import CArchive
import Synchronization

/// zstd and lz4 by libarchive, with our own eye on where the data ends.
final class ArchiveUnpacker: Unpacker, @unchecked Sendable {
    // Unchecked: everything below is only touched in `turn`, the callback included, which runs inside libarchive's calls.
    private let turn = Mutex(())
    private let name: String
    private let compression: Compression
    private let source: PackedSource
    private let archive: OpaquePointer?
    /// The piece that libarchive is reading from.
    private var current: UnsafeMutableRawBufferPointer?
    private var walker = FrameWalker()
    private var sourceFailure: (any Error)?
    private var isOpen = false
    private var isAtEnd = false

    init(_ name: String, _ source: PackedSource, _ compression: Compression) throws {
        self.name = name
        self.source = source
        self.compression = compression
        archive = archive_read_new()
        guard archive != nil else { throw CompressionError(.failed, name, "cannot be unpacked: libarchive has no memory") }
    }

    deinit {
        archive_read_free(archive)
        current?.deallocate()
    }

    func next() throws -> [UInt8]? {
        try turn.withLock { _ in
            if !isOpen { try open() }
            if isAtEnd { return nil }
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, filled in
                count = archive_read_data(archive, buffer.baseAddress, buffer.count)
                filled = max(0, count)
            }
            if count < 0 || sourceFailure != nil { throw failure() }
            if count > 0 { return piece }
            try end()
            return nil
        }
    }

    private func open() throws {
        isOpen = true
        archive_read_support_format_raw(archive)
        // Named, not guessed: a guess that fails would hand the packed bytes on as if they were the data.
        let filter = compression == .zstd ? ARCHIVE_FILTER_ZSTD : ARCHIVE_FILTER_LZ4
        guard archive_read_append_filter(archive, filter) == ARCHIVE_OK else {
            throw CompressionError(.failed, name, "cannot be unpacked: this libarchive has no \(compression)")
        }
        let opened = archive_read_open(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, client, place in
                guard let client, let place else { return -1 }
                return Unmanaged<ArchiveUnpacker>.fromOpaque(client).takeUnretainedValue().give(place)
            }, nil)
        var entry: OpaquePointer?
        if opened == ARCHIVE_OK, archive_read_next_header(archive, &entry) == ARCHIVE_OK { return }
        guard sourceFailure == nil, walker.isBetweenFrames, !walker.holdsContent else { throw failure() }
        // Sound and empty: the raw format wants at least a byte.
        try end()
    }

    /// After the last unpacked byte: the packed ones have to end here too.
    private func end() throws {
        isAtEnd = true
        guard try nextPacked() == nil else { throw CompressionError(.damaged, name, "is damaged: more follows after its end") }
    }

    private func nextPacked() throws -> [UInt8]? {
        guard let piece = try source.next() else {
            guard walker.isBetweenFrames else {
                throw CompressionError(.truncated, name, "is cut off: it ends in the middle of its \(compression) data")
            }
            return nil
        }
        do throws(FrameWalker.Damage) {
            try walker.walk(piece)
        } catch {
            throw CompressionError(.damaged, name, "is damaged: there is something that is no \(compression) data in it")
        }
        return piece
    }

    private func give(_ place: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        current?.deallocate()
        current = nil
        do {
            guard let piece = try nextPacked() else { return 0 }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 16)
            copy.copyBytes(from: piece)
            current = copy
            place.pointee = UnsafeRawPointer(copy.baseAddress)
            return piece.count
        } catch {
            sourceFailure = error
            return -1
        }
    }

    private func failure() -> any Error {
        isAtEnd = true
        if let sourceFailure { return sourceFailure }
        let why = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
        return CompressionError(.damaged, name, "is damaged: \(why)")
    }
}
