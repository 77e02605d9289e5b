import Bindings
import Recovery

/// A PostgreSQL server for one drill: its own data folder, loopback only, gone with the drill.
package struct PostgresServerRecipe: ServerRecipe {
    private let find: @Sendable () async throws -> PostgresInstallation
    let major: Int?
    let extensions: [String]
    let image: String?

    /// With programs that are known.
    package init(_ installation: PostgresInstallation) {
        find = { installation }
        major = installation.version.major
        extensions = []
        image = nil
    }

    /// - Parameters:
    ///   - major: the oldest that will do; nil: the newest there is.
    ///   - extensions: that it has to be able to create.
    ///   - image: instead of our own choice.
    init(tools: PostgresTools, major: Int?, extensions: [String], image: String?) {
        find = { try await tools.server(atLeast: major, extensions: extensions) }
        self.major = major
        self.extensions = extensions
        self.image = image
    }

    package var engine: EngineName { .postgres }

    package func requirePrograms() async throws { _ = try await find() }

    package func processPlan(in place: ProcessPlace) async throws -> ProcessPlan {
        let installation = try await find()
        let data = "\(place.folder)/data"
        let password = "\(place.folder)/password"
        let settings = "\(place.folder)/server.conf"
        let initialise = CommandSpec(
            installation.path(of: "initdb"),
            [
                "--pgdata=\(data)", "--username=\(Self.superuser)", "--auth=scram-sha-256", "--pwfile=\(password)", "--encoding=UTF8",
                "--locale=C.UTF-8", "--no-sync", "--no-instructions", "--wal-segsize=4",
            ], folder: place.folder, account: place.account)
        let server = CommandSpec(
            installation.path(of: "postgres"), ["-D", data, "--config-file=\(settings)"], folder: place.folder, account: place.account,
            logFile: "\(place.folder)/server.log")
        return ProcessPlan(
            files: [(password, place.password), (settings, Secret(Self.settings(port: place.port)))], preparation: [initialise],
            server: server, stopSignal: Self.quit, grace: .seconds(5),
            address: ServerAddress(
                host: "127.0.0.1", port: place.port, user: Self.superuser, password: place.password, database: PostgresServer.maintenance,
                options: ["sslmode": "disable"]))
    }

    package func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        let end = time.uptime + limit
        var parameters = PostgresParameters(
            host: address.host, port: address.port, user: address.user ?? Self.superuser, password: address.password?.reveal { $0 },
            database: address.database ?? PostgresServer.maintenance, sslMode: .disable)
        var last: (any Error)?
        while time.uptime < end {
            parameters.connectTimeout = min(.seconds(5), end - time.uptime)
            do {
                let session = try await PostgresConnection.connect(parameters)
                let identity = try await identity(through: session)
                await session.close()
                return identity
            } catch let error as PostgresError where error.isWorthWaiting {
                // That the rest of the time was too short for a last try says nothing.
                if last == nil || error.kind != .noAnswer { last = error }
            } catch let error as PostgresError {
                throw error.kind == .cancelled
                    ? CancellationError() : Failure(error, cannot: "log in to the server that was started at \(address.text)")
            }
            try await time.sleep(for: .milliseconds(10))
        }
        throw Failure(
            .timedOut, "the PostgreSQL server at \(address.text) took no login within \(Int(limit.inSeconds)) s",
            hint: "its log says what it is doing; a slow disk or a port that something else listens on are the usual reasons",
            cause: last as? PostgresError)
    }

    private func identity(through session: PostgresConnection) async throws -> ServerIdentity {
        let version = PostgresVersion(number: await session.serverVersion)
        return ServerIdentity(
            version: version.description, system: try await PostgresServer.systemIdentifier(through: session), standIn: false)
    }

    /// As nearly everywhere, so that what a backup says belongs to `postgres` has its owner.
    static let superuser = "postgres"

    /// SIGQUIT: stop at once, without writing anything out. What is in the data folder is thrown away.
    private static let quit: Int32 = 3

    private static func settings(port: Int) -> String {
        """
        # A server for one drill, made by lifeboat. Nothing in its data folder is ever needed again.
        listen_addresses = '127.0.0.1'
        port = \(port)
        unix_socket_directories = ''
        ssl = off
        max_connections = 100
        timezone = 'UTC'

        # Durability costs time and buys nothing here: after a crash the drill starts over with another server.
        fsync = off
        synchronous_commit = off
        full_page_writes = off
        wal_level = minimal
        max_wal_senders = 0
        max_wal_size = 4GB
        checkpoint_timeout = 1h
        restart_after_crash = off

        # A restored database must not reach out, nor run what was not asked for.
        shared_preload_libraries = ''
        session_preload_libraries = ''
        local_preload_libraries = ''
        archive_mode = off
        max_logical_replication_workers = 0
        max_replication_slots = 0

        # The drill times restoring, index builds and ANALYZE; nothing else is to run beside them.
        autovacuum = off
        jit = off
        shared_buffers = 128MB
        maintenance_work_mem = 128MB
        max_locks_per_transaction = 256

        # To standard error, which goes to a file that is shown when something fails. Statements stay out of it: they carry
        # data and, in user mappings, passwords.
        logging_collector = off
        log_destination = 'stderr'
        log_line_prefix = '%m [%p] %d '
        log_min_error_statement = panic
        log_statement = none

        """
    }
}

extension PostgresError {
    /// Whether a server that is starting may soon say something else.
    var isWorthWaiting: Bool {
        switch kind {
        case .unreachable, .serverStarting, .connectionLost, .timedOut, .noAnswer, .tooManyConnections: true
        default: false
        }
    }
}
