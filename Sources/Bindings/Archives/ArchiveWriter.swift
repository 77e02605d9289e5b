import CArchive
import Glibc

/// Writes a tar archive packed with zstd, in constant memory. Blocking; used on one thread.
///
/// GNU's form: names of any length go in byte by byte, whatever the locale is.
package final class ArchiveWriter {
    private let packed: CompressedWriter
    private let archive: OpaquePointer?
    private let name: String
    private var failure: (any Error)?
    private var isClosed = false

    /// A file whose name must be free; what is not finished is removed.
    package init(creating path: String, level: Int? = nil) throws {
        name = path
        packed = try CompressedWriter(creating: path, level: level)
        archive = archive_write_new()
        guard archive_write_set_format_gnutar(archive) == ARCHIVE_OK else { throw error() }
        let opened = archive_write_open(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, client, bytes, count in
                guard let client else { return -1 }
                return Unmanaged<ArchiveWriter>.fromOpaque(client).takeUnretainedValue().take(bytes, count)
            }, nil)
        guard opened == ARCHIVE_OK else { throw error() }
    }

    deinit {
        // Freeing writes what is still held back: not any more.
        if !isClosed { archive_write_fail(archive) }
        archive_write_free(archive)
    }

    package func addFolder(_ name: String, _ status: FileStatus) throws { try header(name, status, size: 0, S_IFDIR) }

    /// Throws when the file has become shorter or longer than `status` says. The SHA-256 of what went in.
    package func addFile(_ name: String, _ status: FileStatus, from reader: FileReader, until flag: CancellationFlag) throws -> String {
        try header(name, status, size: status.bytes, S_IFREG)
        let digest = SHA256()
        var rest = status.bytes
        try reader.forEachPiece { piece in
            try flag.check()
            guard Int64(piece.byteCount) <= rest else { throw Self.changed(reader.path) }
            rest -= Int64(piece.byteCount)
            digest.update(piece)
            try piece.withUnsafeBytes { bytes in
                let written = archive_write_data(archive, bytes.baseAddress, bytes.count)
                guard written == bytes.count, failure == nil else { throw error() }
            }
        }
        guard rest == 0 else { throw Self.changed(reader.path) }
        return digest.hexDigest()
    }

    /// Writes the end; the file is on disk when this returns. Its folder is not synced.
    package func finish() throws {
        guard archive_write_close(archive) == ARCHIVE_OK, failure == nil else { throw error() }
        isClosed = true
        try packed.finish()
    }

    private static func changed(_ path: String) -> FileError { FileError("read", path, .other, "its size changed meanwhile") }

    private func header(_ name: String, _ status: FileStatus, size: Int64, _ type: mode_t) throws {
        let entry = archive_entry_new()
        defer { archive_entry_free(entry) }
        archive_entry_copy_pathname(entry, name)
        archive_entry_set_filetype(entry, UInt32(type))
        archive_entry_set_perm(entry, mode_t(status.mode))
        archive_entry_set_size(entry, size)
        archive_entry_set_uid(entry, Int64(status.owner))
        archive_entry_set_gid(entry, Int64(status.group))
        archive_entry_set_mtime(entry, time_t(status.modified.secondsSince1970), 0)
        guard archive_write_header(archive, entry) == ARCHIVE_OK, failure == nil else { throw error() }
    }

    private func take(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        guard failure == nil else { return -1 }
        do {
            try packed.write(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: bytes, count: count)))
            return count
        } catch {
            failure = error
            return -1
        }
    }

    private func error() -> any Error {
        failure
            ?? ArchiveError(
                .failed, name, "cannot be written: \(archive_error_string(archive).map { String(cString: $0) } ?? "unknown error")")
    }
}
