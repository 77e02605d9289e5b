import Glibc

/// A lock on a file, kept by the kernel: gone when we are, however that happens. The file is never removed.
package final class FileLock: Sendable {
    package enum Mode: Sendable { case shared, exclusive }

    package enum Attempt: Sendable {
        case taken(FileLock)
        /// Somebody else has it, in a way that excludes ours; who it is, in the words it left (may be empty or out of date).
        case held(by: String)
    }

    package let path: String
    private let descriptor: Descriptor
    private static let holderLimit = 4096

    /// Tries once and does not wait. `holder` tells others who we are; at most 4096 bytes of it are kept.
    ///
    /// The file is made if missing, for all accounts to share (mode 0666): where it lies decides who gets there.
    package static func take(_ path: String, _ mode: Mode, holder: String) throws(FileError) -> Attempt {
        let lock = try FileLock(path)
        let kind = mode == .shared ? LOCK_SH : LOCK_EX
        while flock(lock.descriptor.number, kind | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw FileError("lock", path, .last) }
            return .held(by: lock.holder())
        }
        lock.write(holder)
        return .taken(lock)
    }

    private init(_ path: String) throws(FileError) {
        self.path = path
        self.descriptor = try FileError.naming("open lock", path) { () throws(ErrorNumber) in try Self.open(path) }
        let status = try FileError.naming("look at", path) { () throws(ErrorNumber) in try FileStatus(of: descriptor) }
        guard status.kind == .file else { throw FileError("open lock", path, .notAFile, "it is no regular file") }
    }

    // Closing is not enough: a process that is being forked right now holds the lock too, until it has closed its copy.
    deinit { release() }

    private static func open(_ path: String) throws(ErrorNumber) -> Descriptor {
        // First without O_CREAT: in a sticky folder the kernel refuses that flag on files of other accounts.
        let flags = O_NOFOLLOW | O_NONBLOCK
        while true {
            do throws(ErrorNumber) {
                return try Descriptor.open(path, O_RDWR | flags)
            } catch .forbidden {
                return try Descriptor.open(path, O_RDONLY | flags)
            } catch .missing {
                do throws(ErrorNumber) {
                    let made = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | flags, mode: 0o666)
                    // Against our umask. If that fails others cannot write their name, which is no reason to stop.
                    fchmod(made.number, 0o666)
                    return made
                } catch .exists {
                    continue
                }
            }
        }
    }

    private func holder() -> String {
        var bytes = [UInt8](repeating: 0, count: Self.holderLimit)
        let count = pread(descriptor.number, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// For people only, so failing is no reason to give the lock back.
    private func write(_ holder: String) {
        let bytes = Array(holder.utf8.prefix(Self.holderLimit))
        if ftruncate(descriptor.number, 0) == 0 { _ = pwrite(descriptor.number, bytes, bytes.count, 0) }
    }

    /// Gives the lock back now; otherwise that happens when nobody holds this any more.
    package func release() { flock(descriptor.number, LOCK_UN) }
}
