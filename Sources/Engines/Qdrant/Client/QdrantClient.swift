import Bindings
import Documents
import Recovery

/// Asks one server. Questions are repeated when nobody answered; orders never are.
struct QdrantClient: Sendable {
    let server: QdrantServer
    private let http: HTTPClient
    private let time: any TimeSource

    init(_ server: QdrantServer, http: HTTPClient, time: any TimeSource) {
        self.server = server
        self.http = http
        self.time = time
    }

    /// The answer, when its status is one of success. Throws `QdrantRefusal`, `Failure` when nobody answered.
    func send(_ call: QdrantCall) async throws -> QdrantAnswer {
        try await asking(call, isRepeatable: call.isRepeatable) { try await http.send(request(call)) }
    }

    /// Hands the body of the answer over piece by piece. It is asked for once: what was handed over cannot be taken back.
    func download(_ call: QdrantCall, onBody: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> QdrantAnswer {
        try await asking(call, isRepeatable: false) { try await http.download(request(call), onBody: onBody) }
    }

    private func asking(_ call: QdrantCall, isRepeatable: Bool, _ send: () async throws -> HTTPResponse) async throws -> QdrantAnswer {
        let response = try await PatientAsking(time: time).ask(isRepeatable: isRepeatable, send) {
            QdrantRefusal(status: $0.status, body: $0.body, attempt: call.attempt, server: server.words, redact: server.redact)
        } failure: {
            Failure($0, cannot: call.attempt, on: server.words)
        }
        return QdrantAnswer(status: response.status, headers: response.headers, body: response.body)
    }

    private func request(_ call: QdrantCall) -> HTTPRequest {
        var request = HTTPRequest(call.method, server.base + call.path, headers: server.credentials + call.headers, body: call.body)
        request.isRepeatable = call.isRepeatable
        request.deadline = call.deadline
        request.tls = server.tls
        request.responseLimit = call.limit
        return request
    }

    // MARK: Results

    /// The `result` of an answer in JSON.
    func result(_ call: QdrantCall) async throws -> JSONValue {
        let answer = try await send(call)
        guard !answer.isMerelyAccepted else {
            throw Failure(.engine, "\(server.words) took the order to \(call.attempt) and does not say whether it was done")
        }
        guard let json = try? JSONValue(parsing: answer.body), let result = json["result"] else {
            throw foreign(call, answer.body)
        }
        return result
    }

    func foreign(_ call: QdrantCall, _ body: [UInt8]) -> Failure {
        let start = server.redact(String(decoding: body.prefix(120), as: UTF8.self))
        return Failure(
            .engine, "cannot \(call.attempt) on \(server.words): the answer is not Qdrant's: \(start)",
            hint: "is the address that of Qdrant's REST interface (port 6333)?")
    }
}

/// Nil for what is not there.
func absenceAsNil<Result>(_ body: () async throws -> Result) async throws -> Result? {
    do { return try await body() } catch let refusal as QdrantRefusal {
        if refusal.isAbsence { return nil }
        throw refusal.failure
    }
}
