internal import Documents

/// Which servers and stand-ins a drill needs, with the versions that its backups ask for.
struct DrillEnvironmentPlan: Sendable {
    let servers: [(name: String, recipe: any ServerRecipe)]
    private let apps: [(name: String, recipe: AppRecipe)]
    /// Servers that runbooks stop and start, by the name that they have as an application.
    let stoppable: [(app: String, server: String)]
    private let connectionURL: @Sendable (EngineName, ServerAddress, String?) -> Secret

    init(_ drill: Drill, _ backups: DrillBackups, _ engines: [EngineName: any Engine]) async throws {
        var servers: [(name: String, recipe: any ServerRecipe)] = []
        var apps: [(name: String, recipe: AppRecipe)] = []
        var stoppable: [(app: String, server: String)] = []
        for entry in drill.document.environment.entries {
            switch entry.value {
            case .server(let word, let version, let image):
                guard let engine = engines[EngineName(word.text)] else { throw Failure(.bug, "engine '\(word.text)' passed lint") }
                let wanted: String? =
                    switch version {
                    case .exactly(let text): text
                    case .fromBackup: nil
                    }
                let restored = Self.backups(for: entry.key, drill, backups)
                servers.append((entry.key.text, try await engine.serverRecipe(version: wanted, image: image, holding: restored)))
            case .app(let app):
                if let server = app.server {
                    stoppable.append((entry.key.text, server.text))
                } else {
                    apps.append((entry.key.text, Self.recipe(for: app, drill)))
                }
            }
        }
        self.servers = servers
        self.apps = apps
        self.stoppable = stoppable
        connectionURL = { name, address, database in
            engines[name]?.connectionURL(address, database: database) ?? Secret("")
        }
    }

    func request(run: RunID, drill: String, generation: Int, expires: Timestamp, keep: Duration?) -> EnvironmentRequest {
        EnvironmentRequest(
            run: run, drill: drill, generation: generation, expires: expires, keep: keep, servers: servers, apps: apps,
            stoppable: stoppable, connectionURL: connectionURL)
    }

    /// The backups that are restored into this server.
    private static func backups(for server: Name, _ drill: Drill, _ backups: DrillBackups) -> [BackupInHand] {
        drill.document.runs.enumerated().flatMap { index, run in
            let roles = run.targets.entries.filter { $0.value.value == server }.map(\.key)
            let engines = Set(roles.compactMap { drill.runbooks[index].targets[$0]?.text })
            return backups.byRun[index].values.filter { engines.contains($0.manifest.engine.text) }
        }
    }

    private static func recipe(for app: StandInApp, _ drill: Drill) -> AppRecipe {
        let program = app.command[0]
        let path = program.contains("/") ? drill.source.resolve(program) : program
        return AppRecipe(
            command: CommandSpec(path, Array(app.command.dropFirst())), uses: app.uses?.text, database: app.database,
            healthPath: app.healthy?.path)
    }
}
