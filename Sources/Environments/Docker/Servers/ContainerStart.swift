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
                engine: recipe.engine, address: address, identity: identity, image: image.evidence,
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

    private func waitUntilReady(_ id: String, at address: ServerAddress, _ log: ContainerLog) async throws -> ServerIdentity {
        let readiness = Readiness(name: name, recipe: recipe, within: readyWithin, time: time, log: log)
        let identity = try await readiness.identity(
            at: address, orEnd: { _ = try await dockerFailures { try await engine.waitForContainer(id) } },
            isRunning: { (try? await engine.inspectContainer(id))?.isRunning ?? true })
        if let identity { return identity }
        let end = await ContainerEnd.of(id, on: engine, limits)
        throw await readiness.endedEarly(end.words, hint: end.hint, cameFromOutside: end.cameFromOutside)
    }
}
