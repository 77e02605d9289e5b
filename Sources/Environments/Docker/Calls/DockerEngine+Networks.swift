import Documents
import Recovery

extension DockerEngine {
    /// Returns its id.
    func createNetwork(_ body: JSONValue) async throws -> String {
        let answer = try await call("POST", "/networks/create", [], body, attempt: "create a network")
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

    func connect(container: String, toNetwork id: String) async throws {
        _ = try await call("POST", "/networks/\(id)/connect", [], ["Container": .string(container)], attempt: "join a network")
    }

    /// Whoever is still in it is put out first. One that is gone already is well.
    func removeNetwork(_ id: String) async throws {
        do {
            let answer = try await call("GET", "/networks/\(id)", attempt: "look at a network")
            for member in answer["Containers"]?.members ?? [] {
                _ = try? await call(
                    "POST", "/networks/\(id)/disconnect", [], ["Container": .string(member.key), "Force": true], attempt: "leave a network")
            }
            _ = try await call("DELETE", "/networks/\(id)", attempt: "remove a network")
        } catch let refusal as DockerRefusal where refusal.isMissing {}
    }

    func createVolume(named name: String, labels: JSONValue) async throws {
        _ = try await call("POST", "/volumes/create", [], ["Name": .string(name), "Labels": labels], attempt: "create a volume")
    }

    /// One that is gone already is well.
    func removeVolume(_ name: String) async throws {
        do {
            _ = try await call(
                "DELETE", "/volumes/\(name.percentEncoded)", [("force", "1")], within: .seconds(120), attempt: "remove a volume")
        } catch let refusal as DockerRefusal where refusal.isMissing {}
    }
}
