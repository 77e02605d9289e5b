import CSystem
import Glibc
import Synchronization

/// A new file being written. Blocking. What is not finished is removed: by `abort`, or when nobody holds it any more.
package final class FileWriter: Sendable {
    package let path: String
    private let descriptor: Descriptor
    private struct State {
        var bytes: Int64 = 0
        var isDone = false
    }
    private let state = Mutex(State())

    /// The name must be free.
    package init(creating path: String, mode: UInt32 = 0o600) throws(FileError) {
        self.path = path
        self.descriptor = try FileError.naming("create", path) { () throws(ErrorNumber) in
            try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        }
    }

    deinit { abort() }

    package var bytesWritten: Int64 { state.withLock { $0.bytes } }

    package func write(_ bytes: [UInt8]) throws(FileError) { try write(bytes.span.bytes) }

    package func write(_ bytes: ArraySlice<UInt8>) throws(FileError) { try write(bytes.span.bytes) }

    package func write(_ bytes: RawSpan) throws(FileError) {
        let failure = bytes.withUnsafeBytes { buffer -> ErrorNumber? in
            do throws(ErrorNumber) {
                try descriptor.write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw FileError("write", path, failure) }
        state.withLock { $0.bytes += Int64(bytes.byteCount) }
    }

    /// The same file in the end, but blocks of nothing but zeros take no room on the disk.
    package func writeWithHoles(_ bytes: [UInt8]) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let block = rest.prefix(Self.zeros.count)
            let isEmpty = block.withUnsafeBytes { block in
                Self.zeros.withUnsafeBytes { zeros in
                    guard let one = block.baseAddress, let other = zeros.baseAddress else { return false }
                    return memcmp(one, other, block.count) == 0
                }
            }
            if isEmpty { try leaveHole(Int64(block.count)) } else { try write(block) }
            rest = rest.dropFirst(block.count)
        }
    }

    private static let zeros = [UInt8](repeating: 0, count: 4096)

    /// So many zeros that take no room on the disk.
    package func leaveHole(_ count: Int64) throws(FileError) {
        let end = bytesWritten + count
        try FileError.naming("write", path) { () throws(ErrorNumber) in
            try checked { ftruncate(descriptor.number, off_t(end)) }
            try checked { lseek(descriptor.number, off_t(end), SEEK_SET) }
        }
        state.withLock { $0.bytes = end }
    }

    /// Copies the rest of another file, inside the kernel where it can.
    package func append(contentsOf reader: FileReader) throws(FileError) {
        var inKernel = true
        while inKernel {
            let count = cs_copy_range(reader.descriptor.number, descriptor.number, 1 << 30)
            if count > 0 {
                state.withLock { $0.bytes += Int64(count) }
            } else if count == 0 {
                break
            } else if errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == ENOTSUP || errno == EPERM {
                inKernel = false
            } else if errno != EINTR {
                throw FileError("copy \(reader.path) to", path, .last)
            }
        }
        // Also after an end: files of /proc have no size and copy as empty.
        while let piece = try reader.next() { try write(piece) }
    }

    /// Writes everything to disk; the file stays. The folder is not synced: `publish` does that.
    package func finish() throws(FileError) {
        try FileError.naming("write to disk", path) { () throws(ErrorNumber) in try checked { fsync(descriptor.number) } }
        state.withLock { $0.isDone = true }
    }

    /// Removes the file, unless it is finished.
    package func abort() {
        let remove = state.withLock { state in
            defer { state.isDone = true }
            return !state.isDone
        }
        if remove { unlink(path) }
    }
}
