import Dispatch
import Glibc
import Synchronization

/// A TCP listener on loopback that does to each connection exactly what a test says, for servers that misbehave.
package final class RawServer: Sendable {
    package let port: Int
    private let listener: Int32
    private let accepted = Mutex(0)
    private let queue = DispatchQueue(label: "raw server")

    /// How many connections were accepted so far.
    package var connections: Int { accepted.withLock { $0 } }

    /// Accepts nothing: the kernel completes the connection, and nobody ever answers.
    package convenience init() throws { try self.init(serving: nil) }

    /// Serves every connection on a thread, and closes it when the script returns. The script gets the number of the
    /// connection, from 0.
    package convenience init(_ script: @escaping @Sendable (RawConnection, Int) -> Void) throws { try self.init(serving: script) }

    private init(serving script: (@Sendable (RawConnection, Int) -> Void)?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard listens else { throw Refused(code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.listener = listener
        guard let script else { return }
        queue.async { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let number = accepted.withLock { count in
                    count += 1
                    return count - 1
                }
                // A private queue each has a thread each.
                DispatchQueue(label: "raw connection").async {
                    let connection = RawConnection(descriptor)
                    script(connection, number)
                    connection.close()
                }
            }
        }
    }

    package struct Refused: Error { package let code: Int32 }

    /// Accepts no more. Connections that a script still holds stay.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }
}

package final class RawConnection: Sendable {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// A connection to another server on loopback; nil when nobody listens there.
    package init?(to port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let connects = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connects else {
            Glibc.close(descriptor)
            return nil
        }
    }

    /// What has come, as soon as something has; empty at the end.
    package func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Reads until the text has come, or the other side has ended.
    @discardableResult
    package func read(until end: String) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: bytes, as: UTF8.self).contains(end) {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package func write(_ text: String) { write(Array(text.utf8)) }

    package func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    /// Ends both directions: whoever reads here or on the other side comes to the end.
    package func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    package func close() { Glibc.close(descriptor) }
}
