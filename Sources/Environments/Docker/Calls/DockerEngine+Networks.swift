import Bindings
import Documents
import Recovery

extension DockerEngine {
    /// Returns its id.
    func createNetwork(_ body: JSONValue) async throws -> String {
        let answer = try await make("/networks/create", [], body, within: .seconds(60), attempt: "create a network")
        guard let id = answer["Id"]?.string else {
            throw Failure(.environmentUnavailable, "cannot create a network: the engine answered without its id")
        }
        return id
    }

    /// Addresses of its gateways.
    func gateways(ofNetwork id: String) async throws -> [String] {
        let answer = try await call("GET", "/networks/\(id)", attempt: "look at a network")
        return (answer["IPAM"]?["Config"]?.array ?? []).compactMap { $0["Gateway"]?.string }.filter { !$0.isEmpty }
    }

    /// Whether it is one that leads nowhere and has no address on the engine's machine, as the engine keeps it.
    func isSealed(network id: String) async throws -> Bool {
        let answer = try await call("GET", "/networks/\(id)", attempt: "look at a network")
        return answer["Internal"]?.bool == true && answer["Options"]?[DrillNetwork.withoutAddress]?.string == "true"
    }

    /// As a visitor, who is put out again when the network is removed.
    func connect(container: String, toNetwork id: String) async throws {
        _ = try await call(
            "POST", "/networks/\(id)/connect", [],
            ["Container": .string(container), "EndpointConfig": ["Aliases": [.string(Self.visitor)]]], attempt: "join a network")
    }

    /// What containers that are not ours are called in a network that we have brought them into.
    private static let visitor = "lifeboat-visitor"

    /// Whoever we brought into it is put out first; who came otherwise stays, and so does the network: `Failure(.environmentUnavailable)`.
    /// One that is gone already is well.
    func removeNetwork(_ id: String) async throws {
        do {
            let answer = try await call("GET", "/networks/\(id)", attempt: "look at a network")
            let name = answer["Name"]?.string ?? id
            var strangers: [String] = []
            for member in answer["Containers"]?.members ?? [] {
                guard try await isThereByUs(member.key, in: name) else {
                    strangers.append(member.value["Name"]?.string ?? member.key)
                    continue
                }
                _ = try? await call(
                    "POST", "/networks/\(id)/disconnect", [], ["Container": .string(member.key), "Force": true], attempt: "leave a network")
            }
            guard strangers.isEmpty else {
                throw Failure(
                    .environmentUnavailable,
                    "the network \(name) is still in use by \(strangers.sorted().joined(separator: ", ")), which lifeboat did not put there",
                    hint:
                        "`docker network disconnect \(name) \(strangers.sorted()[0])` takes it out; then `lifeboat sweep` removes the network"
                )
            }
            _ = try await call("DELETE", "/networks/\(id)", attempt: "remove a network")
        } catch let refusal as DockerRefusal where refusal.isMissing {}
    }

    /// Ours, brought there by us, or only what is left of one.
    private func isThereByUs(_ container: String, in network: String) async throws -> Bool {
        do {
            let facts = try await inspectContainer(container)
            return facts.labels[DockerLabels.managed] == "true" || facts.aliases(in: network).contains(Self.visitor)
        } catch let refusal as DockerRefusal where refusal.isMissing { return true }
    }

    func createVolume(named name: String, labels: JSONValue) async throws {
        _ = try await make(
            "/volumes/create", [], ["Name": .string(name), "Labels": labels], within: .seconds(60), attempt: "create a volume")
    }

    /// One that is gone already is well.
    func removeVolume(_ name: String) async throws {
        do {
            _ = try await call(
                "DELETE", "/volumes/\(name.percentEncoded)", [("force", "1")], within: .seconds(120), attempt: "remove a volume")
        } catch let refusal as DockerRefusal where refusal.isMissing {}
    }
}
