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
        case .timedOut, .noAnswer: .timedOut
        case .cancelled, .queryFailed: .engine
        case .invalidInput: .configuration
        case .busy: .bug
        }
    }

    private static func advice(for error: PostgresError) -> String? {
        switch (error.kind, error.sqlState) {
        case (.unreachable, _): "check that the server runs, that host and port are right and that no firewall is between"
        case (.serverStarting, _): "the server is starting, recovering or shutting down; try again in a moment"
        case (.connectionLost, _): "the server ended the connection; its log says why (a crash, a restart, an administrator)"
        case (.tooManyConnections, _): "the server has no connection left; raise max_connections, or use fewer jobs"
        case (.authenticationFailed, _): "check user and password, and the server's pg_hba.conf"
        case (.tlsFailed, _): "check sslmode and the certificates on both sides"
        case (.noAnswer, _):
            "host and port take the connection or swallow it, and nobody answers: is the server stopped, overloaded or behind a firewall? "
                + "`?connect_timeout=SECONDS` in the url says how long is waited"
        case (.timedOut, _): "the server is slow, or something holds a lock that this waits for; see pg_stat_activity"
        case (_, "42501"):
            "the account lacks a privilege for this; a backup reads everything (pg_read_all_data and BYPASSRLS), a recovery owns the database"
        case (_, "55P03"): "somebody holds a lock on it; try again when that transaction has ended"
        case (_, "53100"): "the server's disk is full: make room there"
        case (_, "3D000"): "there is no such database on the server; check its name"
        case (_, "55006"): "somebody is using it; `postgres.terminate-connections` ends their sessions"
        case (_, "25006"): "the server or the session is read-only: is it a standby?"
        default: nil
        }
    }
}

/// Turns what a server answers into a `Failure` that says what was attempted. A cancelled query is a cancelled task.
@discardableResult
func attempt<Result>(_ what: @autoclosure () -> String, _ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let error as PostgresError {
        if error.kind == .cancelled { throw CancellationError() }
        throw Failure(error, cannot: what())
    }
}
