import Recovery

/// The containers of one drill, running, and the stand-ins beside them.
struct DockerServers: RunningEnvironment {
    let servers: [String: StartedServer]
    let isolation: String?
    private let apps: [String: ProcessApp]
    private let running: [RunningContainer]
    private let engine: DockerEngine
    private let labels: DockerLabels

    init(
        _ running: [RunningContainer], apps: [String: ProcessApp], isolation: String, labels: DockerLabels, engine: DockerEngine
    ) {
        self.running = running
        self.apps = apps
        self.isolation = isolation
        self.labels = labels
        self.engine = engine
        servers = Dictionary(running.map { ($0.name, $0.started) }, uniquingKeysWith: { first, _ in first })
    }

    func app(_ name: String) -> (any AppControl)? { apps[name] }

    func log(of service: String) async -> String {
        if let app = apps[service] { return await app.log() }
        return await running.first { $0.name == service }?.log.end() ?? ""
    }

    func stop() async throws {
        // First who uses the servers, so that they end without complaints.
        await StandInApps.stop(apps)
        guard !labels.isKept else { return }
        try await DrillRemains(engine: engine).remove(labels)
    }
}
