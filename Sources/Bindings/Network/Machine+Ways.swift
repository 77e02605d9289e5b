extension Machine {
    /// IPv4 addresses of the servers that it asks for names, but for itself.
    package static var resolvers: [String] { resolvers(in: lines(of: "/etc/resolv.conf")) }

    static func resolvers(in lines: [String]) -> [String] {
        lines.compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.count > 1, words[0] == "nameserver", SocketAddress(words[1], port: 53) != nil, !words[1].hasPrefix("127.") else {
                return nil
            }
            return words[1]
        }
    }

    /// IPv4 addresses of the routers that lead out of its networks.
    package static var gateways: [String] { gateways(in: lines(of: "/proc/net/route")) }

    static func gateways(in lines: [String]) -> [String] {
        lines.compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" }
            // As the kernel holds it, the first byte last.
            guard words.count > 7, words[1] == "00000000", words[7] == "00000000", let address = UInt32(words[2], radix: 16), address != 0
            else { return nil }
            return (0..<4).map { "\(address >> (8 * $0) & 0xFF)" }.joined(separator: ".")
        }
    }
}
