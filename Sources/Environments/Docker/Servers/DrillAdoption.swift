import Bindings
import Recovery

/// Takes over the containers of a drill whose process is dead.
struct DrillAdoption: Sendable {
    let request: EnvironmentRequest
    let engine: DockerEngine
    let way: DockerWay
    let limits: ContainerLimits
    let time: any TimeSource

    /// How long a server that has lived all the time may take to answer.
    private static let patience = Duration.seconds(20)

    /// All servers of the request, or nil when one of them does not live any more or cannot be reached.
    func running() async throws -> [RunningContainer]? {
        let things = try await dockerFailures { try await engine.things(labelled: "\(DockerLabels.prefix)run=\(request.run)") }
            .filter { DockerLabels($0.labels)?.generation == request.generation }
        guard let network = things.first(where: { $0.kind == .network }) else { return nil }
        let drill = DrillNetwork(id: network.id, name: network.name)
        if case .joined(let container) = way { try? await engine.connect(container: container, toNetwork: network.id) }
        var running: [RunningContainer] = []
        for (name, recipe) in request.servers {
            let container = things.first { $0.kind == .container && DockerLabels.service($0.labels) == name }
            guard let container, let server = try await adopt(container, name, recipe, drill) else { return nil }
            running.append(server)
        }
        return running
    }

    private func adopt(_ container: DockerThing, _ name: String, _ recipe: any ServerRecipe, _ network: DrillNetwork) async throws
        -> RunningContainer?
    {
        let facts = try await dockerFailures { try await engine.inspectContainer(container.id) }
        guard facts.isRunning else { return nil }
        let variable = try await recipe.containerPlan(in: ContainerPlace(password: Secret(""))).passwordVariable
        let password = Secret(facts.environment[variable] ?? "")
        let plan = try await recipe.containerPlan(in: ContainerPlace(password: password))
        do {
            let door = try await ContainerDoor.open(to: facts, port: plan.port, way, network)
            var address = plan.login
            (address.host, address.port) = (door.host, door.port)
            let identity = try await recipe.waitUntilReady(address, within: Self.patience, time)
            return RunningContainer(
                name: name, id: container.id, log: ContainerLog(id: container.id, engine: engine, redact: Redactor([password])), door: door,
                port: plan.port, folders: facts.volumes,
                started: StartedServer(engine: recipe.engine, address: address, identity: identity, container: container.id))
        } catch is ContainerDoor.NoWayIn { return nil } catch let failure as Failure where failure.isWorthRetrying { return nil }
    }
}
