import Recovery
import Synchronization

/// Containers of an engine, by name. One that is told to stop has ended afterwards, unless a test has said that it does not listen.
package final class MemoryContainers: AppContainers {
    private struct State {
        var containers: [String: ContainerStanding] = [:]
        var deaf: Set<String> = []
        var acts: [String] = []
        var isDown = false
    }

    private let state = Mutex(State())
    private let live: @Sendable () throws -> Void

    package init(live: @escaping @Sendable () throws -> Void = {}) { self.live = live }

    package func put(_ containers: ContainerStanding...) {
        state.withLock { state in for container in containers { state.containers[container.name] = container } }
    }

    package subscript(name: String) -> ContainerStanding? { state.withLock { $0.containers[name] } }
    /// What they were told to do, in order.
    package var acts: [String] { state.withLock { $0.acts } }
    package func doesNotStop(_ name: String) { state.withLock { _ = $0.deaf.insert(name) } }
    package func engineStops() { state.withLock { $0.isDown = true } }

    package func find(_ which: AppContainment.Which, of app: String) async throws -> [ContainerStanding] {
        try live()
        return try state.withLock { state in
            guard !state.isDown else { throw Failure(.environmentUnavailable, "the containers of application '\(app)' cannot be reached") }
            let names =
                switch which {
                case .named(let names): names.map(\.text)
                case .services(let services, let project): services.map { "\(project)-\($0)-1" }
                }
            return try names.map { name in
                guard let container = state.containers[name] else {
                    throw Failure(.application, "application '\(app)': there is no container '\(name)'")
                }
                return container
            }
        }
    }

    package func stop(_ container: ContainerStanding) async throws {
        try live()
        state.withLock { state in
            state.acts.append("stop \(container.name)")
            if !state.deaf.contains(container.name) { state.containers[container.name]?.state = .ended }
        }
    }

    package func start(_ container: ContainerStanding) async throws {
        try live()
        state.withLock { state in
            state.acts.append("start \(container.name)")
            state.containers[container.name]?.state = .running
        }
    }
}
