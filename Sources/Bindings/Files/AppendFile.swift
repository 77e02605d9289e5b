import CSystem
import Glibc
import Synchronization

/// A file that only grows, such as a journal. Blocking. One writer at a time; closed when nobody holds it any more.
package final class AppendFile: Sendable {
    package let path: String
    private let descriptor: Descriptor
    private let turn = Mutex(())

    /// A new file; the name must be free.
    package static func create(_ path: String, mode: UInt32 = 0o600) throws(FileError) -> AppendFile {
        try AppendFile(path, "create", O_RDWR | O_APPEND | O_CREAT | O_EXCL, mode)
    }

    /// A file that exists.
    package static func open(_ path: String) throws(FileError) -> AppendFile {
        try AppendFile(path, "open", O_RDWR | O_APPEND | O_NOFOLLOW, 0)
    }

    private init(_ path: String, _ operation: String, _ flags: Int32, _ mode: UInt32) throws(FileError) {
        self.path = path
        self.descriptor = try FileError.naming(operation, path) { () throws(ErrorNumber) in
            try Descriptor.open(path, flags, mode: mode)
        }
    }

    package func size() throws(FileError) -> Int64 {
        try FileError.naming("look at", path) { () throws(ErrorNumber) in try FileStatus(of: descriptor).bytes }
    }

    /// Adds bytes at the end. When this throws a part of them may be there: cut it off with `truncate`.
    package func append(_ bytes: [UInt8]) throws(FileError) {
        let failure = turn.withLock { _ -> ErrorNumber? in
            do throws(ErrorNumber) {
                try descriptor.write(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw FileError("append to", path, failure) }
    }

    /// On disk when this returns.
    package func sync() throws(FileError) {
        try FileError.naming("write to disk", path) { () throws(ErrorNumber) in try checked { fdatasync(descriptor.number) } }
    }

    /// Makes sure that this many more bytes find room, without changing the size. Returns false where the file system
    /// cannot promise that.
    @discardableResult
    package func reserve(_ bytes: Int64) throws(FileError) -> Bool {
        let size = try size()
        if cs_reserve(descriptor.number, size, bytes) == 0 { return true }
        if errno == ENOTSUP || errno == ENOSYS { return false }
        throw FileError("reserve \(bytes) bytes for", path, .last)
    }

    /// Cuts the file to that size. What was reserved beyond it is given back.
    package func truncate(to bytes: Int64) throws(FileError) {
        try FileError.naming("truncate", path) { () throws(ErrorNumber) in try checked { ftruncate(descriptor.number, off_t(bytes)) } }
    }
}
