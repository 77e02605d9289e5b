import Recovery

/// The connection to the engine, made when it is first needed.
actor DockerConnection {
    private let environment: [String: String]
    private var known: DockerEngine?

    init(_ environment: [String: String]) { self.environment = environment }

    /// Throws `Failure(.environmentUnavailable)` when there is none.
    func engine() async throws -> DockerEngine {
        if let known { return known }
        guard let host = try DockerHost.find(environment) else {
            throw Failure(
                .environmentUnavailable, "there is no container engine: no socket is in the usual places",
                hint: "install Docker or Podman, or say where it answers with DOCKER_HOST; or use --environment process")
        }
        let engine = try await DockerEngine.connect(to: host, wanted: environment["DOCKER_API_VERSION"])
        known = engine
        return engine
    }

    /// Nil when nothing says that there is one, or the usual socket is nobody's any more.
    func engineIfThere() async throws -> DockerEngine? {
        if let known { return known }
        guard let host = try DockerHost.find(environment) else { return nil }
        do { return try await engine() } catch let failure as Failure {
            guard host.origin == DockerHost.usualOrigin else { throw failure }
            return nil
        }
    }
}
