import Bindings
import Recovery

/// The images of the servers that drills start: what is there, fetched and carried about before anybody needs it.
extension DockerEnvironment {
    /// The image of a server, got as the settings say.
    func image(of recipe: any ServerRecipe, on engine: DockerEngine) async throws -> DockerImage {
        try await images(on: engine).ensure(try await imageName(of: recipe), pull: settings.pull, say: say)
    }

    /// What the engine has of the images of these servers.
    package func images(of servers: [(name: String, recipe: any ServerRecipe)]) async throws -> [ServerImage] {
        let images = try images(on: try await connection.engine())
        var found: [ServerImage] = []
        for (name, users) in try await imageNames(of: servers) { found.append(ServerImage(name, users, try await images.look(for: name))) }
        return found
    }

    /// Asks the registries for them, whatever the engine has.
    package func pullImages(of servers: [(name: String, recipe: any ServerRecipe)]) async throws -> [ServerImage] {
        let images = try images(on: try await connection.engine())
        var pulled: [ServerImage] = []
        for (name, users) in try await imageNames(of: servers) {
            pulled.append(ServerImage(name, users, try await images.ensure(name, pull: .always, say: say)))
        }
        return pulled
    }

    /// Writes them into a new file. Returns its size.
    package func saveImages(of servers: [(name: String, recipe: any ServerRecipe)], to file: String) async throws -> Int64 {
        try await images(on: try await connection.engine()).save(try await imageNames(of: servers).map(\.name), to: file, by: owner)
    }

    /// Reads what such a file holds into the engine. Returns the names.
    package func loadImages(from file: String) async throws -> [String] {
        try await images(on: try await connection.engine()).load(from: file)
    }

    private func images(on engine: DockerEngine) throws -> DockerImages {
        let logins = RegistryLogins(
            try DockerSettings(settings.environment).file(), commands: commands, environment: settings.environment, time: time)
        return DockerImages(engine: engine, logins: logins, time: time)
    }

    private func imageName(of recipe: any ServerRecipe) async throws -> ImageName {
        let name = try ImageName(try await recipe.containerPlan(in: ContainerPlace(password: Secret(""))).image)
        return try settings.registry.map { try name.mirrored(through: $0) } ?? name
    }

    /// Each image once, with the servers that need it.
    private func imageNames(
        of servers: [(name: String, recipe: any ServerRecipe)]
    ) async throws -> [(name: ImageName, users: [String])] {
        var names: [(name: ImageName, users: [String])] = []
        for server in servers {
            let name = try await imageName(of: server.recipe)
            if let known = names.firstIndex(where: { $0.name == name }) {
                if !names[known].users.contains(server.name) { names[known].users.append(server.name) }
            } else {
                names.append((name, [server.name]))
            }
        }
        return names
    }
}
