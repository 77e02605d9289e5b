import Bindings
import Recovery

/// The servers and applications of one drill, running.
struct ProcessServers: RunningEnvironment {
    let servers: [String: StartedServer]
    var apps: [String: ProcessApp] = [:]
    /// Servers as applications that can be stopped.
    private var controls: [String: ServerControl] = [:]
    private let running: [RunningServer]
    let diskLimits: DiskLimits

    init(_ running: [RunningServer], _ diskLimits: DiskLimits) {
        self.running = running
        self.diskLimits = diskLimits
        servers = Dictionary(running.map { ($0.name, $0.started) }, uniquingKeysWith: { first, _ in first })
    }

    func app(_ name: String) -> (any AppControl)? { apps[name] ?? controls[name] }

    /// Has some servers stopped and started like applications.
    mutating func letStop(_ stoppable: [(app: String, server: String)], _ time: any TimeSource) throws {
        for (app, server) in stoppable {
            guard let running = running.first(where: { $0.name == server }) else {
                throw Failure(.document, "application '\(app)' is server '\(server)', and the environment has no such server")
            }
            controls[app] = ServerControl(name: app, server: running)
        }
    }

    func log(of service: String) async -> String {
        if let app = apps[service] { return await app.log() }
        guard let server = running.first(where: { $0.name == service }) else { return "" }
        return await server.log.end()
    }

    func deaths() async -> [Failure] {
        var deaths: [Failure] = []
        for server in running {
            // One that a runbook has stopped did not die.
            guard let status = await server.life.unexpectedEnd() else { continue }
            let death = Failure(
                .environmentUnavailable, "server '\(server.name)' ended during the drill: it \(status)",
                hint: "the end of its log says why; one that was killed may have been short of memory", cause: await server.log.asCause())
            deaths.append(status.isKilled ? death.passing : death)
        }
        return deaths
    }

    func diskUse() async -> DiskUse? {
        let folders = running.map(\.place.folder)
        return await blocking { _ in
            guard let first = folders.first, let space = try? Files.space(at: first) else { return nil }
            let used = folders.compactMap { try? Files.diskBytes(below: $0) }
            return used.count == folders.count ? DiskUse(usedBytes: used.reduce(0, +), freeBytes: space.availableBytes) : nil
        }
    }

    func stop() async throws {
        // First who uses the servers, so that they end without complaints.
        await StandInApps.stop(apps)
        await withTaskGroup { group in
            for server in running { group.addTask { await server.life.end() } }
        }
        let left = await blocking { [running] _ in running.map(\.place.folder).filter { (try? Files.status(of: $0)) != .some(nil) } }
        guard left.isEmpty else {
            throw Failure(
                .environmentUnavailable, "the servers are stopped, but \(left.joined(separator: " and ")) could not be removed",
                hint: "remove it by hand, or let `lifeboat sweep` do it later")
        }
    }
}
