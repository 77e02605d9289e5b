import Recovery

/// A target's `url:` as the configuration writes it: `https://qdrant.internal:6333/prefix?ca=/etc/ssl/qdrant.pem`.
enum QdrantAddress {
    private static let known = [QdrantServer.Option.caFile, QdrantServer.Option.certificate, QdrantServer.Option.key]

    static func read(_ url: String, of target: String) throws -> ServerAddress {
        func refuse(_ problem: String, _ hint: String = "write it as http://HOST:6333 or https://HOST:6333") -> Failure {
            Failure(.configuration, "the url of target '\(target)' cannot be understood: \(problem)", hint: hint)
        }
        guard let colon = url.firstRange(of: "://") else { throw refuse("it has no scheme") }
        let scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw refuse(
                "'\(scheme)' is no scheme of Qdrant's REST interface",
                scheme == "grpc" ? "lifeboat speaks REST: write http:// and the REST port, 6333" : "write it as http://HOST:6333")
        }
        guard url.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }), !url.contains("#") else {
            throw refuse("it holds blanks, '#' or letters beyond ASCII", "escape them as %XX; write host names in their xn-- form")
        }
        let rest = url[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw Failure(
                .configuration, "the url of target '\(target)' holds a user: Qdrant knows keys only",
                hint: "write the key beside it, as in api_key: {env: QDRANT_API_KEY}")
        }
        let (host, port) = try split(authority, default: scheme == "https" ? 443 : 6333, refuse)
        var path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        while path.hasSuffix("/") { path = path.dropLast() }
        var options = [QdrantServer.Option.scheme: scheme]
        if !path.isEmpty { options[QdrantServer.Option.prefix] = String(path) }
        for pair in rest.dropFirst(authority.count).drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(parts[0]), let value = parts[1].removingPercents else {
                // Without its value: some write the key there.
                throw refuse(
                    "'\(parts.first ?? "")' is nothing that a url of Qdrant takes",
                    "behind '?' there may be ca=, cert= and key=, with paths of PEM files")
            }
            options[parts[0]] = value
        }
        return ServerAddress(host: host, port: port, user: nil, password: nil, options: options)
    }

    private static func split(
        _ authority: Substring, default standard: Int, _ refuse: (String, String) -> Failure
    ) throws -> (host: String, port: Int) {
        let hint = "write it as http://HOST:6333"
        var host = authority
        var port = standard
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw refuse("'[' is not closed", hint) }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let tail = authority[authority.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw refuse("'\(tail)' stands behind the host", hint) }
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ".:".contains($0) }) else {
                throw refuse("'\(host)' is no IPv6 address", hint)
            }
            if !tail.isEmpty { port = tail.dropFirst().asPort }
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...].asPort
            guard !host.contains(":") else { throw refuse("an IPv6 address stands in brackets", "write it as http://[::1]:6333") }
        }
        guard !host.isEmpty else { throw refuse("it names no host", hint) }
        guard host.allSatisfy({ $0.isLetter || $0.isNumber || ".:-_".contains($0) }) else { throw refuse("'\(host)' is no host", hint) }
        guard (1...65535).contains(port) else { throw refuse("its port is not one", hint) }
        return (String(host), port)
    }
}

extension Substring {
    /// 0 when it is none.
    fileprivate var asPort: Int { allSatisfy(\.isNumber) ? Int(self) ?? 0 : 0 }
}

extension String {
    /// Nil when a `%` is not followed by two digits, or what comes out is not UTF-8.
    fileprivate var removingPercents: String? {
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
