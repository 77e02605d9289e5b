import Bindings
import Recovery

/// Where we reach a port of a container.
struct ContainerDoor: Sendable {
    let host: String
    let port: Int
    /// Held for as long as somebody goes through.
    private let relay: LoopbackRelay?

    /// Thrown where another way may still lead in: this container's network cannot be entered from here.
    struct NoWayIn: Error {}

    static func open(to facts: ContainerFacts, port: Int, _ way: DockerWay, _ network: DrillNetwork) async throws -> ContainerDoor {
        switch way {
        case .joined: return ContainerDoor(host: facts.networks[network.name] ?? "", port: port, relay: nil)
        case .published(_, let host):
            // One that has ended already publishes nothing; whoever waits for it finds out.
            return ContainerDoor(host: host, port: facts.published(port).first?.port ?? port, relay: nil)
        case .namespace:
            guard facts.pid > 0 else { return ContainerDoor(host: "127.0.0.1", port: 1, relay: nil) }
            let relay = try await blocking { _ throws(NoWayIn) -> LoopbackRelay in
                let namespace = NetworkNamespace(ofProcess: facts.pid)
                // The engine may number processes differently: its socket can be that of another machine.
                guard namespace.isOurs == false, Self.isOf(facts.id, facts.pid) else { throw NoWayIn() }
                do { return try LoopbackRelay(into: namespace, port: port) } catch { throw NoWayIn() }
            }
            return ContainerDoor(host: "127.0.0.1", port: relay.port, relay: relay)
        }
    }

    /// Whether the process is in the control group of that container.
    static func isOf(_ container: String, _ pid: Int32) -> Bool {
        guard let bytes = try? Files.read("/proc/\(pid)/cgroup", limit: 1 << 16) else { return false }
        return String(decoding: bytes, as: UTF8.self).contains(container)
    }
}
