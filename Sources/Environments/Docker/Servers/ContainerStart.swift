import Bindings
import Documents
import Recovery

/// Brings one server up in a container. What it leaves when it fails carries the drill's labels and is removed with them.
struct ContainerStart: Sendable {
    let name: String
    let recipe: any ServerRecipe
    let engine: DockerEngine
    let image: DockerImage
    let network: DrillNetwork
    let way: DockerWay
    let labels: DockerLabels
    let limits: ContainerLimits
    let digests: any Digesting
    let time: any TimeSource
    let readyWithin: Duration

    func callAsFunction() async throws -> RunningContainer {
        let password = Secret(digests.sha256(digests.randomBytes(24)))
        let plan = try await recipe.containerPlan(in: ContainerPlace(password: password))
        let container = try await create(plan)
        try await dockerFailures { try await engine.startContainer(container.id) }
        let facts = try await dockerFailures { try await engine.inspectContainer(container.id) }
        if facts.isRunning { try container.body.check(facts) }
        // While the server makes its data folder there is time for it.
        async let findings = probed(facts, port: plan.port)
        let log = ContainerLog(id: container.id, engine: engine, redact: Redactor([password]))
        let door = try await ContainerDoor.open(to: facts, port: plan.port, way, network)
        var address = plan.login
        (address.host, address.port) = (door.host, door.port)
        let identity = try await waitUntilReady(container.id, at: address, log)
        try await recipe.settle(address)
        return RunningContainer(
            name: name, id: container.id, log: log, door: door, port: plan.port, folders: facts.volumes,
            started: StartedServer(
                engine: recipe.engine, address: address, identity: identity, image: image.digest ?? "\(image.reference) (\(image.id))",
                container: container.id),
            findings: try await findings)
    }

    /// From outside, by entering its network: needs nothing of what runs in it.
    private func probed(_ facts: ContainerFacts, port: Int) async throws -> IsolationProbe.Findings? {
        guard way == .namespace, facts.isRunning else { return nil }
        return try await IsolationProbe(engine: engine, container: facts, network: network, way: way, port: port).findings()
    }

    private func create(_ plan: ContainerPlan) async throws -> (id: String, body: ContainerBody) {
        let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(24))
        for attempt in 1... {
            let random = digests.randomName(6)
            let full = "lifeboat-\(labels.run)-\(safe)-\(random)"
            do {
                var volumes: [String: String] = [:]
                for (index, path) in image.volumes.enumerated() {
                    let volume = "\(full)-\(index + 1)"
                    try await engine.createVolume(named: volume, labels: labels.json(for: name))
                    volumes[path] = volume
                }
                let body = ContainerBody(
                    plan: plan, image: image.id, network: network, way: way, limits: limits, volumes: volumes,
                    labels: labels.json(for: name),
                    alias: safe)
                return (try await engine.createContainer(named: full, body.json), body)
            } catch let refusal as DockerRefusal {
                guard refusal.isConflict, attempt < 3 else { throw refusal.asFailure }
            }
        }
        throw Failure(.bug, "no container was created for '\(name)'")
    }

    /// Whichever comes first: a login that works, or the end of the container.
    private func waitUntilReady(_ id: String, at address: ServerAddress, _ log: ContainerLog) async throws -> ServerIdentity {
        enum First: Sendable {
            case ready(ServerIdentity)
            case notReady(any Error)
            case ended
        }
        let first = try await withThrowingTaskGroup(of: First.self) { group in
            group.addTask {
                do { return .ready(try await recipe.waitUntilReady(address, within: readyWithin, time)) } catch { return .notReady(error) }
            }
            group.addTask {
                _ = try await dockerFailures { try await engine.waitForContainer(id) }
                return .ended
            }
            defer { group.cancelAll() }
            return try await group.next()
        }
        try Task.checkCancellation()
        switch first {
        case .ready(let identity): return identity
        case .ended: throw await endedEarly(id, log)
        case .notReady(let error):
            if let facts = try? await engine.inspectContainer(id), !facts.isRunning { throw await endedEarly(id, log) }
            let why = Failure.wrapping(error, while: "waiting for server '\(name)'")
            let end = await log.asCause()
            throw Failure(
                why.kind, "server '\(name)' (\(recipe.engine)) did not become ready: \(why.problem)",
                hint: why.hint ?? "the end of its log says how far it came", cause: end ?? why.cause)
        case nil: throw Failure(.bug, "nobody waited for server '\(name)'")
        }
    }

    private func endedEarly(_ id: String, _ log: ContainerLog) async -> Failure {
        let end = await ContainerEnd.of(id, on: engine, limits)
        return Failure(
            .environmentUnavailable, "server '\(name)' (\(recipe.engine)) ended while it was starting: \(end.words)",
            hint: end.hint ?? "the end of its log says why", cause: await log.asCause())
    }
}
