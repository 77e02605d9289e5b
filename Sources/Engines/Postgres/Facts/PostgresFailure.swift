import Bindings
import Recovery

extension Failure {
    /// What a server's answer means to an operator. `attempt` follows "cannot": `read the catalog of each index`.
    package init(_ error: PostgresError, cannot attempt: String) {
        self.init(Self.kind(of: error), "cannot \(attempt)", hint: Self.advice(for: error) ?? error.hint, cause: error)
    }

    private static func kind(of error: PostgresError) -> Kind {
        switch error.kind {
        case .unreachable, .serverStarting, .tooManyConnections, .connectionLost: .unreachable
        case .tlsFailed, .authenticationFailed: .credentials
        case .timedOut: .timedOut
        case .cancelled, .queryFailed: .engine
        case .invalidInput: .configuration
        case .busy: .bug
        }
    }

    private static func advice(for error: PostgresError) -> String? {
        switch (error.kind, error.sqlState) {
        case (.unreachable, _): "check that the server runs, and host and port in the configuration"
        case (.serverStarting, _): "the server is starting or recovering; try again when it is ready"
        case (.tooManyConnections, _): "the server has no connection left; raise max_connections, or use fewer jobs"
        case (.authenticationFailed, _): "check user and password, and the server's pg_hba.conf"
        case (.tlsFailed, _): "check sslmode and the certificates on both sides"
        case (_, "42501"): "a backup reads everything: give its user pg_read_all_data and BYPASSRLS, or use a superuser"
        case (_, "55P03"): "somebody holds a lock on it; try again when that transaction has ended"
        case (_, "53100"): "the server's disk is full"
        default: nil
        }
    }
}

/// Turns what a server answers into a `Failure` that says what was attempted. A cancelled query is a cancelled task.
func attempt<Result>(_ what: @autoclosure () -> String, _ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let error as PostgresError {
        if error.kind == .cancelled { throw CancellationError() }
        throw Failure(error, cannot: what())
    }
}
