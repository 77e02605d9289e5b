/// The containers that real applications are, on the engine that this machine speaks to.
package protocol AppContainers: Sendable {
    /// How they stand, in the order in which they are named.
    ///
    /// - Parameter app: the application, for messages.
    /// - Throws: `Failure(.application)` when one of them is not there, `Failure(.environmentUnavailable)` when no engine answers.
    func find(_ which: AppContainment.Which, of app: String) async throws -> [ContainerStanding]
    /// Asks it to end and kills it after the grace that it was made with. It has ended when this returns, and no restart policy brings
    /// it back.
    func stop(_ container: ContainerStanding) async throws
    func start(_ container: ContainerStanding) async throws
}

/// How a container stood when it was looked at.
package struct ContainerStanding: Sendable, Equatable {
    package enum State: String, Sendable {
        case running
        /// The engine will start it in a moment, by its restart policy.
        case restarting
        case paused
        case ended
    }

    /// What its own health check says.
    package enum Health: Sendable, Equatable { case none, starting, healthy, unhealthy }

    package var id: String
    package var name: String
    package var state: State
    package var health: Health
    /// Of one that has ended.
    package var exitCode: Int
    /// What its health check wrote last, or why it could not be started.
    package var remark: String
    /// Whether it comes back when the engine is started anew, also after it was stopped.
    package var startsWithEngine: Bool

    package init(
        id: String, name: String, state: State, health: Health = .none, exitCode: Int = 0, remark: String = "",
        startsWithEngine: Bool = false
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.health = health
        self.exitCode = exitCode
        self.remark = remark
        self.startsWithEngine = startsWithEngine
    }

    /// `container web has ended with status 137`.
    package var words: String {
        let said = remark.isEmpty ? "" : ": \(remark)"
        return switch (state, health) {
        case (.running, .none): "container \(name) runs, and has no health check that says more"
        case (.running, .starting): "container \(name) runs, and its health check has not said yes yet\(said)"
        case (.running, .healthy): "container \(name) runs and is healthy"
        case (.running, .unhealthy): "the health check of container \(name) fails\(said)"
        case (.restarting, _): "container \(name) ended with status \(exitCode) and is about to be started again\(said)"
        case (.paused, _): "container \(name) is paused"
        case (.ended, _):
            exitCode == 137
                ? "container \(name) was killed (status 137)\(said)" : "container \(name) has ended with status \(exitCode)\(said)"
        }
    }
}
