/// The parts of a target's `url:`, taken apart and held against what an address can be.
struct WebAddress {
    /// In small letters.
    let scheme: String
    /// Of a login in front of the host, if there is one.
    let user: Substring?
    let host: String
    /// Nil when none is written.
    let port: Int?
    /// As written, without slashes at its end.
    let path: String
    /// What stands behind `?`, unescaped.
    let arguments: [(name: String, value: String?)]

    /// Why something is no address, and what to write instead if that is known better than by an example.
    struct Problem: Error {
        let problem: String
        var hint: String?
        /// The hint shows an address with this host.
        var host: String?

        init(_ problem: String, _ hint: String? = nil, host: String? = nil) { (self.problem, self.hint, self.host) = (problem, hint, host) }
    }

    init(_ url: String) throws(Problem) {
        guard let colon = url.firstRange(of: "://") else { throw Problem("it has no scheme") }
        scheme = url[..<colon.lowerBound].lowercased()
        guard url.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }), !url.contains("#") else {
            throw Problem("it holds blanks, '#' or letters beyond ASCII", "escape them as %XX; write host names in their xn-- form")
        }
        let rest = url[colon.upperBound...]
        var authority = rest.prefix { $0 != "/" && $0 != "?" }
        let behind = rest.dropFirst(authority.count)
        if let at = authority.lastIndex(of: "@") {
            user = authority[..<at]
            authority = authority[authority.index(after: at)...]
        } else {
            user = nil
        }
        (host, port) = try Self.split(authority)
        var path = behind.prefix { $0 != "?" }
        while path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
        arguments = behind.drop { $0 != "?" }.dropFirst().split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count == 2 ? parts[1].removingPercents : nil)
        }
    }

    private static func split(_ authority: Substring) throws(Problem) -> (host: String, port: Int?) {
        var host = authority
        var port: Int?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw Problem("'[' is not closed", host: "HOST") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw Problem("'\(tail)' stands behind the host", host: "HOST") }
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ".:".contains($0) }) else {
                throw Problem("'\(host)' is no IPv6 address", host: "HOST")
            }
            if !tail.isEmpty { port = tail.dropFirst().asPort }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...].asPort
            guard !host.contains(":") else { throw Problem("an IPv6 address stands in brackets", host: "[::1]") }
        }
        guard !host.isEmpty else { throw Problem("it names no host", host: "HOST") }
        guard host.allSatisfy({ $0.isLetter || $0.isNumber || ".:-_".contains($0) }) else {
            throw Problem("'\(host)' is no host", host: "HOST")
        }
        if let port, !(1...65535).contains(port) { throw Problem("its port is not one", host: "HOST") }
        return (String(host), port)
    }
}

extension Substring {
    /// 0 when it is none.
    fileprivate var asPort: Int { allSatisfy(\.isNumber) ? Int(self) ?? 0 : 0 }
}

extension String {
    /// Nil when a `%` is not followed by two digits, or what comes out is not UTF-8.
    var removingPercents: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
