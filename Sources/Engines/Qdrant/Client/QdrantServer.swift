import Bindings
import Recovery

/// The server behind a target: how to reach it and what to call it.
struct QdrantServer: Sendable {
    private let name: String
    private let address: ServerAddress

    init(_ name: String, at address: ServerAddress) {
        self.name = name
        self.address = address
    }

    /// `'vectors' (127.0.0.1:6333)`.
    var words: String { "'\(name)' (\(address.text))" }

    /// Where its REST interface begins: `https://host:6333/behind/a/proxy`.
    var base: String { Self.base(address) }

    static func base(_ address: ServerAddress) -> String {
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        return "\(address.options[Option.scheme] ?? "http")://\(host):\(address.port)\(address.options[Option.prefix] ?? "")"
    }

    /// What goes into every request to say who asks.
    var credentials: [HTTPHeader] {
        guard let key = address.password?.reveal({ $0 }), !key.isEmpty else { return [] }
        return address.options[Option.bearer] == nil
            ? [HTTPHeader("api-key", key)] : [HTTPHeader("Authorization", "Bearer \(key)")]
    }

    /// For what a server says: some repeat what they were sent.
    var redact: Redactor { Redactor(address.secrets) }

    /// What the server shows where it fetches a snapshot from.
    var sourceKey: Secret? { address.sourceKey }

    var tls: HTTPRequest.TLS {
        let options = address.options
        return HTTPRequest.TLS(caFile: options[Option.caFile], certificate: options[Option.certificate], key: options[Option.key])
    }

    /// How `ServerAddress.options` are used for this engine.
    enum Option {
        static let scheme = "scheme"
        static let prefix = "prefix"
        /// Present when the key goes out as a bearer token.
        static let bearer = "bearer"
        static let caFile = "ca"
        static let certificate = "cert"
        static let key = "key"
        /// The other nodes of a cluster, as addresses with commas between.
        static let nodes = "nodes"
    }
}
