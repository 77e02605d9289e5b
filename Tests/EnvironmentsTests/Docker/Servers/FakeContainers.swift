import Bindings
import Documents
import Recovery
import TestSupport

@testable import Environments

/// What an engine keeps: containers, networks and volumes, by their names, as Docker keeps them. Goes behind a `FakeDocker`.
final class FakeContainers: Sendable {
    struct Thing {
        var id: String
        /// What it was created with.
        var body: JSONValue
        var isRunning = false
        var pid: Int64 = 0
        /// Of a network: ids and names of who is in it, and what those are called there.
        var members: [String: (name: String, aliases: [String])] = [:]

        var labels: [String: String] {
            Dictionary((body["Labels"]?.members ?? []).map { ($0.key, $0.value.string ?? "") }) { first, _ in first }
        }
    }

    struct State {
        var containers: [String: Thing] = [:]
        var networks: [String: Thing] = [:]
        var volumes: [String: Thing] = [:]
        var number: Int64 = 0
        /// What `published` containers say of their ports.
        var bindings: JSONValue = []
        /// Whether containers end as soon as they are started.
        var endAtOnce = false
        /// Put over what containers say of their settings.
        var settings: [JSONValue.Member] = []
        var isClosed = false
    }

    let state = Watched(State())
    /// Answers in place of the engine, or holds it up, before it does what it was asked for (`POST /containers/create`).
    private let before: @Sendable (_ call: String, _ engine: FakeContainers) -> HTTPServerResponse?

    init(before: @escaping @Sendable (_ call: String, _ engine: FakeContainers) -> HTTPServerResponse? = { _, _ in nil }) {
        self.before = before
    }

    var answers: FakeDocker.Answers { FakeDocker.Answers { [self] request in answer(request) } }

    /// `container NAME`, `network NAME`, `volume NAME`, with `!` where nothing says that it is ours.
    var things: [String] {
        state.withLock { state in
            func words(_ kind: String, _ things: [String: Thing]) -> [String] {
                things.map { "\(kind) \($0.key)" + ($0.value.labels[DockerLabels.managed] == "true" ? "" : "!") }
            }
            return (words("container", state.containers) + words("network", state.networks) + words("volume", state.volumes)).sorted()
        }
    }

    func close() { state.withLock { $0.isClosed = true } }

    /// An engine with this, and a provider that speaks to it.
    func with(
        time: any TimeSource = InstantTime(), requiringSealing: Bool = false, owner: Owner = .us, state folder: String = "",
        _ use: (FakeDocker, DockerEnvironment, DockerEngine) async throws -> Void
    ) async throws {
        try await withFakeDocker(answering: answers) { docker in
            let outcome: Result<Void, any Error>
            do {
                let work = randomHex(8)
                var processes = ProcessEnvironment.Settings.standard(temporary: "/tmp")
                processes.workFolder = "/tmp/lifeboat-test-\(work)"
                let provider = DockerEnvironment(
                    DockerEnvironment.Settings(
                        environment: ["DOCKER_HOST": docker.host.address, "HOME": "/nonexistent"], pull: .never,
                        requiresSealing: requiringSealing, state: folder), owner: owner, processes: processes,
                    child: ChildEnvironment(from: ["PATH": "/usr/bin:/bin"]), web: WebCalls(), digests: TestDigests(), time: time,
                    commands: ChildCommands(environment: ChildEnvironment(from: [:])), say: { _ in })
                outcome = .success(try await use(docker, provider, try await docker.connected()))
                _ = try? Files.removeTree(processes.workFolder)
            } catch { outcome = .failure(error) }
            close()
            try outcome.get()
        }
    }
}

extension FakeContainers {
    private static func refused(_ status: Int, _ words: String) -> HTTPServerResponse {
        HTTPServerResponse(status, JSONValue.object([.init("message", .string(words))]).text(), contentType: "application/json")
    }

    private static func said(_ json: JSONValue, _ status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(status, json.text(), contentType: "application/json")
    }

    private func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        let parts = request.path.split(separator: "/").dropFirst().map(String.init)
        let body = (try? JSONValue(parsing: request.body)) ?? .null
        let call = "\(request.method) /\(parts.joined(separator: "/"))"
        if let instead = before(call, self) { return instead }
        let query = Dictionary(request.query.map { ($0.name, $0.value ?? "") }) { first, _ in first }
        switch (request.method, parts.first ?? "", parts.count > 1 ? parts[1] : "", parts.count > 2 ? parts[2] : "") {
        case ("GET", "images", _, _): return Self.said(["Id": "sha256:1", "Config": ["Volumes": ["/data": [:]]]])
        case ("GET", "containers", "json", _): return list(\.containers, query)
        case ("GET", "networks", "", _): return list(\.networks, query)
        case ("GET", "volumes", "", _): return list(\.volumes, query)
        case ("POST", "networks", "create", _): return make(\.networks, body["Name"]?.string ?? "", body)
        case ("POST", "volumes", "create", _):
            state.withLock { Self.makeVolume(body["Name"]?.string ?? "", body["Labels"] ?? .null, &$0) }
            return Self.said(["Name": body["Name"] ?? ""], 201)
        case ("POST", "containers", "create", _):
            state.withLock { state in
                for mount in body["HostConfig"]?["Mounts"]?.array ?? [] {
                    Self.makeVolume(mount["Source"]?.string ?? "", mount["VolumeOptions"]?["Labels"] ?? .null, &state)
                }
            }
            return make(\.containers, query["name"] ?? "", body)
        case ("GET", "networks", let id, _): return network(id)
        case ("DELETE", "networks", let id, _):
            return state.withLock { state in
                guard let (name, network) = state.networks.first(where: { $0.value.id == id }) else {
                    return Self.refused(404, "no such network")
                }
                guard network.members.isEmpty else { return Self.refused(403, "error while removing network: it has active endpoints") }
                state.networks[name] = nil
                return HTTPServerResponse(204)
            }
        case ("POST", "networks", let id, "disconnect"):
            state.withLock { state in
                guard let name = state.networks.first(where: { $0.value.id == id })?.key else { return }
                state.networks[name]?.members[body["Container"]?.string ?? ""] = nil
            }
            return HTTPServerResponse(200)
        case ("DELETE", "volumes", let name, _):
            return state.withLock { $0.volumes.removeValue(forKey: name) } == nil
                ? Self.refused(404, "no such volume") : HTTPServerResponse(204)
        case (_, "containers", let id, let what): return container(id, request.method, what)
        default: return Self.refused(404, "page not found")
        }
    }

    private static func makeVolume(_ name: String, _ labels: JSONValue, _ state: inout State) {
        if state.volumes[name] == nil { state.volumes[name] = Thing(id: name, body: ["Labels": labels]) }
    }

    private func make(_ kind: any (WritableKeyPath<State, [String: Thing]> & Sendable), _ name: String, _ body: JSONValue)
        -> HTTPServerResponse
    {
        state.withLock { state in
            guard state[keyPath: kind][name] == nil else { return Self.refused(409, "\(name) already exists") }
            state.number += 1
            let id = "\(state.number)".padding(64)
            state[keyPath: kind][name] = Thing(id: id, body: body)
            return Self.said(["Id": .string(id)], 201)
        }
    }

    private func list(_ kind: any (KeyPath<State, [String: Thing]> & Sendable), _ query: [String: String]) -> HTTPServerResponse {
        let filters = query["filters"].flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        let wanted = (filters?["label"]?.array ?? []).compactMap(\.string)
        let things = state.withLock { $0[keyPath: kind] }.filter { thing in
            wanted.allSatisfy { word in
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                guard let value = thing.value.labels[parts[0]] else { return false }
                return parts.count == 1 || value == parts[1]
            }
        }
        let rows = things.sorted { $0.key < $1.key }.map { name, thing -> JSONValue in
            ["Id": .string(thing.id), "Name": .string(name), "Labels": thing.body["Labels"] ?? .null]
        }
        return Self.said(kind == \State.volumes ? ["Volumes": .array(rows)] : .array(rows))
    }

    private func network(_ id: String) -> HTTPServerResponse {
        state.withLock { state in
            guard let (name, network) = state.networks.first(where: { $0.value.id == id || $0.key == id }) else {
                return Self.refused(404, "no such network")
            }
            let members = network.members.map { JSONValue.Member($0.key, ["Name": .string($0.value.name)]) }
            return Self.said(["Id": .string(network.id), "Name": .string(name), "Containers": .object(members), "IPAM": ["Config": []]])
        }
    }

    private func container(_ id: String, _ method: String, _ what: String) -> HTTPServerResponse {
        guard let (name, _) = state.withLock({ $0.containers.first { $0.value.id == id || $0.key == id } }) else {
            return stranger(id) ?? Self.refused(404, "no such container")
        }
        switch (method, what) {
        case ("GET", "json"): return inspected(name)
        case ("POST", "start"):
            state.withLock { state in
                state.number += 1
                state.containers[name]?.isRunning = !state.endAtOnce
                state.containers[name]?.pid = state.endAtOnce ? 0 : state.number
            }
            return HTTPServerResponse(204)
        case ("POST", "wait"):
            state.wait { $0.isClosed || $0.containers[name]?.isRunning != true }
            return Self.said(["StatusCode": 3])
        case ("DELETE", ""):
            state.withLock { $0.containers[name] = nil }
            return HTTPServerResponse(204)
        case ("GET", "logs"): return HTTPServerResponse(200)
        default: return Self.refused(404, "page not found")
        }
    }

    private func inspected(_ name: String) -> HTTPServerResponse {
        state.withLock { state in
            guard let container = state.containers[name] else { return Self.refused(404, "no such container") }
            let asked = container.body["HostConfig"]
            let host = (asked?.members ?? []).map { member in state.settings.first { $0.key == member.key } ?? member }
            let more = state.settings.filter { setting in !host.contains { $0.key == setting.key } }
            let mounts = (asked?["Mounts"]?.array ?? []).map { mount -> JSONValue in
                ["Type": "volume", "Name": mount["Source"] ?? "", "Destination": mount["Target"] ?? ""]
            }
            let port = container.body["ExposedPorts"]?.members?.first?.key ?? ""
            return Self.said([
                "Id": .string(container.id), "Name": .string("/\(name)"),
                "State": ["Running": .bool(container.isRunning), "Pid": .int(container.pid), "ExitCode": container.isRunning ? 0 : 3],
                "Config": ["Labels": container.body["Labels"] ?? .null, "Env": container.body["Env"] ?? .null],
                "HostConfig": .object(host + more), "Mounts": .array(mounts),
                "NetworkSettings": [
                    "Networks": .object([.init(asked?["NetworkMode"]?.string ?? "", ["IPAddress": "172.30.0.2"])]),
                    "Ports": container.isRunning ? .object([.init(port, state.bindings)]) : [:],
                ],
            ])
        }
    }

    /// Somebody who is in a network and not of ours.
    private func stranger(_ id: String) -> HTTPServerResponse? {
        state.withLock { state in
            for (name, network) in state.networks {
                guard let member = network.members[id] else { continue }
                let aliases = JSONValue.array(member.aliases.map { .string($0) })
                return Self.said([
                    "Id": .string(id), "Name": .string("/\(member.name)"), "State": ["Running": true],
                    "NetworkSettings": ["Networks": .object([.init(name, ["Aliases": aliases])])],
                ])
            }
            return nil
        }
    }
}

extension String {
    fileprivate func padding(_ count: Int) -> String { self + String(repeating: "0", count: count - self.utf8.count) }
}
