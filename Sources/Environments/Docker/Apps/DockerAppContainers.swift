import Documents
import Recovery

/// Real applications as containers of the engine that the `docker` command would speak to.
package struct DockerAppContainers: AppContainers {
    private let connection: DockerConnection

    /// - Parameter environment: ours; which engine is meant stands in there.
    package init(environment: [String: String]) { connection = DockerConnection(environment) }

    package func find(_ which: AppContainment.Which, of app: String) async throws -> [ContainerStanding] {
        let engine = try await engine(of: app)
        switch which {
        case .named(let names):
            var standings: [ContainerStanding] = []
            for name in names { standings.append(try await standing(of: name.text, app, engine)) }
            return standings
        case .services(let services, let project):
            var standings: [ContainerStanding] = []
            for service in services {
                let names = try await names(ofService: service, project, engine)
                guard !names.isEmpty else {
                    throw Failure(
                        .application,
                        "application '\(app)': the project '\(project)' has no container of its service '\(service)' on the engine at "
                            + engine.host.address,
                        hint: "`docker ps -a --filter label=com.docker.compose.project=\(project)` shows those that it has; "
                            + "`docker compose create` makes what is missing")
                }
                for name in names { standings.append(try await standing(of: name, app, engine)) }
            }
            return standings
        }
    }

    package func stop(_ container: ContainerStanding) async throws {
        try await acting(on: container, "stop") { engine in
            let grace = try await engine.inspectContainer(container.id).stopTimeout
            // Without a time of ours, so that its own holds.
            _ = try await engine.call(
                "POST", "/containers/\(container.id)/stop", within: grace + .seconds(60), attempt: "stop the container \(container.name)")
        }
    }

    package func start(_ container: ContainerStanding) async throws {
        try await acting(on: container, "start") { try await $0.startContainer(container.id) }
    }

    private func acting(on container: ContainerStanding, _ verb: String, _ act: (DockerEngine) async throws -> Void) async throws {
        do { try await act(try await connection.engine()) } catch let refusal as DockerRefusal {
            throw Failure(
                .application, "cannot \(verb) container \(container.name): the container engine refused",
                hint: "`docker \(verb) \(container.name)` asks it the same way; `docker inspect \(container.name)` shows how it was made",
                cause: Failure(.application, refusal.message))
        }
    }

    private func engine(of app: String) async throws -> DockerEngine {
        try await connection.engine(for: "the containers of application '\(app)'")
    }

    private func standing(of name: String, _ app: String, _ engine: DockerEngine) async throws -> ContainerStanding {
        let missing = Failure(
            .application, "application '\(app)': there is no container '\(name)' on the engine at \(engine.host.address)",
            hint: "`docker ps -a` lists those there are; if it was removed, make it again, stopped, with `docker create`")
        do {
            let facts = try await engine.inspectContainer(name)
            guard facts.isCalled(name) else { throw missing }
            return ContainerStanding(facts)
        } catch let refusal as DockerRefusal { throw refusal.isMissing ? missing : refusal.asFailure }
    }

    /// In the order of their numbers.
    private func names(ofService service: String, _ project: String, _ engine: DockerEngine) async throws -> [String] {
        let label = "com.docker.compose."
        let wanted: [JSONValue] = [
            .string("\(label)project=\(project)"), .string("\(label)service=\(service)"), .string("\(label)oneoff=False"),
        ]
        let filters = JSONValue.object([.init("label", .array(wanted))]).text()
        let list = try await dockerFailures {
            try await engine.call(
                "GET", "/containers/json", [("all", "1"), ("filters", filters)], attempt: "look for the containers of project '\(project)'")
        }
        func number(_ container: JSONValue) -> Int {
            container["Labels"]?["\(label)container-number"]?.string.flatMap { Int($0) } ?? 0
        }
        return (list.array ?? []).sorted { number($0) < number($1) }.compactMap { container in
            container["Names"]?.array?.first?.string.map { String($0.drop { $0 == "/" }) }
        }
    }
}

extension ContainerStanding {
    init(_ facts: ContainerFacts) {
        let state: State =
            switch facts.status {
            case "running": .running
            case "restarting": .restarting
            case "paused": .paused
            default: .ended
            }
        let health: Health =
            switch facts.health {
            case "starting": .starting
            case "healthy": .healthy
            case "unhealthy": .unhealthy
            default: .none
            }
        let remark = (state == .running ? facts.lastHealthOutput : facts.error).split(separator: "\n").joined(separator: " ")
        self.init(
            id: facts.id, name: facts.name, state: state, health: health, exitCode: facts.exitCode, remark: String(remark.suffix(300)),
            startsWithEngine: facts.restartPolicy == "always")
    }
}
