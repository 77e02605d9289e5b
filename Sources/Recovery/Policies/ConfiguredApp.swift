/// A real application, reached the way the configuration says: by commands or by requests.
struct ConfiguredApp: AppControl {
    let name: String
    let actions: AppActions
    let calls: AppCalls
    let time: any TimeSource

    /// How long a stopped application may take until its check says so.
    private static let patience: Duration = .seconds(60)

    func stop() async throws {
        try await calls.tell(actions.stop, to: "stop")
        let end = time.uptime + Self.patience
        while try await isRunning() == true, time.uptime < end { try await time.sleep(for: .milliseconds(100)) }
    }

    func start() async throws { try await calls.tell(actions.start, to: "start") }

    /// By `running:`, else by `healthy:`: a request that nobody answers means that it is down.
    func isRunning() async throws -> Bool? {
        switch try await calls.ask(actions.running ?? actions.healthy) {
        case .yes: true
        case .no: actions.running == nil ? nil : false
        case .nobody: false
        }
    }

    func health() async throws -> AppHealth { try await calls.health(actions.healthy) }
}

extension World {
    /// The application of the configuration.
    package func control(of name: String, _ document: AppDocument) -> any AppControl {
        let calls = AppCalls(app: name, commands: commands, web: web)
        return switch document {
        case .told(let actions): ConfiguredApp(name: name, actions: actions, calls: calls, time: time)
        case .contained(let contained): ContainedApp(name: name, contained: contained, containers: appContainers, calls: calls)
        }
    }
}
