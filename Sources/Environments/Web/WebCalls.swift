import Bindings
import Recovery

/// HTTP by libcurl.
package struct WebCalls: WebCaller {
    private let client: HTTPClient
    private let tls: HTTPRequest.TLS

    /// - Parameter tls: whom to trust instead of the system's authorities.
    package init(client: HTTPClient = HTTPClient(), tls: HTTPRequest.TLS = HTTPRequest.TLS()) {
        self.client = client
        self.tls = tls
    }

    package func send(
        _ method: String, _ url: Secret, headers: [String: String], body: [UInt8]?, within limit: Duration
    ) async throws -> WebAnswer {
        var request = url.reveal { HTTPRequest(method, $0, body: body.map { .bytes($0) } ?? .none) }
        request.headers = headers.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
        request.tls = tls
        request.deadline = limit
        request.connectTimeout = min(limit, request.connectTimeout)
        request.responseLimit = 8 << 20
        do {
            let response = try await client.send(request)
            return WebAnswer(status: response.status, body: response.body)
        } catch let error as HTTPError {
            throw error.asFailure(within: limit)
        }
    }
}

extension HTTPError {
    func asFailure(within limit: Duration) -> any Error {
        switch kind {
        case .cancelled: CancellationError()
        case .timedOut: Failure(.timedOut, "no answer within \(limit.inSeconds) seconds: \(message)")
        case .invalidRequest: Failure(.configuration, message, hint: "check the address")
        case .tlsFailed:
            Failure(.unreachable, message, hint: "check that the certificate is valid and signed by an authority this host trusts")
        case .unreachable, .connectionLost, .protocolError, .tooLarge: Failure(.unreachable, message)
        }
    }
}
