import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

/// Gives each drill servers of its own, which die with the environment.
package final class MemoryProvider: EnvironmentProvider {
    package let kind = "memory"
    package let isolation = "none: it is a test"
    package func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {
        try live()
        state.withLock { $0.prepared += 1 }
    }
    private struct State {
        var diskLimits = DiskLimits()
        var measuresDisk = true
        var servers: [Int: MemoryServer] = [:]
        var running = 0
        var cleared: [Int] = []
        var started = 0
        var prepared = 0
        var survives = false
        var lives: [Int: [String: StartedServer]] = [:]
        var losses: (words: String, times: Int, failure: Failure)?
        var lost: [Int: Failure] = [:]
    }

    private let state = Mutex(State())
    private let live: @Sendable () throws -> Void
    private let given: [String: [Int]]
    /// Names of servers that are no real ones.
    private let standIns: Set<String>
    fileprivate let faults: Faults
    /// Where steps of its servers wait for each other.
    package let meetings = Meetings()

    /// - Parameter given: what each server holds when it starts.
    package init(
        given: [String: [Int]] = [:], standIns: Set<String> = [], faults: Faults = Faults(),
        live: @escaping @Sendable () throws -> Void = {}
    ) {
        self.faults = faults
        self.live = live
        self.given = given
        self.standIns = standIns
    }

    fileprivate var diskLimits: DiskLimits { state.withLock { $0.diskLimits } }
    fileprivate var measuresDisk: Bool { state.withLock { $0.measuresDisk } }
    /// Servers whose disk nobody can look at.
    package func hidesDisk(within limits: DiskLimits) {
        state.withLock { ($0.diskLimits, $0.measuresDisk) = (limits, false) }
    }

    /// The generations whose start was cut off, as far as their remains were cleared away.
    package var cleared: [Int] { state.withLock { $0.cleared } }
    package func clear(_ request: EnvironmentRequest) async throws {
        state.withLock { state in
            state.cleared.append(request.generation)
            state.running -= state.lives.removeValue(forKey: request.generation)?.count ?? 0
        }
    }

    /// How often what servers need was got.
    package var prepared: Int { state.withLock { $0.prepared } }

    /// From now on servers outlive the process that started them, and can be taken over.
    package func survives() { state.withLock { $0.survives = true } }

    package func lives(_ request: EnvironmentRequest) async throws -> Bool { state.withLock { $0.lives[request.generation] != nil } }

    package func adopt(_ request: EnvironmentRequest) async throws -> (any RunningEnvironment)? {
        state.withLock { $0.lives[request.generation] }.map { MemoryEnvironment(servers: $0, provider: self) }
    }

    package var running: Int { state.withLock { $0.running } }
    package var started: Int { state.withLock { $0.started } }
    /// The server that was started last.
    package var last: MemoryServer? { state.withLock { $0.servers[$0.started] } }

    /// After the next acts of these words, one by one, the server is lost, for this reason.
    package func loseServers(after words: String, times: Int, because failure: Failure) {
        state.withLock { $0.losses = (words, times, failure) }
    }

    fileprivate func death(of port: Int) -> Failure? { state.withLock { $0.lost[port] } }

    package func server(at port: Int) -> MemoryServer { state.withLock { $0.servers[port] } ?? MemoryServer() }

    package func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment {
        try live()
        try faults.call(.environment, "start") {}
        var servers: [String: StartedServer] = [:]
        for (name, recipe) in request.servers {
            let port = state.withLock { state in
                state.started += 1
                state.running += 1
                state.servers[state.started] = MemoryServer(holding: given, faults: faults, meetings: meetings, live: live)
                return state.started
            }
            awaitLoss(of: port)
            servers[name] = StartedServer(
                engine: recipe.engine, address: ServerAddress(host: "memory", port: port, user: nil, password: Secret("hunter2-memory")),
                identity: ServerIdentity(version: "1.0", system: nil, standIn: standIns.contains(name)))
        }
        let started = servers
        state.withLock { if $0.survives { $0.lives[request.generation] = started } }
        return MemoryEnvironment(servers: servers, provider: self)
    }

    private func awaitLoss(of port: Int) {
        state.withLock { state in
            guard let losses = state.losses, losses.times > 0, let server = state.servers[port] else { return }
            state.losses?.times -= 1
            server.after(losses.words) { [self] in
                server.goesDown()
                self.state.withLock { $0.lost[port] = losses.failure }
            }
        }
    }

    package func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] { [] }
    package func remove(_ leftover: Leftover) async throws {}

    fileprivate func stopped(_ count: Int) throws {
        try live()
        try faults.call(.environment, "stop", changes: true) {
            state.withLock { state in
                state.running -= count
                state.lives = [:]
            }
        }
    }

    /// Servers die with the process that started them.
    package func died() { state.withLock { if !$0.survives { $0.running = 0 } } }
}

private struct MemoryEnvironment: RunningEnvironment {
    let servers: [String: StartedServer]
    let provider: MemoryProvider
    func app(_ name: String) -> (any AppControl)? { nil }
    func log(of service: String) async -> String { "" }
    var diskLimits: DiskLimits { provider.diskLimits }
    func diskUse() async -> DiskUse? { provider.measuresDisk ? DiskUse(usedBytes: 0, freeBytes: nil) : nil }
    func deaths() async -> [Failure] { servers.values.compactMap { provider.death(of: $0.address.port) } }
    func stop() async throws { try provider.stopped(servers.count) }
}
