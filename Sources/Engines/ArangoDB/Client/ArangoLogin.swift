import Bindings
import Documents
import FoundationEssentials
import Recovery

/// Says who asks. A token is asked for once and kept until the server takes it no more.
actor ArangoLogin {
    private let server: ArangoServer
    private var token: String?

    init(_ server: ArangoServer) { self.server = server }

    /// The header for the next request; nil for somebody without a password. `fetch` logs in.
    ///
    /// - Parameter refused: the header that the server has just refused: a token made since then is given instead, or asked for.
    func header(refused: HTTPHeader? = nil, fetch: @Sendable () async throws -> String) async throws -> HTTPHeader? {
        guard server.asksForToken else { return basic }
        if let token, refused?.value != Self.bearer(token).value { return Self.bearer(token) }
        let fresh = try await fetch()
        token = fresh
        return Self.bearer(fresh)
    }

    private static func bearer(_ token: String) -> HTTPHeader { HTTPHeader("Authorization", "bearer \(token)") }

    private nonisolated var basic: HTTPHeader? {
        // Servers without authentication take any login, and an empty password is one.
        let login = "\(server.user):\(server.password?.reveal { $0 } ?? "")"
        return HTTPHeader("Authorization", "Basic \(Data(login.utf8).base64EncodedString())")
    }
}
