import Bindings
import Recovery

/// The server behind a target: how to reach it and what to call it.
package struct PostgresServer: Sendable {
    package let binding: TargetBinding
    /// The name that sessions carry in `pg_stat_activity`.
    package let sessionName: String

    package init(_ binding: TargetBinding, sessionName: String) {
        self.binding = binding
        self.sessionName = sessionName
    }

    /// The database for what concerns the whole server.
    package static let maintenance = "postgres"

    /// `'db' (127.0.0.1:5432)`.
    package var words: String { "'\(binding.name)' (\(binding.address.text))" }

    /// How to log in to that database. Throws `Failure(.configuration)`.
    package func parameters(database: String, options: String? = nil) throws -> PostgresParameters {
        let address = binding.address
        guard let user = address.user else {
            throw Failure(
                .configuration, "the address of target '\(binding.name)' names no user",
                hint: "write it as postgres://USER@HOST/DATABASE")
        }
        var parameters = PostgresParameters(
            host: address.host, port: address.port, user: user, password: address.password?.reveal { $0 }, database: database,
            applicationName: sessionName)
        if let mode = address.options["sslmode"] {
            guard let sslMode = PostgresParameters.SSLMode(rawValue: mode) else {
                throw Failure(
                    .configuration, "target '\(binding.name)' has sslmode '\(mode)', which there is not",
                    hint: "use one of " + PostgresParameters.SSLMode.allCases.map(\.rawValue).joined(separator: ", "))
            }
            parameters.sslMode = sslMode
        }
        parameters.sslRootCert = address.options["sslrootcert"]
        parameters.sslCert = address.options["sslcert"]
        parameters.sslKey = address.options["sslkey"]
        if let seconds = address.options["connect_timeout"].flatMap({ Int($0) }), seconds > 0 {
            parameters.connectTimeout = .seconds(seconds)
        }
        let all = [address.options["options"], options].compactMap { $0 }
        parameters.options = all.isEmpty ? nil : all.joined(separator: " ")
        return parameters
    }

    /// A new session. Limits that are set for the database or the account are lifted: a recovery takes as long as it takes.
    func connect(to database: String, options: String? = nil, as name: String? = nil) async throws -> PostgresConnection {
        var parameters = try parameters(database: database, options: [Self.unlimited, options].compactMap { $0 }.joined(separator: " "))
        if let name { parameters.applicationName = name }
        return try await attempt("log in to database '\(database)' on \(words) as '\(parameters.user)'") {
            let session = try await PostgresConnection.connect(parameters)
            // Not every version knows it, so it cannot be an option.
            try await session.ask("SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'idle_session_timeout'")
            return session
        }
    }

    /// Also for PostgreSQL's own programs, which lift some limits themselves, but only after their first queries.
    static let unlimited = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"
}
