import Bindings
import Recovery

/// The servers and applications of one drill, running.
struct ProcessServers: RunningEnvironment {
    let servers: [String: StartedServer]
    var apps: [String: ProcessApp] = [:]
    private let running: [RunningServer]

    init(_ running: [RunningServer]) {
        self.running = running
        servers = Dictionary(running.map { ($0.name, $0.started) }, uniquingKeysWith: { first, _ in first })
    }

    func app(_ name: String) -> (any AppControl)? { apps[name] }

    func log(of service: String) async -> String {
        if let app = apps[service] { return await app.log() }
        guard let server = running.first(where: { $0.name == service }) else { return "" }
        return await server.log.end()
    }

    func stop() async throws {
        // First who uses the servers, so that they end without complaints.
        await StandInApps.stop(apps)
        await withTaskGroup { group in
            for server in running { group.addTask { _ = await server.process.stop() } }
        }
        let left = await blocking { [running] _ in running.map(\.place.folder).filter { (try? Files.status(of: $0)) != .some(nil) } }
        guard left.isEmpty else {
            throw Failure(
                .environmentUnavailable, "the servers are stopped, but \(left.joined(separator: " and ")) could not be removed",
                hint: "remove it by hand, or let `lifeboat sweep` do it later")
        }
    }
}
