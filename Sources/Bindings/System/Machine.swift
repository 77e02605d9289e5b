import CSystem
import Glibc

/// The machine we run on.
package enum Machine {
    package static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return name.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Differs after every start of the machine; empty where the kernel does not tell. A monotonic time means nothing
    /// without it.
    package static var bootID: String { firstLine(of: "/proc/sys/kernel/random/boot_id") ?? "" }

    /// As in `Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64`.
    package static var description: String {
        var names = utsname()
        guard uname(&names) == 0 else { return distribution }
        return "\(distribution), \(text(of: names.sysname)) \(text(of: names.release)) \(text(of: names.machine))"
    }

    /// Processors that may run us; at least 1.
    package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Name of the local time zone, as in `Europe/Berlin`; `UTC` if nothing is set.
    package static var timeZoneName: String {
        if let set = ThisProcess.environment["TZ"]?.drop(while: { $0 == ":" }), !set.isEmpty { return String(set) }
        if let name = firstLine(of: "/etc/timezone"), !name.isEmpty { return name }
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/etc/localtime", &target, target.count)
        let path = String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = path.split(separator: "/")
        guard let folder = parts.lastIndex(of: "zoneinfo"), folder + 1 < parts.count else { return "UTC" }
        return parts[(folder + 1)...].joined(separator: "/")
    }

    /// A TCP port of 127.0.0.1 that is free now. Somebody else may take it before it is used: then ask again.
    package static func freeLoopbackPort() throws(ErrorNumber) -> UInt16 {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .last }
        let socket = Descriptor(number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                bind(socket.number, general, size) == 0 ? getsockname(socket.number, general, &size) : -1
            }
        }
        guard result == 0 else { throw .last }
        return UInt16(bigEndian: address.sin_port)
    }

    private static var distribution: String {
        for line in lines(of: "/etc/os-release") where line.hasPrefix("PRETTY_NAME=") {
            return line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }
        }
        return "unknown distribution"
    }

    private static func text<Characters>(of characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func firstLine(of path: String) -> String? { lines(of: path).first }
}

/// A small file of the system, by lines; none if it cannot be read.
func lines(of path: String) -> [String] {
    guard let bytes = try? Files.read(path, limit: 1 << 20) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}
