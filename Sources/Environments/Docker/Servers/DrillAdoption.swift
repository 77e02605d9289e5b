import Bindings
import Documents
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

    /// All servers of the request, in their network; nil when one of them does not live any more, cannot be reached, or is not confined as
    /// it would be today.
    func running() async throws -> (servers: [RunningContainer], network: DrillNetwork)? {
        let things = try await things()
        guard let network = things.first(where: { $0.kind == .network }) else { return nil }
        let drill = DrillNetwork(id: network.id, name: network.name)
        if case .joined(let container) = way { try? await engine.connect(container: container, toNetwork: network.id) }
        // The drill is not over after all.
        for thing in things where DockerLabels(thing.labels)?.isOver == true { try await dockerFailures { try await engine.remove(thing) } }
        var running: [RunningContainer] = []
        for (name, recipe) in request.servers {
            guard let container = Self.container(of: name, things) else { return nil }
            let volumes = things.filter { $0.kind == .volume && DockerLabels.service($0.labels) == name }.map(\.name)
            guard let server = try await adopt(container, name, recipe, drill, volumes) else { return nil }
            running.append(server)
        }
        return (running, drill)
    }

    /// Whether all servers of the request run, whatever else is to be said of them.
    func allRun() async throws -> Bool {
        let things = try await things()
        for (name, _) in request.servers {
            guard let container = Self.container(of: name, things) else { return false }
            guard try await dockerFailures({ try await engine.inspectContainer(container.id) }).isRunning else { return false }
        }
        return true
    }

    private func things() async throws -> [DockerThing] {
        try await dockerFailures { try await engine.things(labelled: "\(DockerLabels.prefix)run=\(request.run)") }
            .filter { DockerLabels($0.labels)?.generation == request.generation }
    }

    private static func container(of server: String, _ things: [DockerThing]) -> DockerThing? {
        things.first { $0.kind == .container && DockerLabels.service($0.labels) == server }
    }

    private func adopt(
        _ container: DockerThing, _ name: String, _ recipe: any ServerRecipe, _ network: DrillNetwork, _ volumes: [String]
    ) async throws -> RunningContainer? {
        let facts = try await dockerFailures { try await engine.inspectContainer(container.id) }
        guard facts.isRunning else { return nil }
        let variable = try await recipe.containerPlan(in: ContainerPlace(password: Secret(""))).passwordVariable
        let password = Secret(facts.environment[variable] ?? "")
        let plan = try await recipe.containerPlan(in: ContainerPlace(password: password))
        // What was asked for then may be less than what is asked for now, and somebody may have changed it since.
        let body = ContainerBody(
            plan: plan, image: "", network: network, way: way, limits: limits,
            volumes: Dictionary(volumes.map { ($0, $0) }) { first, _ in first }, labels: .null, alias: name)
        guard (try? body.check(facts)) != nil else { return nil }
        do {
            let door = try await ContainerDoor.open(to: facts, port: plan.port, way, network)
            var address = plan.login
            (address.host, address.port) = (door.host, door.port)
            let identity = try await recipe.waitUntilReady(address, within: Self.patience, time)
            let now = try await dockerFailures { try await engine.inspectContainer(container.id) }
            guard ContainerDoor.stillLeads(to: now, as: facts, port: plan.port, network) else { return nil }
            return RunningContainer(
                name: name, id: container.id, log: ContainerLog(id: container.id, engine: engine, redact: Redactor([password])), door: door,
                port: plan.port, folders: facts.volumes,
                started: StartedServer(engine: recipe.engine, address: address, identity: identity, container: container.id))
        } catch is ContainerDoor.NoWayIn { return nil } catch is ContainerDoor.Nowhere { return nil } catch let failure as Failure
            where failure.isWorthRetrying
        { return nil }
    }
}
