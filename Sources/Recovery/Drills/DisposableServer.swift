/// A server that a drill's own environment has started.
///
/// Only `withEnvironment` can make one, out of what a provider started. A drill binds its roles to these and to
/// nothing else, so no configuration and no document can point a drill at a server that somebody needs.
package struct DisposableServer: Sendable {
    package let name: String
    package let engine: EngineName
    package let address: ServerAddress
    package let identity: ServerIdentity
    package let image: String?
    /// The container it is; nil for a process.
    package let container: String?
    /// The folder on this machine that it keeps everything in; nil where that is out of reach.
    package let storage: String?

    fileprivate init(name: String, started: StartedServer) {
        self.name = name
        engine = started.engine
        address = started.address
        identity = started.identity
        image = started.image
        container = started.container
        storage = started.storage
    }
}

/// The servers and applications of one drill while they live.
package struct DisposableServers: Sendable {
    package let servers: [String: DisposableServer]
    private let environment: any RunningEnvironment

    fileprivate init(_ environment: any RunningEnvironment) {
        self.environment = environment
        servers = Dictionary(uniqueKeysWithValues: environment.servers.map { ($0.key, DisposableServer(name: $0.key, started: $0.value)) })
    }

    package var isolation: String? { environment.isolation }
    package var waysIn: [String] { environment.waysIn }
    var diskLimits: DiskLimits { environment.diskLimits }
    func diskUse() async -> DiskUse? { await environment.diskUse() }
    package func deaths() async -> [Failure] { await environment.deaths() }
    package func app(_ name: String) -> (any AppControl)? { environment.app(name) }
    package func log(of service: String) async -> String { await environment.log(of: service) }
}

extension EnvironmentProvider {
    /// Starts the environment, uses it, and always removes it again. What goes wrong while removing is handed to
    /// `whenLeaving`, never thrown in place of what `use` threw.
    ///
    /// - Parameter adopted: one that lives already, instead of a new one.
    package func withEnvironment<Result: Sendable>(
        _ request: EnvironmentRequest, adopted: (any RunningEnvironment)? = nil, whenLeaving: @escaping @Sendable (Failure) async -> Void,
        use: (DisposableServers) async throws -> Result
    ) async throws -> Result {
        let environment: any RunningEnvironment
        do {
            if let adopted { environment = adopted } else { environment = try await start(request) }
        } catch let left as LeftBehind {
            await whenLeaving(left.leaving)
            throw left.why
        }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use(DisposableServers(environment))) } catch { outcome = .failure(error) }
        await uncancelled {
            do { try await environment.stop() } catch {
                await whenLeaving(Failure.wrapping(error, while: "removing the servers of run \(request.run)"))
            }
        }
        return try outcome.get()
    }
}

/// Runs `body` to the end even if the current task is cancelled. For giving things back.
package func uncancelled<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    await Task { await body() }.value
}

/// Runs `body` to the end even if the current task is cancelled. For giving things back.
package func uncancelledThrowing<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
    try await Task { try await body() }.value
}
