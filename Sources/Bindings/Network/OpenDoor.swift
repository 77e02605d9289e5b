import CSystem
import Glibc

/// Listens on all IPv4 addresses of this machine, on a port that the system chooses, and answers nobody: something to be found by
/// whoever can reach the machine. Closed with its owner.
package final class OpenDoor: Sendable {
    package let port: UInt16
    private let socket: Descriptor

    package init() throws(ErrorNumber) {
        let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .last }
        let socket = Descriptor(number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                bind(number, general, size) == 0 && listen(number, 16) == 0 ? getsockname(number, general, &size) : -1
            }
        }
        guard result == 0 else { throw .last }
        port = UInt16(bigEndian: address.sin_port)
        self.socket = socket
    }
}

extension Machine {
    /// Its IPv4 addresses, but for 127.0.0.0/8.
    package static var addresses: [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [String] = []
        var next = first
        while let interface = next {
            next = interface.pointee.ifa_next
            guard let general = interface.pointee.ifa_addr, general.pointee.sa_family == sa_family_t(AF_INET) else { continue }
            var address = general.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr }
            var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
            guard inet_ntop(AF_INET, &address, &text, socklen_t(text.count)) != nil else { continue }
            let name = text.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix("127.") { found.append(name) }
        }
        return found
    }
}
