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

    /// Whether there is somebody at this IPv4 address, seen from inside: who takes a TCP connection at this port, or refuses it. Blocks,
    /// at most for `limit`. Throws when we may not enter: that takes root (CAP_SYS_ADMIN) on the machine itself.
    package func reaches(_ address: String, port: UInt16, within limit: Duration) throws(ErrorNumber) -> Bool {
        try entering { () throws(ErrorNumber) -> Bool in
            guard let target = SocketAddress(address, port: port) else { throw ErrorNumber(EINVAL) }
            let socket: TCPSocket
            do throws(ErrorNumber) { socket = try target.startConnecting() } catch {
                // Or there is no way there.
                return error == ErrorNumber(ECONNREFUSED)
            }
            guard Self.waits(for: POLLOUT, socket.number, limit) else { return false }
            return [0, ECONNREFUSED].contains(socket.connectionError)
        }
    }

    /// Whether a DNS server at this IPv4 address tells anything about a name, seen from inside. Blocks and throws as `reaches` does.
    package func hears(of name: String, from server: String, within limit: Duration) throws(ErrorNumber) -> Bool {
        try entering { () throws(ErrorNumber) -> Bool in
            guard let target = SocketAddress(server, port: 53) else { throw ErrorNumber(EINVAL) }
            let socket: TCPSocket
            do throws(ErrorNumber) { socket = try target.startConnecting(SOCK_DGRAM) } catch { return false }
            return Self.isAnswered(NameQuestion(name), through: socket, limit)
        }
    }

    private static func isAnswered(_ question: NameQuestion, through socket: borrowing TCPSocket, _ limit: Duration) -> Bool {
        let number = socket.number
        let sent = question.bytes.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard sent == question.bytes.count, waits(for: POLLIN, number, limit) else { return false }
        var answer = [UInt8](repeating: 0, count: 1500)
        let count = answer.withUnsafeMutableBytes { recv(number, $0.baseAddress, $0.count, 0) }
        return count > 0 && question.isAnswered(by: answer.prefix(count))
    }

    private static func waits(for event: Int32, _ descriptor: Int32, _ limit: Duration) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let milliseconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        return poll(&waiting, 1, Int32(clamping: milliseconds)) > 0
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
