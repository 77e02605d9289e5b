import Glibc

/// An open file that is read in pieces. Blocking. Closed when nobody holds it any more.
package final class FileReader: Sendable {
    package let path: String
    let descriptor: Descriptor

    /// Opens a regular file; anything else (a pipe could block for ever) is `.notAFile`.
    package init(_ path: String, from offset: Int64 = 0) throws(FileError) {
        self.path = path
        // Not blocking: opening a pipe would otherwise wait for its writer. Regular files do not care.
        self.descriptor = try FileError.naming("read", path) { () throws(ErrorNumber) in
            try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
        }
        let status = try status()
        switch status.kind {
        case .file: break
        case .folder: throw FileError("read", path, .isAFolder)
        case .symbolicLink, .other: throw FileError("read", path, .notAFile, "it is no regular file")
        }
        if offset > 0 {
            try FileError.naming("read", path) { () throws(ErrorNumber) in try checked { lseek(descriptor.number, off_t(offset), SEEK_SET) }
            }
        }
    }

    /// Of the file that is open, whatever happened to its name since.
    package func status() throws(FileError) -> FileStatus {
        try FileError.naming("look at", path) { () throws(ErrorNumber) in try FileStatus(of: descriptor) }
    }

    /// The next piece of at most `limit` bytes, `nil` at the end.
    package func next(upTo limit: Int = 1 << 20) throws(FileError) -> [UInt8]? {
        var failure: ErrorNumber?
        let piece = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(ErrorNumber) {
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
                count = 0
            }
        }
        if let failure { throw FileError("read", path, failure) }
        return piece.isEmpty ? nil : piece
    }

    /// Hands the rest to `body` in pieces of at most 1 MiB, all in the same memory.
    package func forEachPiece(_ body: (RawSpan) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try FileError.naming("read", path) { () throws(ErrorNumber) in try descriptor.read(into: buffer) }
            if count == 0 { return }
            try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
        }
    }
}
