/// What went wrong between us and a PostgreSQL server. The kind decides; the words are for people.
///
/// The texts come from the server as they are: escape them for where they are shown.
package struct PostgresError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// Nobody answered: no such host, refused, no route.
        case unreachable
        /// The server does not do TLS, or its certificate or ours was not accepted.
        case tlsFailed
        /// Wrong or missing password, or a login that the server does not allow.
        case authenticationFailed
        /// The server is starting up, shutting down or recovering: worth another try.
        case serverStarting
        case tooManyConnections
        /// Nothing refused the connection, and nobody answered in time.
        case noAnswer
        /// The deadline passed. The query was stopped on the server, or the connection was cut.
        case timedOut
        /// The task was cancelled. The query was stopped on the server, or the connection was cut.
        case cancelled
        /// There was a connection and it ended.
        case connectionLost
        /// Refused before anything was sent: a NUL byte, a missing certificate, an unreadable connection string.
        case invalidInput
        /// The connection is in the middle of a stream or a copy.
        case busy
        /// The server answered with an error.
        case queryFailed
    }
    package let kind: Kind
    package let message: String
    /// Five characters, see the appendix "Error Codes" of the PostgreSQL manual.
    package var sqlState: String?
    package var severity: String?
    package var detail: String?
    package var hint: String?
    /// Where in the statement, counted in characters from 1.
    package var position: Int?
    /// The server's call stack: functions, triggers, the line of a COPY.
    package var context: String?

    package init(_ kind: Kind, _ message: String, sqlState: String? = nil) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        let state = sqlState.map { " (\($0))" } ?? ""
        let detail = detail.map { "; \($0)" } ?? ""
        return message + state + detail
    }
}

extension PostgresError {
    /// The kind that goes with an error of the server.
    static func kind(ofSQLState state: String?) -> Kind {
        switch state {
        case "28P01", "28000": .authenticationFailed
        case "57P03": .serverStarting
        case "53300": .tooManyConnections
        case "57P01", "57P02", "57P05": .connectionLost
        default: state?.hasPrefix("08") == true ? .connectionLost : .queryFailed
        }
    }
}

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
