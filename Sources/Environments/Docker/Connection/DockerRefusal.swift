import Bindings
import Documents
import Recovery

/// The engine understood a call and said no.
struct DockerRefusal: Error, Sendable {
    let status: Int
    /// In the engine's own words.
    let message: String
    let attempt: String

    init(status: Int, message: String, attempt: String) {
        self.status = status
        self.message = message
        self.attempt = attempt
    }

    init(_ answer: HTTPResponse, attempt: String) {
        let words = (try? JSONValue(parsing: answer.body))?["message"]?.string
        self.init(status: answer.status, message: words ?? (answer.text.isEmpty ? "HTTP \(answer.status)" : answer.text), attempt: attempt)
    }

    var isMissing: Bool { status == 404 }
    /// It is so already, or something else is in the way.
    var isConflict: Bool { status == 409 }

    var isOutOfSpace: Bool { message.contains("no space left on device") }

    /// Docker's own pools are used up by some 30 networks, and each drill takes one.
    var isOutOfNetworks: Bool {
        message.contains("non-overlapping IPv4 address pool") || message.contains("address pools have been fully subnetted")
            || message.contains("could not find free subnet")
    }

    /// Somebody took the port in between, or the engine is ending and will be back.
    private var isPassing: Bool {
        [
            "port is already allocated", "address already in use", "shutting down", "context canceled",
            "grpc: the client connection is closing",
        ]
        .contains { message.contains($0) }
    }

    var asFailure: Failure {
        if isOutOfSpace {
            return Failure(
                .environmentUnavailable, "cannot \(attempt): the disk of the container engine is full",
                hint: "free some (`docker system df` shows what takes it); `lifeboat sweep` removes what dead drills left",
                cause: Failure(.environmentUnavailable, message))
        }
        if isOutOfNetworks {
            return Failure(
                .environmentUnavailable, "cannot \(attempt): the container engine has no addresses left for another network",
                hint:
                    "run fewer drills at once, remove networks that nobody uses (`lifeboat sweep`, `docker network prune`), or give the "
                    + "engine more: `default-address-pools` in /etc/docker/daemon.json",
                cause: Failure(.environmentUnavailable, message)
            ).passing
        }
        let failure = Failure(
            .environmentUnavailable, "cannot \(attempt): the container engine refused", cause: Failure(.environmentUnavailable, message))
        return isPassing ? failure.passing : failure
    }
}

/// Refusals as failures, for those who cannot do anything about them.
func dockerFailures<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    do { return try await body() } catch let refusal as DockerRefusal { throw refusal.asFailure }
}

/// Tries other names before it takes a clash for a refusal.
func namingAnew<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    for _ in 1..<3 {
        do { return try await body() } catch let refusal as DockerRefusal where refusal.isConflict {}
    }
    return try await body()
}
