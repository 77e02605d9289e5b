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
        let log = ContainerLog(id: container.id, engine: engine, redact: Redactor([password]))
        let (facts, door) = try await found(container.id, container.body, log)
        // While the server makes its data folder there is time for it.
        async let findings = probed(facts, port: plan.port)
        var address = plan.login
        (address.host, address.port) = (door.host, door.port)
        let identity = try await waitUntilReady(container.id, at: address, log)
        try await requireItself(facts, plan, log)
        try await recipe.settle(address)
        return RunningContainer(
            name: name, id: container.id, log: log, door: door, port: plan.port, folders: facts.volumes,
            started: StartedServer(
                engine: recipe.engine, address: address, identity: identity, image: image.evidence,
                container: container.id),
            findings: try await findings)
    }

    /// Where it is, once it runs as it was told to. One that has ended is nowhere, and nothing may be asked in its place.
    private func found(
        _ id: String, _ body: ContainerBody, _ log: ContainerLog
    ) async throws -> (facts: ContainerFacts, door: ContainerDoor) {
        for attempt in 1... {
            let facts = try await dockerFailures { try await engine.inspectContainer(id) }
            guard facts.isRunning else { throw await ended(id, log) }
            try body.check(facts)
            do { return (facts, try await ContainerDoor.open(to: facts, port: body.plan.port, way, network)) } catch let nowhere
                as ContainerDoor.Nowhere
            {
                // One that is just ending loses its place first.
                guard attempt < 10 else {
                    throw Failure(
                        .environmentUnavailable, "server '\(name)' (\(recipe.engine)) cannot be reached: \(nowhere.words)",
                        hint: "`docker inspect` of a container that publishes a port shows how the engine does it; its log may say why not")
                }
                try await time.sleep(for: .milliseconds(50))
            }
        }
        throw Failure(.bug, "nobody looked for server '\(name)'")
    }

    /// Before the server is told anything: the one who took the login was the container, which lives and is where it was.
    private func requireItself(_ before: ContainerFacts, _ plan: ContainerPlan, _ log: ContainerLog) async throws {
        let facts = try await dockerFailures { try await engine.inspectContainer(before.id) }
        guard !ContainerDoor.stillLeads(to: facts, as: before, port: plan.port, network) else { return }
        guard facts.isRunning else { throw await ended(before.id, log) }
        throw Failure(
            .environmentUnavailable, "the container of server '\(name)' (\(recipe.engine)) was restarted while it was starting",
            hint: "somebody has restarted it"
        ).passing
    }

    private func ended(_ id: String, _ log: ContainerLog) async -> Failure {
        let end = await ContainerEnd.of(id, on: engine, limits, time)
        return await readiness(log).endedEarly(end.words, hint: end.hint, cameFromOutside: end.cameFromOutside)
    }

    private func readiness(_ log: ContainerLog) -> Readiness {
        Readiness(name: name, recipe: recipe, within: readyWithin, time: time, log: log)
    }

    /// From outside, by entering its network: needs nothing of what runs in it.
    private func probed(_ facts: ContainerFacts, port: Int) async throws -> IsolationProbe.Findings? {
        guard way == .namespace, facts.isRunning else { return nil }
        return try await IsolationProbe(engine: engine, container: facts, network: network, way: way, port: port).findings()
    }

    private func create(_ plan: ContainerPlan) async throws -> (id: String, body: ContainerBody) {
        let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(24))
        return try await dockerFailures {
            try await namingAnew {
                let full = "lifeboat-\(labels.run)-\(safe)-\(digests.randomName(6))"
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
            }
        }
    }

    private func waitUntilReady(_ id: String, at address: ServerAddress, _ log: ContainerLog) async throws -> ServerIdentity {
        let identity = try await readiness(log).identity(
            at: address, orEnd: { _ = try await dockerFailures { try await engine.waitForContainer(id) } },
            isRunning: { (try? await engine.inspectContainer(id))?.isRunning ?? true })
        if let identity { return identity }
        throw await ended(id, log)
    }
}
