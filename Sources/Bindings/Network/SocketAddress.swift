import CSystem
import Glibc

/// An IPv4 address with a port.
struct SocketAddress: Sendable {
    private let address: sockaddr_in

    /// Nil for anything but four numbers.
    init?(_ text: String, port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return nil }
        self.address = address
    }

    /// A socket that is on its way there, in the network that this thread is in; it does not block.
    func startConnecting(_ type: __socket_type = SOCK_STREAM) throws(ErrorNumber) -> TCPSocket {
        let number = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .last }
        let socket = TCPSocket(number)
        var target = address
        let code = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 || errno == EINPROGRESS else { throw .last }
        return socket
    }
}

/// A TCP connection with one owner, closed once.
struct TCPSocket: ~Copyable, Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// What came of connecting: 0, or why not.
    var connectionError: Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        if code != 0 { return code }
        var peer = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafeMutablePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(number, $0, &size) == 0 }
        }
        return connected ? 0 : ENOTCONN
    }
}
