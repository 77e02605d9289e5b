import CArchive
import Glibc

/// Reads a tar archive entry by entry, in constant memory. Blocking; used on one thread.
///
/// Unlike libarchive it wants the end to be one: two empty blocks, and nothing behind them. Where there are writers that leave them out it
/// wants at least that nothing else is there.
package final class ArchiveReader {
    struct Block {
        let bytes: UnsafeRawBufferPointer
        let offset: Int64
    }

    /// How an archive ends.
    package enum Ending: Sendable {
        /// By two empty blocks or more.
        case marked
        /// So, or with its last entry.
        case anywhere
    }

    /// The file, or the entry of another archive and the file.
    package let name: String
    let flag: CancellationFlag
    private let file: ArchiveFile?
    private let packed: PackedArchive?
    private let feed: ArchiveFeed
    private let archive: OpaquePointer?
    private var failure: (any Error)?
    private var entry: ArchiveEntry?
    /// Behind what was read of the entry's data.
    private var position: Int64 = 0
    private var isAtEnd = false
    private var entryDigest: SHA256?
    /// Whether what is read of an entry's data is hashed; an entry with holes is read without them.
    private let hashesEntries: Bool
    private let ending: Ending
    /// Tools fill up the end, to 10 KiB as a rule; a disk that lost data does so without end.
    private static let mostZerosAtEnd: Int64 = 1 << 20

    /// - Parameters:
    ///   - hashing: reads every byte and hashes it; otherwise entries that nobody reads are seeked over.
    ///   - flag: ends the reading with `CancellationError`.
    package convenience init(_ path: String, hashing: Bool, until flag: CancellationFlag) throws {
        let file = try ArchiveFile(path, hashing: hashing, flag)
        try self.init(path, file, file, .marked, flag, hashesEntries: false)
    }

    /// One that is packed as a whole, and whose entries are hashed: `endOfEntry`.
    ///
    /// - Parameter flag: ends the reading with `CancellationError`.
    package convenience init(packed path: String, _ compression: Compression, until flag: CancellationFlag) throws {
        let packed = try PackedArchive(path, compression, flag)
        try self.init(path, packed, nil, packed: packed, .marked, flag, hashesEntries: true)
    }

    private init(
        _ name: String, _ source: any ArchiveSource, _ file: ArchiveFile?, packed: PackedArchive? = nil, _ ending: Ending,
        _ flag: CancellationFlag, hashesEntries: Bool
    ) throws {
        self.name = name
        self.hashesEntries = hashesEntries
        self.ending = ending
        self.flag = flag
        self.file = file
        self.packed = packed
        feed = ArchiveFeed(source)
        archive = archive_read_new()
        guard archive_read_support_format_tar(archive) == ARCHIVE_OK else {
            throw ArchiveError(.failed, name, "cannot be read: libarchive has no memory")
        }
        if feed.open(archive) != ARCHIVE_OK { failure = error(whereFirst: .notAnArchive) }
    }

    deinit { archive_read_free(archive) }

    /// Up to 512 bytes from its beginning, as far as it was read.
    package var beginning: [UInt8] { feed.beginning }
    /// Of the file, if it is one.
    package var size: Int64 { file?.size ?? feed.length }
    /// Of the file as it lies there, once `next` has returned nil; nil if it is not hashed.
    package var sha256: String? { file?.sha256 ?? packed?.sha256 }

    /// The next entry, nil after a sound end. Once it has thrown it throws that again.
    package func next() throws -> ArchiveEntry? {
        if let failure { throw failure }
        if isAtEnd { return nil }
        do {
            try flag.check()
            let isFirst = entry == nil
            entry = try header(isFirst: isFirst)
            position = 0
            if hashesEntries { entryDigest = SHA256() }
            if entry == nil { try checkEnd() }
            return entry
        } catch {
            failure = error
            throw error
        }
    }

    private func header(isFirst: Bool) throws -> ArchiveEntry? {
        var header: OpaquePointer?
        let code = archive_read_next_header(archive, &header)
        switch code {
        // A warning is about attributes of files that we do not use, or about a name that is checked here.
        case ARCHIVE_OK, ARCHIVE_WARN: break
        case ARCHIVE_EOF: return nil
        default: throw error(whereFirst: isFirst ? .notAnArchive : .damaged)
        }
        guard let name = archive_entry_pathname(header).flatMap({ String(validatingCString: $0) }) else {
            throw ArchiveError(.damaged, name, "is damaged: an entry has no readable name")
        }
        let size = archive_entry_size(header)
        guard size >= 0 else { throw ArchiveError(.damaged, self.name, "is damaged: an entry has a size below zero") }
        return ArchiveEntry(
            name: name, kind: Self.kind(header), size: size, hasHoles: archive_entry_sparse_count(header) > 0,
            mode: UInt32(archive_entry_perm(header)) & 0o7777, owner: UInt32(truncatingIfNeeded: archive_entry_uid(header)),
            group: UInt32(truncatingIfNeeded: archive_entry_gid(header)))
    }

    private static func kind(_ header: OpaquePointer?) -> ArchiveEntry.Kind {
        if archive_entry_hardlink(header) != nil || archive_entry_symlink(header) != nil { return .link }
        return switch archive_entry_filetype(header) {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        default: .other
        }
    }

    /// libarchive takes an archive that ends between two entries, or in the blocks that end it, for a whole one.
    private func checkEnd() throws {
        isAtEnd = true
        let start = archive_read_header_position(archive)
        guard try feed.endsInZeros(from: start, atMost: Self.mostZerosAtEnd) else {
            throw ArchiveError(.damaged, name, "is damaged: something follows its end")
        }
        guard ending == .marked || feed.length < start else { return }
        guard feed.length - start >= 1024, (feed.length - start).isMultiple(of: 512) else {
            throw ArchiveError(.truncated, name, "is cut off: the empty blocks that end an archive are not all there")
        }
    }

    /// The next of the entry's data that is no hole, nil at its end. Valid until the next call of anything.
    func nextBlock() throws -> Block? {
        if let failure { throw failure }
        do {
            try flag.check()
            return try dataBlock()
        } catch {
            failure = error
            throw error
        }
    }

    private func dataBlock() throws -> Block? {
        while true {
            var (bytes, count, offset): (UnsafeRawPointer?, Int, Int64) = (nil, 0, 0)
            switch archive_read_data_block(archive, &bytes, &count, &offset) {
            case ARCHIVE_OK: break
            case ARCHIVE_EOF:
                guard let entry, entry.hasHoles || position == entry.size else {
                    throw ArchiveError(.truncated, name, "is cut off: it ends within '\(entry?.name ?? "")'")
                }
                return nil
            default: throw error(whereFirst: .damaged)
            }
            guard count > 0 else { continue }
            guard let entry, offset >= position, offset <= entry.size, Int64(count) <= entry.size - offset else {
                throw ArchiveError(.damaged, name, "is damaged: the holes of '\(entry?.name ?? "")' lie where they cannot")
            }
            position = offset + Int64(count)
            let block = UnsafeRawBufferPointer(start: bytes, count: count)
            entryDigest?.update(RawSpan(_unsafeBytes: block))
            return Block(bytes: block, offset: offset)
        }
    }

    /// Reads what nobody has read of the entry. The SHA-256 of all its data; nil when entries are not hashed.
    package func endOfEntry() throws -> String? {
        while try nextBlock() != nil {}
        return entryDigest?.hexDigest()
    }

    /// Hands over the entry's data in pieces with their places, holes left out.
    package func forEachPiece(_ body: (_ offset: Int64, _ bytes: [UInt8]) throws -> Void) throws {
        while let block = try nextBlock() { try body(block.offset, Array(block.bytes)) }
    }

    /// The entry's data whole, its holes as zeros. Throws `.tooLarge` without reading it when it is more than that.
    package func read(upTo limit: Int) throws -> [UInt8] {
        guard let entry, entry.size <= limit else {
            throw ArchiveError(.tooLarge, name, "has an entry '\(entry?.name ?? "")' of more than \(limit) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(entry.size))
        while let block = try nextBlock() {
            bytes.replaceSubrange(Int(block.offset)..<Int(block.offset) + block.bytes.count, with: block.bytes)
        }
        return bytes
    }

    /// The entry's data as an archive of its own; to be read to its end before this one goes on.
    package func archiveInEntry(ending: Ending = .marked) throws -> ArchiveReader {
        if let failure { throw failure }
        guard let entry else { throw ArchiveError(.failed, name, "has no entry that is being read") }
        return try ArchiveReader("'\(entry.name)' in \(name)", ArchiveInEntry(self, entry), nil, ending, flag, hashesEntries: false)
    }

    private func error(whereFirst reason: ArchiveError.Reason) -> any Error {
        if let failure = feed.failure { return failure }
        let why = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
        // "Truncated tar archive", "truncated header"
        if why.lowercased().hasPrefix("truncated"), reason != .notAnArchive || feed.length >= Int64(ArchiveFeed.beginningLength) {
            return ArchiveError(.truncated, name, "is cut off: it ends within an entry")
        }
        return ArchiveError(reason, name, reason == .notAnArchive ? "is no tar archive (\(why))" : "is damaged (\(why))")
    }
}
