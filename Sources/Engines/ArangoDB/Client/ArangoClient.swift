import Bindings
import Documents
import Recovery

/// Asks one server. Questions are repeated when nobody answered; orders are only where the contract says that doing them twice is doing them
/// once.
struct ArangoClient: Sendable {
    let server: ArangoServer
    private let http: HTTPClient
    private let time: any TimeSource
    private let login: ArangoLogin

    init(_ server: ArangoServer, http: HTTPClient, time: any TimeSource) {
        self.server = server
        self.http = http
        self.time = time
        login = ArangoLogin(server)
    }

    func pause(_ duration: Duration) async throws { try await time.sleep(for: duration) }

    /// The answer, when its status is one of success. Throws `ArangoRefusal`, `Failure` when nobody answered.
    func send(_ call: ArangoCall) async throws -> HTTPResponse {
        if let database = call.database { try ArangoName.check(database: database) }
        let header = try await login.header { try await fetchToken() }
        do { return try await send(call, header) } catch let refusal as ArangoRefusal where refusal.mayBeStaleToken && server.asksForToken {
            let fresh = try await login.header(refused: header) { try await fetchToken() }
            return try await send(call, fresh)
        }
    }

    private func send(_ call: ArangoCall, _ header: HTTPHeader?) async throws -> HTTPResponse {
        var request = HTTPRequest(
            call.method, server.base + call.path, headers: [header].compactMap { $0 } + Self.standing + call.headers, body: call.body)
        request.isRepeatable = call.isRepeatable
        request.deadline = call.deadline
        request.tls = server.tls
        request.unixSocket = server.socket
        request.responseLimit = call.limit
        let response = try await PatientAsking(time: time).ask(isRepeatable: call.isRepeatable) {
            [request] in
            try await http.send(request)
        } refusal: {
            ArangoRefusal(status: $0.status, body: $0.body, attempt: call.attempt, server: server.words, redact: server.redact)
        } failure: {
            Failure(arango: $0, cannot: call.attempt, on: server.words)
        }
        if let refusal = ArangoRefusal(in: response, attempt: call.attempt, server: server.words, redact: server.redact) { throw refusal }
        return response
    }

    /// A server without this header asks a browser's user for a password.
    private static let standing = [HTTPHeader("X-Omit-Www-Authenticate", "true")]

    private func fetchToken() async throws -> String {
        let call = ArangoCall("log in as '\(server.user)'", "POST", in: nil, ["_open", "auth"]).json([
            "username": .string(server.user), "password": .string(server.password?.reveal { $0 } ?? ""),
        ]).repeatable
        do {
            let answer = try await send(call, nil)
            guard let token = (try? JSONValue(parsing: answer.body))?["jwt"]?.string else { throw foreign(call, answer.body) }
            return token
        } catch let refusal as ArangoRefusal {
            // 404: authentication is off, and any token will do (contract 2).
            if refusal.status == 404 { return "none" }
            throw Failure(
                .credentials, "cannot \(call.attempt) on \(server.words)", hint: "check the target's user and password",
                cause: PlainReason(stringLiteral: "status \(refusal.status): \(refusal.text)"))
        }
    }

    // MARK: Results

    /// An answer in JSON.
    func json(_ call: ArangoCall) async throws -> JSONValue {
        let answer = try await send(call)
        guard let json = try? JSONValue(parsing: answer.body) else { throw foreign(call, answer.body) }
        if let refusal = ArangoRefusal(
            in: json, status: answer.status, attempt: call.attempt, server: server.words, redact: server.redact)
        {
            throw refusal
        }
        return json
    }

    /// The member of an answer in JSON that has to be a list.
    func list(_ call: ArangoCall, _ member: String) async throws -> [JSONValue] {
        let json = try await self.json(call)
        guard let list = json[member]?.array else { throw foreign(call, Array(json.text().utf8)) }
        return list
    }

    func foreign(_ call: ArangoCall, _ body: [UInt8]) -> Failure {
        let start = server.redact(String(decoding: body.prefix(4096), as: UTF8.self)).prefix(120)
        return Failure(
            .engine, "cannot \(call.attempt) on \(server.words): the answer is not ArangoDB's: \(start)",
            hint: "is the address that of ArangoDB (port 8529)?")
    }
}
