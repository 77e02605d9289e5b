import Bindings
import Documents
import Recovery

/// A container engine (Docker, Podman) that answers, spoken to by the Engine API.
struct DockerEngine: Sendable {
    let host: DockerHost
    /// Spoken on this connection: the newest that both sides know.
    let api: APIVersion
    private let client: HTTPClient

    /// Asks the engine which versions of the API it serves and settles on one.
    ///
    /// - Parameter wanted: `$DOCKER_API_VERSION`; nil lets both sides agree.
    /// - Throws: `Failure(.environmentUnavailable)` when it does not answer, or serves no version that we speak.
    static func connect(to host: DockerHost, wanted: String? = nil, client: HTTPClient = HTTPClient()) async throws -> DockerEngine {
        let engine = DockerEngine(host: host, api: .newest, client: client)
        let answer = try await engine.send("GET", "/_ping", within: .seconds(10), attempt: "reach the engine")
        guard let theirs = answer.header("Api-Version").flatMap({ APIVersion($0) }), answer.isSuccess else { throw engine.strange(answer) }
        if let wanted, !wanted.isEmpty { return try await engine.speaking(wanted, upTo: theirs) }

        let agreed = min(theirs, .newest)
        guard agreed >= .oldest else {
            throw Failure(
                .environmentUnavailable,
                "the engine at \(host.address) serves the API up to \(theirs), and lifeboat needs \(APIVersion.oldest)",
                hint: "update it; Docker 20.10 and later will do")
        }
        // Only engines that are newer than this lifeboat may serve nothing that it speaks.
        if theirs > .newest {
            let least = try await engine.version().oldestAPI
            guard least <= agreed else {
                throw Failure(
                    .environmentUnavailable,
                    "the engine at \(host.address) serves the API from \(least) on, and this lifeboat speaks up to \(APIVersion.newest)",
                    hint: "update lifeboat, or lower the engine's `min-api-version`")
            }
        }
        return DockerEngine(host: host, api: agreed, client: client)
    }

    /// The engine as `$DOCKER_API_VERSION` wants it to be spoken to.
    private func speaking(_ wanted: String, upTo newest: APIVersion) async throws -> DockerEngine {
        func refused(_ why: String) -> Failure {
            Failure(.configuration, "DOCKER_API_VERSION is \(why)", hint: "unset it, and both sides agree on a version")
        }
        guard let version = APIVersion(wanted.hasPrefix("v") ? String(wanted.dropFirst()) : wanted) else {
            throw refused("'\(wanted)', which is no version")
        }
        guard version >= .oldest else { throw refused("\(version), and lifeboat needs \(APIVersion.oldest)") }
        let least = try await self.version().oldestAPI
        guard (min(least, newest)...newest).contains(version) else {
            throw refused("\(version), and the engine at \(host.address) serves the API from \(least) to \(newest)")
        }
        return DockerEngine(host: host, api: version, client: client)
    }

    private func strange(_ answer: HTTPResponse) -> Failure {
        guard !answer.text.contains("HTTP request to an HTTPS server") else {
            return Failure(
                .environmentUnavailable, "the container engine at \(host.address) (\(host.origin)) wants TLS",
                hint: "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem")
        }
        return Failure(
            .environmentUnavailable, "what answers at \(host.address) (\(host.origin)) is no container engine: HTTP \(answer.status)",
            hint: "check DOCKER_HOST; a proxy in between may answer in its place")
    }

    /// What the engine says of itself. Takes it some 20 ms: it asks its parts.
    func version() async throws -> DockerVersion {
        // Without a version in the path, so that it answers whatever it serves.
        let answer = try await send("GET", "/version", within: .seconds(20), attempt: "ask for the engine's version")
        return DockerVersion(try json(of: answer, attempt: "ask for the engine's version"))
    }

    // MARK: Calls

    /// One call whose answer is JSON, or nothing (`.null`).
    ///
    /// - Parameter attempt: what is being done, to complete "cannot …".
    /// - Throws: `DockerRefusal` for a status outside of 200 to 299 and other than 304 (it is so already).
    func call(
        _ method: String, _ path: String, _ query: [(String, String)] = [], _ body: JSONValue? = nil,
        within limit: Duration? = .seconds(60), attempt: String
    ) async throws -> JSONValue {
        let answer = try await send(method, "/v\(api)" + path, query, body.map { Array($0.text().utf8) }, within: limit, attempt: attempt)
        guard answer.isSuccess || answer.status == 304 else { throw DockerRefusal(answer, attempt: attempt) }
        return answer.body.isEmpty ? .null : try json(of: answer, attempt: attempt)
    }

    /// One call that makes something. Once begun it goes on when we are cancelled: who breaks off does not keep the engine from making it,
    /// and cleans up before it is there.
    func make(_ path: String, _ query: [(String, String)], _ body: JSONValue, within limit: Duration, attempt: String) async throws
        -> JSONValue
    {
        try Task.checkCancellation()
        return try await uncancelledThrowing { try await call("POST", path, query, body, within: limit, attempt: attempt) }
    }

    /// One call whose answer is not looked at, such as a PUT of an archive.
    func send(
        _ method: String, _ path: String, _ query: [(String, String)], content: HTTPRequest.Body, type: String,
        silentFor patience: Duration, attempt: String
    ) async throws {
        var request = request(method, "/v\(api)" + path, query, within: nil)
        request.lowSpeed = .init(bytesPerSecond: 1, for: patience)
        request.body = content
        request.headers.append(HTTPHeader("Content-Type", type))
        let answer = try await translating(attempt) { [request] in try await client.send(request) }
        guard answer.isSuccess else { throw DockerRefusal(answer, attempt: attempt) }
    }

    /// How long an engine may be silent in the middle of an archive: it packs and unpacks gigabytes between two pieces.
    static let patienceWithArchives = Duration.seconds(600)

    /// One call whose answer comes piece by piece: progress, logs, an archive.
    ///
    /// - Parameters:
    ///   - limit: for all of it; nil: as long as it takes.
    ///   - patience: how long nothing may come before it is given up; nil where silence is no bad sign.
    func stream(
        _ method: String, _ path: String, _ query: [(String, String)] = [], _ body: HTTPRequest.Body = .none, headers: [HTTPHeader] = [],
        within limit: Duration? = nil, silentFor patience: Duration? = nil, attempt: String,
        onBytes: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws {
        var request = request(method, "/v\(api)" + path, query, within: limit)
        request.lowSpeed = patience.map { .init(bytesPerSecond: 1, for: $0) }
        request.body = body
        request.headers += headers
        let answer = try await translating(attempt) { [request] in try await client.download(request, onBody: onBytes) }
        guard answer.isSuccess else { throw DockerRefusal(answer, attempt: attempt) }
    }

    private func send(
        _ method: String, _ path: String, _ query: [(String, String)] = [], _ body: [UInt8]? = nil, within limit: Duration?, attempt: String
    ) async throws -> HTTPResponse {
        var request = request(method, path, query, within: limit)
        if let body {
            request.body = .bytes(body)
            request.headers.append(HTTPHeader("Content-Type", "application/json"))
        }
        return try await translating(attempt) { [request] in try await client.send(request) }
    }

    private func request(_ method: String, _ path: String, _ query: [(String, String)], within limit: Duration?) -> HTTPRequest {
        var base: String
        var request: HTTPRequest
        let words = query.isEmpty ? "" : "?" + query.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        switch host.way {
        case .unixSocket(let socket):
            base = "http://docker"
            request = HTTPRequest(method, base + path + words)
            request.unixSocket = socket
        case .web(let url, let tls):
            base = url
            request = HTTPRequest(method, base + path + words)
            request.tls = tls
        }
        request.deadline = limit
        return request
    }

    private func json(of answer: HTTPResponse, attempt: String) throws -> JSONValue {
        do { return try JSONValue(parsing: answer.body) } catch {
            throw Failure(
                .environmentUnavailable, "cannot \(attempt): the engine at \(host.address) answered with something that is not JSON",
                hint: "a proxy in between may have answered in its place", cause: Failure(.environmentUnavailable, error.problem))
        }
    }

    private func translating<Answer: Sendable>(_ attempt: String, _ body: () async throws -> Answer) async throws -> Answer {
        do { return try await body() } catch let error as HTTPError {
            throw error.kind == .cancelled ? CancellationError() : unavailable(attempt, error)
        }
    }

    private func unavailable(_ attempt: String, _ error: HTTPError) -> Failure {
        let hint: String =
            switch (host.way, error.kind) {
            case (.unixSocket, .unreachable):
                "start the engine (systemctl start docker), and see that '\(UserAccount.current.name)' may use its socket (group docker)"
            case (_, .tlsFailed): "check DOCKER_CERT_PATH: ca.pem has to know the engine's certificate, and cert.pem has to be known to it"
            default: "check that it runs and is reachable; `docker info` asks it the same way"
            }
        let failure = Failure(
            .environmentUnavailable, "cannot \(attempt): the container engine at \(host.address) (\(host.origin)) does not answer",
            hint: hint, cause: Failure(.environmentUnavailable, error.message))
        // Rights do not come by waiting.
        return error.kind == .tlsFailed || host.isForbidden ? failure : failure.passing
    }
}
