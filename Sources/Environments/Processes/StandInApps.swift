import Bindings
import Recovery

/// The programs that stand in for the applications of a drill's runbooks: local processes, whatever their servers are.
struct StandInApps: Sendable {
    let owner: Owner
    let environment: ChildEnvironment
    let web: any WebCaller
    let time: any TimeSource
    let ports: Ports
    let work: WorkFolder

    /// Starts all of them and tells them where their servers are. None runs when this throws.
    func start(_ request: EnvironmentRequest, beside servers: [String: StartedServer]) async throws -> [String: ProcessApp] {
        let apps = try make(request, servers)
        do {
            try await withThrowingTaskGroup { group in
                for app in apps.values { group.addTask { try await app.start() } }
                try await group.waitForAll()
            }
            return apps
        } catch {
            await Self.stop(apps)
            throw error
        }
    }

    static func stop(_ apps: [String: ProcessApp]) async {
        await uncancelled {
            await withTaskGroup { group in
                for app in apps.values { group.addTask { try? await app.stop() } }
            }
        }
    }

    private func make(_ request: EnvironmentRequest, _ servers: [String: StartedServer]) throws -> [String: ProcessApp] {
        var apps: [String: ProcessApp] = [:]
        for (name, recipe) in request.apps {
            let port = try ports.take()
            var command = recipe.command
            let addresses = try addresses(for: name, recipe, request, servers)
            for (variable, url) in addresses { command.environment[variable] = url.reveal { $0 } }
            command.environment["PORT"] = "\(port.number)"
            apps[name] = ProcessApp(
                name: name, port: port, command: try Command(command, in: environment), healthPath: recipe.healthPath,
                mark: OwnerMark(name, request, owner), work: work, web: web, time: time, redact: Redactor(addresses.map(\.url)))
        }
        return apps
    }

    private func addresses(
        for app: String, _ recipe: AppRecipe, _ request: EnvironmentRequest, _ servers: [String: StartedServer]
    ) throws -> [(variable: String, url: Secret)] {
        var addresses = servers.map { name, server in
            let word = String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            return ("\(word)_URL", request.connectionURL(server.engine, server.address, nil))
        }
        guard let used = recipe.uses else { return addresses }
        guard let server = servers[used] else {
            throw Failure(.document, "application '\(app)' uses '\(used)', and the environment has no such server")
        }
        addresses.append(("DATABASE_URL", request.connectionURL(server.engine, server.address, recipe.database)))
        return addresses
    }
}
