import Bindings
import Recovery

/// PostgreSQL: whole databases, captured with pg_dump, recovered with pg_restore.
package struct PostgresEngine: Engine {
    private let tools: PostgresTools
    private let commands: any CommandRunner
    private let time: any TimeSource
    private let sessionName: String
    private let toolContainers: [String: String]

    package init(_ parts: EngineParts) {
        tools = PostgresTools(folders: parts.toolFolders, path: parts.path, commands: parts.commands, containers: parts.containers)
        toolContainers = parts.toolContainers
        commands = parts.commands
        time = parts.time
        sessionName = parts.sessionName
    }

    package var name: EngineName { .postgres }

    package var steps: [any Step.Type] {
        [
            PostgresWaitUntilReadyStep.self, TerminateConnectionsStep.self, DropDatabaseStep.self, CreateDatabaseStep.self,
            RestoreStep.self,
            SQLStep.self, VerifyStep.self,
        ]
    }

    package func serverRecipe(version: String?, image: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe {
        var major = try version.map(Self.major)
        if version == nil { major = try backups.map { try Self.major($0.manifest.engineVersion) }.max() }
        var extensions: [String] = []
        for backup in backups { extensions += try await PostgresBackup.read(backup).extensions.map(\.name) }
        return PostgresServerRecipe(tools: tools, major: major, extensions: Set(extensions).sorted(), image: image)
    }

    package func address(url: String, target: String) throws -> ServerAddress {
        let parameters: PostgresParameters
        do { parameters = try PostgresParameters(parsing: url) } catch {
            throw Failure(
                .configuration, "the url of target '\(target)' cannot be understood: \(error.message)",
                hint: "write it as postgres://USER@HOST:PORT/DATABASE, with %XX for special characters")
        }
        guard !parameters.hasPassword else {
            throw Failure(
                .configuration, "the url of target '\(target)' holds a password",
                hint: "write the password beside it, as in password: {file: /run/secrets/…} or {env: NAME}")
        }
        var options = ["sslmode": parameters.sslMode.rawValue, "connect_timeout": "\(parameters.connectTimeout.components.seconds)"]
        options["sslrootcert"] = parameters.sslRootCert
        options["sslcert"] = parameters.sslCert
        options["sslkey"] = parameters.sslKey
        options["options"] = parameters.options
        return ServerAddress(
            host: parameters.host, port: parameters.port, user: parameters.user, password: nil, database: parameters.database,
            options: options)
    }

    package func target(_ binding: TargetBinding) -> any EngineTarget {
        PostgresTarget(
            PostgresServer(binding, sessionName: PostgresServer.sessionName(for: sessionName)), tools: tools(of: binding),
            commands: commands, time: time)
    }

    package func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult] {
        let contents = try await PostgresExamine.contents(of: backup, scratch: scratch)
        // Before anything of the target has to answer for it.
        let tools = toolContainers[backup.manifest.id.target].map { self.tools.from(.hereElse(container: $0)) } ?? tools
        let tool = try await tools.client("pg_restore", forServer: contents.header.oldestReader)
        let place = try await tools.place(for: tool, folder: scratch, commands: commands)
        let checks: Result<[CheckResult], any Error>
        do {
            checks = .success(
                try await PostgresExamine.examine(backup, pgRestore: tool.path, commands: commands, scratch: scratch, at: place))
        } catch {
            checks = .failure(error)
        }
        await uncancelled { await place.close() }
        return try checks.get()
    }

    package func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
        PostgresCapture.Options.refusals(of: options, target: target)
    }

    private func tools(of binding: TargetBinding) -> PostgresTools {
        switch binding {
        case .configured(_, let target): target.container.map { tools.from(.container($0)) } ?? tools
        case .disposable(_, let server): server.container.map { tools.from(.hereElse(container: $0)) } ?? tools
        }
    }

    package func instructions(for manifest: Manifest) -> String { PostgresInstructions(manifest).text }

    package func connectionURL(_ address: ServerAddress, database: String?) -> Secret {
        let login = [address.user.map(\.percentEncoded), address.password?.reveal(\.percentEncoded)].compactMap { $0 }.joined(
            separator: ":")
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host.percentEncoded
        let options = address.options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.percentEncoded)" }.joined(separator: "&")
        return Secret(
            "postgres://\(login.isEmpty ? "" : login + "@")\(host):\(address.port)/"
                + (database ?? address.database ?? PostgresServer.maintenance).percentEncoded + (options.isEmpty ? "" : "?\(options)"))
    }

    private static func major(_ version: String) throws -> Int {
        guard let version = PostgresVersion(version) else {
            throw Failure(.document, "'\(version)' is not a version of PostgreSQL", hint: "write it as 16 or 16.14")
        }
        return version.major
    }
}
