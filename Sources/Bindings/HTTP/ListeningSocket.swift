import CSystem
import Glibc

/// Owns a socket that listens, until somebody takes it over.
struct ListeningSocket: ~Copyable {
    let descriptor: Int32
    /// 0 for a Unix socket.
    let port: Int

    /// On 127.0.0.1; port 0 picks a free one.
    init(port: Int) throws(HTTPServerError) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let descriptor = try Self.listening(AF_INET, "port \(port)", &address)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutableBytes(of: &address) {
            getsockname(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    init(path: String) throws(HTTPServerError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            // The last byte stays zero.
            guard path.utf8.count < field.count else { return false }
            field.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw HTTPServerError(what: "the path of a socket is at most 107 bytes long: \(path)") }
        descriptor = try Self.listening(AF_UNIX, path, &address)
        port = 0
    }

    deinit { close(descriptor) }

    consuming func release() { discard self }

    private static func listening<Address>(_ family: Int32, _ place: String, _ address: inout Address) throws(HTTPServerError) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        // The port of a server that has just ended is free again.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withUnsafeBytes(of: &address) {
            bind(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard descriptor >= 0, bound == 0, listen(descriptor, 128) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw HTTPServerError(what: "cannot listen on \(place): \(reason)")
        }
        return descriptor
    }
}
