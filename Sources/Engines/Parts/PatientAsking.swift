import Bindings
import Recovery

/// What a server said when it did not do what it was asked.
protocol WebRefusal: Error {
    /// The same question may be answered a moment later.
    var mayPass: Bool { get }
    /// As an operator needs to hear it.
    var failure: Failure { get }
}

/// Turns refusals into failures; `failing { … }` around calls whose refusal nobody looks at.
func failing<Result>(_ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let refusal as any WebRefusal { throw refusal.failure }
}

/// Asks over HTTP as somebody does who knows that networks and servers come and go.
struct PatientAsking: Sendable {
    let time: any TimeSource

    private static let attempts = 3

    /// What was answered with a status of success. Throws the refusal, or `failure` when nobody answered; `CancellationError`.
    ///
    /// - Parameter isRepeatable: whether asking twice is asking once; otherwise it is asked once.
    func ask(
        isRepeatable: Bool, _ send: () async throws -> HTTPResponse, refusal: (HTTPResponse) -> any WebRefusal,
        failure: (HTTPError) -> Failure
    ) async throws -> HTTPResponse {
        var attempt = 1
        while true {
            do {
                let response = try await send()
                guard !(200..<300).contains(response.status) else { return response }
                let refusal = refusal(response)
                guard isRepeatable, refusal.mayPass, attempt < Self.attempts else { throw refusal }
                try await pause(response.headers, attempt)
            } catch let error as HTTPError {
                if error.kind == .cancelled { throw CancellationError() }
                // Somebody who is not there at all is not asked thrice: plans and outages wait for nobody.
                guard isRepeatable, error.kind == .connectionLost, attempt < Self.attempts else { throw failure(error) }
                try await pause([], attempt)
            }
            attempt += 1
        }
    }

    /// As long as the server asks for, but no longer than a person would wait for a question.
    private func pause(_ headers: [HTTPHeader], _ attempt: Int) async throws {
        let wanted = headers.first { $0.name.lowercased() == "retry-after" }.flatMap { Int($0.value) }
        try await time.sleep(for: wanted.map { .seconds(min(max($0, 0), 60)) } ?? .milliseconds(200 << attempt))
    }
}
