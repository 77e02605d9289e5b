import Glibc
import Synchronization

/// Room on a disk for what does not fit memory. Blocking. It has no name from its first moment on: however the process ends, nothing of it is
/// left behind.
package final class ScratchFile: Sendable {
    /// For the words of errors.
    private let path: String
    private let descriptor: Descriptor
    private let end = Mutex<Int64>(0)

    package init(in folder: String) throws(FileError) {
        let path = "\(folder)/lifeboat-scratch-\(randomHex(16))"
        self.path = path
        descriptor = try FileError.naming("create", path) { () throws(ErrorNumber) in
            let descriptor = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            try checked { unlink(path) }
            return descriptor
        }
    }

    /// Puts values behind all others, as they lie in memory; returns where they begin.
    package func append<Value: BitwiseCopyable>(_ values: [Value]) throws(FileError) -> Int64 {
        let start = end.withLock { end in
            defer { end += Int64(values.count * MemoryLayout<Value>.stride) }
            return end
        }
        let failure = values.withUnsafeBytes { buffer -> ErrorNumber? in
            var written = 0
            while written < buffer.count {
                let count = pwrite(
                    descriptor.number, buffer.baseAddress.map { $0 + written }, buffer.count - written, off_t(start) + off_t(written))
                if count >= 0 { written += count } else if errno != EINTR { return .last }
            }
            return nil
        }
        if let failure { throw FileError("write", path, failure) }
        return start
    }

    /// Values that were appended.
    package func values<Value: BitwiseCopyable>(_: Value.Type = Value.self, from offset: Int64, count: Int) throws(FileError) -> [Value] {
        var failure: FileError?
        let values = [Value](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var got = 0
            while got < bytes.count {
                let count = pread(descriptor.number, bytes.baseAddress.map { $0 + got }, bytes.count - got, off_t(offset) + off_t(got))
                if count > 0 {
                    got += count
                } else if count == 0 {
                    failure = FileError("read", path, .other, "it ends too early")
                    return
                } else if errno != EINTR {
                    failure = FileError("read", path, .last)
                    return
                }
            }
            filled = count
        }
        if let failure { throw failure }
        return values
    }
}
