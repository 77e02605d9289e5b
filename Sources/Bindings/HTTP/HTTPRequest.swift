/// One request. Prints as method and address, without query, user and headers: secrets travel in those.
package struct HTTPRequest: Sendable, Equatable {
    package enum Body: Sendable, Equatable {
        case none
        case bytes([UInt8])
        /// A part of a file, read while it is sent.
        case file(path: String, offset: Int64 = 0, length: Int64)
        /// A whole file between bytes, as in an archive of one.
        case framed(before: [UInt8], path: String, length: Int64, after: [UInt8])
    }

    /// Throws the transfer away when fewer bytes than that come per second, for that long.
    package struct LowSpeed: Sendable, Equatable {
        package var bytesPerSecond: Int
        package var duration: Duration

        package init(bytesPerSecond: Int, for duration: Duration) {
            self.bytesPerSecond = bytesPerSecond
            self.duration = duration
        }
    }

    /// Whom to trust and who we are; PEM files. Servers are always verified.
    package struct TLS: Sendable, Equatable {
        /// Instead of the system's certificates. This is where a caller puts what CURL_CA_BUNDLE or SSL_CERT_FILE say.
        package var caFile: String?
        package var certificate: String?
        package var key: String?

        package init(caFile: String? = nil, certificate: String? = nil, key: String? = nil) {
            self.caFile = caFile
            self.certificate = certificate
            self.key = key
        }
    }

    package var method: String
    /// `http://` or `https://`, escaped; sent as it is.
    package var url: String
    package var headers: [HTTPHeader] = []
    package var body: Body = .none
    /// Connect to this socket instead of the URL's host.
    package var unixSocket: String?
    package var tls = TLS()
    /// No proxy unless named here; the environment is not asked.
    package var proxy: String?
    package var connectTimeout: Duration = .seconds(10)
    /// For all of it, the reading of the body too. Nil: no limit.
    package var deadline: Duration? = .seconds(60)
    package var lowSpeed: LowSpeed?
    /// Of a collected body, in bytes; a streamed one has no limit.
    package var responseLimit = 64 << 20
    /// Whether sending it twice does no harm: then it may go out over a connection that has been idle, and once more over
    /// a new one if that had died. True for GET, HEAD, PUT, DELETE and OPTIONS.
    package var isRepeatable: Bool

    package init(_ method: String, _ url: String, headers: [HTTPHeader] = [], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        isRepeatable = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
    }
}

package struct HTTPHeader: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPRequest {
    var bodyLength: Int64 {
        switch body {
        case .none: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, _, let length): length
        case .framed(let before, _, let length, let after): Int64(before.count) + length + Int64(after.count)
        }
    }

    /// Whether the server is asked first. A large body that can be sent only once must not be lost to an answer that nobody
    /// waited for; a small one is sent before the server could object.
    var waitsBeforeBody: Bool {
        headers.contains { $0.name.lowercased() == "expect" } || (!isRepeatable && bodyLength > 1 << 20)
    }
}

extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        var address = url.prefix { $0 != "?" && $0 != "#" }
        if let scheme = address.firstRange(of: "://"), let host = address[scheme.upperBound...].split(separator: "/").first,
            let at = host.lastIndex(of: "@")
        {
            address = address[..<scheme.upperBound] + address[host.index(after: at)...]
        }
        return "\(method) \(address)"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}
