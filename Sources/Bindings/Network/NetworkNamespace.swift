import CSystem
import Glibc
import Synchronization

/// The network that a process lives in: another one than ours, if it is in a container.
package struct NetworkNamespace: Sendable {
    /// `/proc/PID/ns/net`.
    let path: String

    /// - Parameter pid: as this machine numbers it.
    package init(ofProcess pid: Int32) { path = "/proc/\(pid)/ns/net" }

    /// Whether it is ours too; nil when it cannot be told.
    package var isOurs: Bool? {
        guard let theirs = Self.identity(path), let ours = Self.identity("/proc/self/ns/net") else { return nil }
        return theirs == ours
    }

    /// Whether somebody takes a TCP connection there at this IPv4 address and port, seen from inside. Blocks, at most for
    /// `limit`. Throws when we may not enter: that takes root (CAP_SYS_ADMIN) on the machine itself.
    package func reaches(_ address: String, port: UInt16, within limit: Duration) throws(ErrorNumber) -> Bool {
        try entering { () throws(ErrorNumber) -> Bool in
            guard let target = SocketAddress(address, port: port) else { throw ErrorNumber(EINVAL) }
            let socket: TCPSocket
            do throws(ErrorNumber) { socket = try target.startConnecting() } catch {
                // Refused, or no way there.
                return false
            }
            var waiting = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
            guard
                poll(&waiting, 1, Int32(clamping: limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000))
                    > 0
            else {
                return false
            }
            return socket.connectionError == 0
        }
    }

    /// Whether we may go there.
    package var canBeEntered: Bool { (try? entering { () throws(ErrorNumber) in }) != nil }

    /// Does it on a thread of its own, which has entered the namespace and ends afterwards. Sockets made there stay there.
    func entering<Result: Sendable>(_ body: @escaping @Sendable () throws(ErrorNumber) -> Result) throws(ErrorNumber) -> Result {
        let path = path
        let outcome = Outcome<Result>()
        let thread = try OwnThread.start {
            do throws(ErrorNumber) {
                try Self.enter(path)
                outcome.put(.success(try body()))
            } catch {
                outcome.put(.failure(error))
            }
        }
        thread.join()
        return try outcome.take().get()
    }

    /// For the calling thread, until it ends.
    static func enter(_ path: String) throws(ErrorNumber) {
        let namespace = try Descriptor.open(path, O_RDONLY)
        guard cs_enter_network(namespace.number) == 0 else { throw .last }
    }

    private static func identity(_ path: String) -> (device: dev_t, inode: ino_t)? {
        var information = stat()
        return stat(path, &information) == 0 ? (information.st_dev, information.st_ino) : nil
    }
}

/// What one thread leaves for another.
private final class Outcome<Success: Sendable>: Sendable {
    private let result = Mutex<Result<Success, ErrorNumber>?>(nil)

    func put(_ new: Result<Success, ErrorNumber>) { result.withLock { $0 = new } }
    func take() -> Result<Success, ErrorNumber> { result.withLock { $0 } ?? .failure(ErrorNumber(EAGAIN)) }
}
