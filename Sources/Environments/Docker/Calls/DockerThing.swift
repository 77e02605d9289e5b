import Documents
import Recovery

/// A container, network or volume with a label of ours.
struct DockerThing: Sendable, Hashable {
    /// In the order in which they have to go.
    enum Kind: String, Sendable, CaseIterable { case container, network, volume }

    let kind: Kind
    /// For volumes the name.
    let id: String
    let name: String
    let labels: [String: String]
}

extension DockerEngine {
    /// All that has this label (`name` or `name=value`), also containers that do not run; in the order in which they have to go.
    func things(labelled label: String) async throws -> [DockerThing] {
        let filters = JSONValue.object([.init("label", [.string(label)])]).text()
        let attempt = "look for what is left of drills"
        let containers = try await call("GET", "/containers/json", [("all", "1"), ("filters", filters)], attempt: attempt)
        let networks = try await call("GET", "/networks", [("filters", filters)], attempt: attempt)
        let volumes = try await call("GET", "/volumes", [("filters", filters)], attempt: attempt)
        func named(_ kind: DockerThing.Kind, _ list: JSONValue?) -> [DockerThing] {
            (list?.array ?? []).compactMap { thing in
                let name = thing["Name"]?.string ?? thing["Names"]?.array?.first?.string.map { String($0.drop { $0 == "/" }) } ?? ""
                guard let id = kind == .volume ? name : thing["Id"]?.string, !id.isEmpty else { return nil }
                let labels = (thing["Labels"]?.members ?? []).map { ($0.key, $0.value.string ?? "") }
                return DockerThing(kind: kind, id: id, name: name, labels: Dictionary(labels) { first, _ in first })
            }
        }
        return named(.container, containers) + named(.network, networks) + named(.volume, volumes["Volumes"])
    }

    /// IPv4 addresses of running containers that are not of this run, up to so many.
    func neighbours(of run: String, most: Int, but own: String?) async throws -> [String] {
        let list = try await call("GET", "/containers/json", attempt: "look who else is there")
        let others = (list.array ?? []).filter { container in
            container["Labels"]?["\(DockerLabels.prefix)run"]?.string != run && container["Id"]?.string != own
        }
        let addresses = others.flatMap { container in
            (container["NetworkSettings"]?["Networks"]?.members ?? []).compactMap { $0.value["IPAddress"]?.string }.filter { !$0.isEmpty }
        }
        return Array(addresses.prefix(most))
    }

    func remove(_ thing: DockerThing) async throws {
        switch thing.kind {
        case .container: try await removeContainer(thing.id)
        case .network: try await removeNetwork(thing.id)
        case .volume: try await removeVolume(thing.id)
        }
    }
}
