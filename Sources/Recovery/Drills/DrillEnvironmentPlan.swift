internal import Documents

/// Which servers and stand-ins a drill needs, with the versions that its backups ask for.
struct DrillEnvironmentPlan: Sendable {
    private let servers: [(name: String, recipe: any ServerRecipe)]
    private let apps: [(name: String, recipe: AppRecipe)]
    private let connectionURL: @Sendable (EngineName, ServerAddress, String?) -> Secret

    init(_ drill: Drill, _ backups: DrillBackups, _ engines: [EngineName: any Engine]) async throws {
        var servers: [(name: String, recipe: any ServerRecipe)] = []
        var apps: [(name: String, recipe: AppRecipe)] = []
        for entry in drill.document.environment.entries {
            switch entry.value {
            case .server(let word, let version):
                guard let engine = engines[EngineName(word.text)] else { throw Failure(.bug, "engine '\(word.text)' passed lint") }
                let wanted: String? =
                    switch version {
                    case .exactly(let text): text
                    case .fromBackup: Self.version(for: entry.key, drill, backups)
                    }
                servers.append((entry.key.text, try await engine.serverRecipe(version: wanted)))
            case .app(let app): apps.append((entry.key.text, Self.recipe(for: app, drill)))
            }
        }
        self.servers = servers
        self.apps = apps
        connectionURL = { name, address, database in
            engines[name]?.connectionURL(address, database: database) ?? Secret("")
        }
    }

    func request(run: RunID, generation: Int, expires: Timestamp) -> EnvironmentRequest {
        EnvironmentRequest(run: run, generation: generation, expires: expires, servers: servers, apps: apps, connectionURL: connectionURL)
    }

    /// The newest version among the backups that are restored into this server.
    private static func version(for server: Name, _ drill: Drill, _ backups: DrillBackups) -> String? {
        var versions: [String] = []
        for (index, run) in drill.document.runs.enumerated() {
            let roles = run.targets.entries.filter { $0.value.value == server }.map(\.key)
            let engines = Set(roles.compactMap { drill.runbooks[index].targets[$0]?.text })
            versions += backups.byRun[index].values.filter { engines.contains($0.manifest.engine.text) }.map(\.manifest.engineVersion)
        }
        return versions.max { isOlder($0, $1) }
    }

    private static func isOlder(_ a: String, _ b: String) -> Bool {
        func numbers(_ text: String) -> [Int] { text.split { !$0.isNumber }.compactMap { Int($0) } }
        return numbers(a).lexicographicallyPrecedes(numbers(b))
    }

    private static func recipe(for app: StandInApp, _ drill: Drill) -> AppRecipe {
        let program = app.command[0]
        let path = program.contains("/") ? drill.source.resolve(program) : program
        return AppRecipe(
            command: CommandSpec(path, Array(app.command.dropFirst())), uses: app.uses?.text, database: app.database,
            healthPath: app.healthy?.path)
    }
}
