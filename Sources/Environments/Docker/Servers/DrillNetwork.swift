import Documents
import Recovery

/// The network of one drill: nobody else is in it.
struct DrillNetwork: Sendable {
    let id: String
    let name: String

    static let withoutAddress = "com.docker.network.bridge.inhibit_ipv4"

    static func create(
        _ labels: DockerLabels, _ way: DockerWay, _ digests: any Digesting, on engine: DockerEngine
    ) async throws -> DrillNetwork {
        // `Internal` alone leaves the address of the bridge, on which everything that the machine listens on can be reached; without
        // an address there is no way to the machine (measured on Docker 20.10), and none for published ports.
        let options: JSONValue =
            way.isSealed
            ? .object([.init(Self.withoutAddress, "true")])
            : ["com.docker.network.bridge.enable_ip_masquerade": "false"]
        let network = try await namingAnew {
            let name = "lifeboat-\(labels.run)-\(labels.generation)-\(digests.randomName(6))"
            let id = try await engine.createNetwork([
                "Name": .string(name), "Driver": "bridge", "CheckDuplicate": true, "Internal": .bool(way.isSealed), "EnableIPv6": false,
                "Options": options, "Labels": labels.json(for: "network"),
            ])
            return DrillNetwork(id: id, name: name)
        }
        if case .joined(let container) = way { try await engine.connect(container: container, toNetwork: network.id) }
        return network
    }
}

extension DockerLabels {
    func json(for service: String) -> JSONValue { .object(text(for: service).map { .init($0.key, .string($0.value)) }) }
}
