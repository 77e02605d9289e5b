import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport

@testable import Environments

final class TrustingServer: ServerRecipe {
    let engine = EngineName("trusting")
    let port: Int
    private let meets = Mutex<(asked: [String], settled: [String])>(([], []))
    private let whenAsked: @Sendable () -> Void

    init(port: Int = 8099, whenAsked: @escaping @Sendable () -> Void = {}) {
        self.port = port
        self.whenAsked = whenAsked
    }

    var asked: [String] { meets.withLock { $0.asked } }
    var settled: [String] { meets.withLock { $0.settled } }

    func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "not here") }

    func containerPlan(in place: ContainerPlace) throws -> ContainerPlan {
        ContainerPlan(
            image: "trusting:1", command: nil, environment: ["PASSWORD": place.password], passwordVariable: "PASSWORD", port: port,
            capabilities: [], sharedMemory: 64 << 20, login: ServerAddress(host: "", port: 0, user: nil, password: place.password))
    }

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        meets.withLock { $0.asked.append(address.text) }
        whenAsked()
        guard try await HTTPClient().send(HTTPRequest("GET", "http://\(address.text)/")).isSuccess else {
            throw Failure(.timedOut, "no login worked")
        }
        return ServerIdentity(version: "1", system: nil, standIn: false)
    }

    func settle(_ address: ServerAddress) async throws { meets.withLock { $0.settled.append(address.text) } }
}

/// What can go wrong between an engine and a drill, at the exact moment, on an engine of the tests.
protocol DockerMishaps {}

extension DockerMishaps {
    static var published: DockerWay { DockerWay.published(on: "127.0.0.1", at: "127.0.0.1") }

    static func binding(_ port: Int, on address: String = "127.0.0.1") -> JSONValue {
        ["HostIp": .string(address), "HostPort": .string("\(port)")]
    }

    func request(
        _ server: TrustingServer, generation: Int = 1, keep: Duration? = nil, apps: [(name: String, recipe: AppRecipe)] = []
    ) -> EnvironmentRequest {
        EnvironmentRequest(
            run: RunID(rawValue: "20261120T020000Z-mishap-1"), generation: generation,
            expires: Timestamp(millisecondsSince1970: 1_795_000_000_000 + 86_400_000), keep: keep, servers: [("db", server)], apps: apps,
            connectionURL: { _, _, _ in Secret("") })
    }

    /// With somebody who listens on this machine and takes whatever comes.
    func withListener(_ use: (Int) async throws -> Void) async throws {
        let listener = try HTTPServer { _ in HTTPServerResponse(200, "welcome") }
        try await use(listener.port)
        await listener.stop()
    }
}

/// One way in, whoever we are.
struct Started: EnvironmentProvider {
    let provider: DockerEnvironment
    let way: DockerWay
    let engine: DockerEngine

    var kind: String { provider.kind }
    var isolation: String { provider.isolation }
    func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {}
    func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment { try await provider.start(request, way, engine) }
    func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] { [] }
    func remove(_ leftover: Leftover) async throws {}
}
