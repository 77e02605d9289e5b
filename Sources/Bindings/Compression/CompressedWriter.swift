import CArchive
import Synchronization

/// Packs what is written to it, in constant memory, into a new file or any other sink. Blocking.
package final class CompressedWriter: @unchecked Sendable {
    // Unchecked: everything below is only touched in `turn`, the callback included, which runs inside libarchive's calls.
    private let turn = Mutex(())
    private let name: String
    private let archive: OpaquePointer?
    private let sink: @Sendable (RawSpan) throws -> Void
    private let file: FileWriter?
    private var sinkFailure: (any Error)?
    private var isFinished = false

    /// A file whose name must be free; what is not finished is removed. zstd of level 3 on all processors unless told
    /// otherwise; `level` is the method's own scale. lz4 is refused: libarchive 3.6 crashes when it packs nothing with it.
    package convenience init(
        creating path: String, _ compression: Compression = .zstd, level: Int? = nil, threads: Int = Machine.processorCount,
        mode: UInt32 = 0o600
    ) throws {
        let file = try FileWriter(creating: path, mode: mode)
        try self.init(path, compression, level, threads, file) { try file.write($0) }
    }

    /// Hands the packed bytes to `sink`, in pieces, during `write` and `finish`.
    package convenience init(
        named name: String, _ compression: Compression = .zstd, level: Int? = nil, threads: Int = 1,
        into sink: @escaping @Sendable ([UInt8]) throws -> Void
    ) throws {
        try self.init(name, compression, level, threads, nil) { piece in
            try sink(piece.withUnsafeBytes { Array($0) })
        }
    }

    private init(
        _ name: String, _ compression: Compression, _ level: Int?, _ threads: Int, _ file: FileWriter?,
        _ sink: @escaping @Sendable (RawSpan) throws -> Void
    ) throws {
        self.name = name
        self.file = file
        self.sink = sink
        archive = archive_write_new()
        guard archive_write_set_format_raw(archive) == ARCHIVE_OK else {
            throw CompressionError(.failed, name, "cannot be packed: libarchive has no memory")
        }
        // Without this the end would be filled up with zeros to a whole block.
        archive_write_set_bytes_in_last_block(archive, 1)
        let added =
            switch compression {
            case .none: ARCHIVE_OK  // adding the filter "none" by name breaks the archive
            case .gzip: archive_write_add_filter_gzip(archive)
            case .zstd: archive_write_add_filter_zstd(archive)
            case .lz4: throw CompressionError(.failed, name, "cannot be packed as lz4: we only read that")
            }
        var options: [String] = []
        switch compression {
        case .zstd: options = ["zstd:compression-level=\(level ?? 3)", "zstd:threads=\(max(1, threads))"]
        case .gzip: options = ["gzip:compression-level=\(level ?? 6)", "gzip:!timestamp"]
        case .none, .lz4: break
        }
        guard added == ARCHIVE_OK, options.allSatisfy({ archive_write_set_options(archive, $0) == ARCHIVE_OK }) else {
            throw CompressionError(.failed, name, "cannot be packed: this libarchive refuses \(compression) (\(message))")
        }
        let entry = archive_entry_new()
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, "data")
        archive_entry_set_filetype(entry, UInt32(S_IFREG))
        let opened = archive_write_open(
            archive, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, client, bytes, count in
                guard let client else { return -1 }
                return Unmanaged<CompressedWriter>.fromOpaque(client).takeUnretainedValue().take(bytes, count)
            }, nil)
        guard opened == ARCHIVE_OK, archive_write_header(archive, entry) == ARCHIVE_OK else { throw failure() }
    }

    deinit {
        // Freeing writes what is still held back: not any more.
        if !isFinished { archive_write_fail(archive) }
        archive_write_free(archive)
    }

    package func write(_ bytes: RawSpan) throws {
        try turn.withLock { _ in
            try bytes.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty {
                    let count = archive_write_data(archive, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    guard count > 0, sinkFailure == nil else { throw failure() }
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    package func write(_ bytes: [UInt8]) throws { try write(bytes.span.bytes) }

    package func write(_ bytes: ArraySlice<UInt8>) throws { try write(bytes.span.bytes) }

    /// Writes the end. A file is on disk when this returns; its folder is not synced: `Files.publish` does that.
    package func finish() throws {
        try turn.withLock { _ in
            guard archive_write_close(archive) == ARCHIVE_OK, sinkFailure == nil else { throw failure() }
            isFinished = true
        }
        try file?.finish()
    }

    private func take(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        guard sinkFailure == nil else { return -1 }
        do {
            try sink(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: bytes, count: count)))
            return count
        } catch {
            sinkFailure = error
            return -1
        }
    }

    private var message: String { archive_error_string(archive).map { String(cString: $0) } ?? "unknown error" }

    private func failure() -> any Error {
        sinkFailure ?? CompressionError(.failed, name, "cannot be packed: \(message)")
    }
}
