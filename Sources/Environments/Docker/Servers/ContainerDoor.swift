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

    /// Thrown for a container that answers nowhere: what does where it should is somebody else's.
    struct Nowhere: Error { let words: String }

    static func open(to facts: ContainerFacts, port: Int, _ way: DockerWay, _ network: DrillNetwork) async throws -> ContainerDoor {
        switch way {
        case .joined:
            guard let host = facts.networks[network.name], !host.isEmpty else {
                throw Nowhere(words: "it has no address in the drill's network")
            }
            return ContainerDoor(host: host, port: port, relay: nil)
        case .published(let address, let host):
            let places = facts.published(port)
            guard let place = places.first, place.port > 0 else { throw Nowhere(words: "its port \(port) is published nowhere") }
            // On all addresses an engine names those of both kinds, IPv4 first.
            guard address.isEmpty || (places.count == 1 && place.address == address) else {
                throw Nowhere(
                    words: "its port \(port) is not published on \(address) alone: "
                        + places.map { "\($0.address):\($0.port)" }.joined(separator: ", "))
            }
            return ContainerDoor(host: host, port: place.port, relay: nil)
        case .namespace:
            guard facts.pid > 0 else { throw Nowhere(words: "no process of it is to be seen") }
            let relay = try await blocking { _ throws(NoWayIn) -> LoopbackRelay in
                let namespace = NetworkNamespace(ofProcess: facts.pid)
                // The engine may number processes differently: its socket can be that of another machine.
                guard namespace.isOurs == false, Self.isOf(facts.id, facts.pid) else { throw NoWayIn() }
                do { return try LoopbackRelay(into: namespace, port: port) } catch { throw NoWayIn() }
            }
            return ContainerDoor(host: "127.0.0.1", port: relay.port, relay: relay)
        }
    }

    /// Whether a container still is what this led to: alive all the time, and at the same place. Otherwise somebody else may have answered.
    static func stillLeads(to facts: ContainerFacts, as before: ContainerFacts, port: Int, _ network: DrillNetwork) -> Bool {
        facts.isRunning && facts.id == before.id && facts.pid == before.pid && facts.networks[network.name] == before.networks[network.name]
            && facts.published(port).elementsEqual(before.published(port), by: ==)
    }

    /// Whether the process is in the control group of that container.
    static func isOf(_ container: String, _ pid: Int32) -> Bool {
        guard let bytes = try? Files.read("/proc/\(pid)/cgroup", limit: 1 << 16) else { return false }
        return String(decoding: bytes, as: UTF8.self).contains(container)
    }
}
