/// A real application that is one container or several.
///
/// They are stopped as `docker stop` does it, within the grace that each was made with, so that no restart policy brings them back; and
/// looked at afterwards.
struct ContainedApp: AppControl {
    let name: String
    let contained: AppContainment
    let containers: any AppContainers
    let calls: AppCalls

    func stop() async throws {
        for container in try await standings() where container.isUp { try await containers.stop(container) }
    }

    func start() async throws {
        for container in try await standings().reversed() where !container.isUp { try await containers.start(container) }
    }

    func isRunning() async throws -> Bool? { try await standings().contains(where: \.isUp) }

    func health() async throws -> AppHealth {
        let standings = try await standings()
        if let down = standings.first(where: { $0.state != .running }) { return .unhealthy(down.words) }
        if let healthy = contained.healthy { return try await calls.health(healthy) }
        if let ill = standings.first(where: { $0.health == .starting || $0.health == .unhealthy }) { return .unhealthy(ill.words) }
        let words = standings.map(\.words).joined(separator: "; ")
        return standings.allSatisfy { $0.health == .healthy } ? .healthy(words) : .running(words)
    }

    func remarksWhenStopped() async throws -> [String] {
        try await standings().map { container in
            container.startsWithEngine
                ? "\(container.words); its restart policy brings it back when the engine itself is started anew" : container.words
        }
    }

    /// In the order in which they are stopped.
    func standings() async throws -> [ContainerStanding] { try await containers.find(contained.which, of: name) }
}

extension ContainerStanding {
    /// Whether it runs, or will by itself.
    fileprivate var isUp: Bool { state != .ended }
}
