import Bindings
import Recovery

/// The server behind a target: how to reach it and what to call it.
struct ArangoServer: Sendable {
    private let name: String
    private let address: ServerAddress

    init(_ name: String, at address: ServerAddress) {
        self.name = name
        self.address = address
    }

    /// `'graph' (127.0.0.1:8529)`.
    var words: String { "'\(name)' (\(address.text))" }

    /// The database that the target's address names, if it does.
    var database: String? { address.database }

    /// Where its interface begins: `https://host:8529/behind/a/proxy`.
    var base: String { Self.base(address) }

    static func base(_ address: ServerAddress) -> String {
        guard !address.host.hasPrefix("/") else { return "http://localhost" }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        return "\(address.options[Option.scheme] ?? "http")://\(host):\(address.port)\(address.options[Option.prefix] ?? "")"
    }

    /// The path of its socket, when it is not reached over the network.
    var socket: String? { address.host.hasPrefix("/") ? address.host : nil }

    var user: String { address.user ?? "root" }
    var password: Secret? { address.password }
    var asksForToken: Bool { address.options[Option.auth] == Option.token }

    /// For what a server says: some repeat what they were sent.
    var redact: Redactor { Redactor(address.secrets) }

    var tls: HTTPRequest.TLS {
        let options = address.options
        return HTTPRequest.TLS(caFile: options[Option.caFile], certificate: options[Option.certificate], key: options[Option.key])
    }

    /// What this address asks for and ArangoDB's own programs are not told by us.
    var optionThatToolsLack: String? {
        [Option.caFile, Option.certificate, Option.key, Option.auth, Option.prefix].first { address.options[$0] != nil }
    }

    /// How `ServerAddress.options` are used for this engine.
    enum Option {
        static let scheme = "scheme"
        static let prefix = "prefix"
        static let caFile = "ca"
        static let certificate = "cert"
        static let key = "key"
        static let auth = "auth"
        /// Logs in once for a token of an hour, instead of sending the password along with every request.
        static let token = "jwt"
    }
}
