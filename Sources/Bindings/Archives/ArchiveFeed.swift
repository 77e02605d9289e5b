import CArchive

/// Hands an archive to libarchive and remembers what libarchive does not tell: how it began, and what is behind its end.
final class ArchiveFeed {
    private let source: any ArchiveSource
    /// Why there was nothing to hand over; libarchive only learns that there was not.
    private(set) var failure: (any Error)?
    private(set) var beginning: [UInt8] = []
    /// How much there has been so far.
    private(set) var length: Int64 = 0
    /// What libarchive reads from, and where it began.
    private var current = UnsafeRawBufferPointer(start: nil, count: 0)
    private var currentStart: Int64 = 0
    /// Behind a byte that is not zero and stood near the end of a piece: nearer than the blocks that end an archive are long.
    private var lastContent: Int64 = 0
    static let beginningLength = 512
    private static let endLength = 1024

    init(_ source: any ArchiveSource) { self.source = source }

    private func next() throws -> UnsafeRawBufferPointer? {
        guard let piece = try source.next() else { return nil }
        if beginning.count < Self.beginningLength { beginning += piece.prefix(Self.beginningLength - beginning.count) }
        (current, currentStart) = (piece, length)
        length += Int64(piece.count)
        // Only the piece that libarchive ends in is looked at whole, and what it did not read of the one before.
        if let last = piece.suffix(Self.endLength).lastIndex(where: { $0 != 0 }) { lastContent = currentStart + Int64(last) + 1 }
        return piece
    }

    /// Reads on to the end, once libarchive has found one. Whether there is nothing but zeros behind that place, and no more than so many.
    func endsInZeros(from start: Int64, atMost limit: Int64) throws -> Bool {
        func isEmpty(_ bytes: UnsafeRawBufferPointer.SubSequence) -> Bool { bytes.allSatisfy { $0 == 0 } }
        guard lastContent <= start, isEmpty(current.dropFirst(Int(max(0, start - currentStart)))) else { return false }
        while let piece = try next() {
            guard isEmpty(piece[...]), length - start <= limit else { return false }
        }
        return true
    }

    func open(_ archive: OpaquePointer?) -> Int32 {
        archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
        archive_read_set_read_callback(archive) { _, client, place in
            guard let client, let place else { return -1 }
            return Unmanaged<ArchiveFeed>.fromOpaque(client).takeUnretainedValue().give(place)
        }
        archive_read_set_skip_callback(archive) { _, client, count in
            guard let client else { return 0 }
            return Unmanaged<ArchiveFeed>.fromOpaque(client).takeUnretainedValue().skip(count)
        }
        return archive_read_open1(archive)
    }

    private func give(_ place: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        guard failure == nil else { return -1 }
        do {
            guard let piece = try next() else { return 0 }
            place.pointee = piece.baseAddress
            return piece.count
        } catch {
            failure = error
            return -1
        }
    }

    private func skip(_ count: Int64) -> Int64 {
        guard failure == nil else { return -1 }
        do {
            let skipped = try source.skip(count)
            length += skipped
            return skipped
        } catch {
            failure = error
            return -1
        }
    }
}
