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

    /// The same for somebody who cannot do without; `what` is what cannot be reached then.
    func engine(for what: String) async throws -> DockerEngine {
        do { return try await engine() } catch let failure as Failure where failure.kind == .environmentUnavailable {
            let unreachable = Failure(
                .environmentUnavailable, "\(what) cannot be reached",
                hint: "start the engine, or say where it answers with DOCKER_HOST or DOCKER_CONTEXT; `docker info` asks it the same way",
                cause: failure)
            throw failure.mayPass ? unreachable.passing : unreachable
        }
    }

    /// Nil when nothing says that there is one, or it is one that our account may not speak to: it has left nothing there. An engine
    /// that is away for now still has what was left in it.
    func engineIfThere() async throws -> DockerEngine? {
        if let known { return known }
        guard let host = try DockerHost.find(environment) else { return nil }
        guard host.origin != DockerHost.usualOrigin || !host.isForbidden else { return nil }
        return try await engine()
    }
}
