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

    private static let attempts = 3

    /// The answer, when its status is one of success. Throws `QdrantRefusal`, `Failure` when nobody answered.
    func send(_ call: QdrantCall) async throws -> QdrantAnswer {
        try await repeating(call) {
            let response = try await http.send(request(call))
            return (response.status, response.headers, response.body)
        }
    }

    /// Hands the body of the answer over piece by piece. It is asked for once: what was handed over cannot be taken back.
    func download(_ call: QdrantCall, onBody: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> QdrantAnswer {
        var once = call
        once.isRepeatable = false
        return try await repeating(once) {
            let response = try await http.download(request(call), onBody: onBody)
            return (response.status, response.headers, response.body)
        }
    }

    private func repeating(
        _ call: QdrantCall, _ ask: () async throws -> (Int, [HTTPHeader], [UInt8])
    ) async throws -> QdrantAnswer {
        var attempt = 1
        while true {
            do {
                let (status, headers, body) = try await ask()
                guard (200..<300).contains(status) else {
                    let refusal = QdrantRefusal(
                        status: status, body: body, attempt: call.attempt, server: server.words, redact: server.redact)
                    guard call.isRepeatable, refusal.mayPass, attempt < Self.attempts else { throw refusal }
                    try await pause(headers, attempt)
                    attempt += 1
                    continue
                }
                return QdrantAnswer(status: status, headers: headers, body: body)
            } catch let error as HTTPError {
                if error.kind == .cancelled { throw CancellationError() }
                // Somebody who is not there at all is not asked thrice: plans and outages wait for nobody.
                guard call.isRepeatable, error.kind == .connectionLost, attempt < Self.attempts else {
                    throw Failure(error, cannot: call.attempt, on: server.words)
                }
                try await pause([], attempt)
                attempt += 1
            }
        }
    }

    /// As long as the server asks for, but no longer than a person would wait for a question.
    private func pause(_ headers: [HTTPHeader], _ attempt: Int) async throws {
        let wanted = headers.first { $0.name.lowercased() == "retry-after" }.flatMap { Int($0.value) }
        try await time.sleep(for: wanted.map { .seconds(min(max($0, 0), 60)) } ?? .milliseconds(200 << attempt))
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

/// Turns refusals into failures; `attempt(…) { … }` around calls whose refusal nobody looks at.
func failing<Result>(_ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let refusal as QdrantRefusal { throw refusal.failure }
}

/// Nil for what is not there.
func absenceAsNil<Result>(_ body: () async throws -> Result) async throws -> Result? {
    do { return try await body() } catch let refusal as QdrantRefusal {
        if refusal.isAbsence { return nil }
        throw refusal.failure
    }
}
