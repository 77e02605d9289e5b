import CArchive

/// Hands an archive to libarchive and remembers what libarchive does not tell: how it began, and where its zeros at the end begin.
final class ArchiveFeed {
    private let source: any ArchiveSource
    /// Why there was nothing to hand over; libarchive only learns that there was not.
    private(set) var failure: (any Error)?
    private(set) var beginning: [UInt8] = []
    /// How much there has been so far.
    private(set) var length: Int64 = 0
    /// Behind the last byte seen that is not zero.
    private(set) var endOfContent: Int64 = 0
    static let beginningLength = 512

    init(_ source: any ArchiveSource) { self.source = source }

    /// What libarchive has not asked for.
    func next() throws -> UnsafeRawBufferPointer? {
        guard let piece = try source.next() else { return nil }
        if beginning.count < Self.beginningLength { beginning += piece.prefix(Self.beginningLength - beginning.count) }
        if let last = piece.lastIndex(where: { $0 != 0 }) { endOfContent = length + Int64(last) + 1 }
        length += Int64(piece.count)
        return piece
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
