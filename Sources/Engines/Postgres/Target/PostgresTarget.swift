import Bindings
import Recovery

/// A PostgreSQL server in one run: its sessions, its lock, its captures.
package struct PostgresTarget: EngineTarget {
    package let server: PostgresServer
    package let tools: PostgresTools
    let commands: any CommandRunner
    private let time: any TimeSource
    let readable: ReadablePostgres
    private let sessions: PostgresSessions
    private let lock: PostgresLock

    init(_ server: PostgresServer, tools: PostgresTools, commands: any CommandRunner, time: any TimeSource) {
        self.server = server
        self.tools = tools
        self.commands = commands
        self.time = time
        readable = ReadablePostgres(server, tools: tools)
        // Whatever is set for the database or the account.
        sessions = PostgresSessions(server, options: "-c default_transaction_read_only=off")
        lock = PostgresLock(server, time: time)
    }

    package var binding: TargetBinding { server.binding }
    package var reading: any ReadableTarget { readable }
    package func reading(afterSilence silence: Failure?) -> any ReadableTarget { readable.after(silence) }

    package func identity() async throws -> SourceIdentity {
        let session = try await sessionThatTellsWhoItIs()
        var identity = SourceIdentity(engine: .postgres, address: binding.address.text, system: nil, database: binding.address.database)
        identity.system = try await attempt("ask \(server.words) who it is") { try await PostgresServer.systemIdentifier(through: session) }
        return identity
    }

    /// In the target's own database, where its account may always log in; when that is lost, in the server's.
    private func sessionThatTellsWhoItIs() async throws -> PostgresConnection {
        guard let database = binding.address.database else { return try await readable.session(in: PostgresServer.maintenance) }
        do { return try await readable.session(in: database) } catch let failure as Failure where failure.kind == .engine {
            return try await readable.session(in: PostgresServer.maintenance)
        }
    }

    package func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
        guard let database = object ?? binding.address.database else {
            throw Failure(
                .configuration, "the address of target '\(binding.name)' names no database to capture",
                hint: "write it as postgres://USER@HOST/DATABASE")
        }
        return try await PostgresCapture(
            server, tools: tools, commands: commands, time: time, options: try PostgresCapture.Options(options, target: binding.name)
        ).capture(database, into: sink)
    }

    package func lacks() async throws -> [Failure] {
        let version = try await readable.version()
        var lacks: [Failure] = []
        for name in ["pg_dump", "pg_restore"] {
            do { _ = try await tools.client(name, forServer: version.major) } catch let failure as Failure { lacks.append(failure) }
        }
        return lacks
    }

    package func remarksOnDrills() async throws -> [String] {
        guard let database = binding.address.database else { return [] }
        let session = try await readable.session(in: database)
        let names = try await attempt("list the extensions of database '\(database)' on \(server.words)") {
            try await session.ask("SELECT extname FROM pg_catalog.pg_extension ORDER BY extname").rows.compactMap { $0.first ?? nil }
        }
        let loaded = try await attempt("ask \(server.words) what it preloads") { try await PreloadedLibraries.read(through: session) }
        var remarks = names.filter { loaded?.contains($0) ?? false }.map {
            "extension \($0) has its library preloaded; a drill's disposable server preloads none, so it is restored without, as far as it works without"
        }
        do { _ = try await tools.server(atLeast: try await readable.version().major, extensions: names) } catch let failure as Failure
            where failure.kind == .toolMissing
        {
            remarks.append(([failure.problem] + [failure.hint].compactMap { $0 }).joined(separator: "; "))
        }
        return remarks
    }

    package func lockOnServer(_ mode: LockMode, as holder: String) async throws { try await lock.take(mode, as: holder) }

    package func close() async {
        await sessions.close()
        await readable.sessions.close()
        await lock.release()
    }

    // MARK: For the steps

    /// A session that may write. It is shared: no transaction may be left open on it.
    func session(in database: String) async throws -> PostgresConnection { try await sessions.session(in: database) }

    /// Whether the server takes a question at this moment.
    func answers() async -> Bool {
        guard let session = try? await session(in: PostgresServer.maintenance) else { return false }
        return (try? await session.query("SELECT 1", deadline: .seconds(10))) != nil
    }

    /// Logs out of one database, so that it can be dropped.
    func leave(_ database: String) async {
        await sessions.leave(database)
        await readable.leave(database)
    }

    /// The server processes of our own sessions.
    func ownProcesses() async -> [Int32] {
        await sessions.processes() + (await readable.sessions.processes()) + [await lock.process()].compactMap { $0 }
    }
}

extension EngineName {
    package static let postgres = EngineName("postgres")
}

extension PostgresServer {
    /// What the installation calls itself, for life; nil when the account may not know. Throws `PostgresError`.
    static func systemIdentifier(through session: PostgresConnection) async throws -> String? {
        do {
            return try await session.ask("SELECT system_identifier FROM pg_control_system()").rows.first?.first ?? nil
        } catch let error as PostgresError where error.sqlState == "42501" {
            return nil
        }
    }
}
