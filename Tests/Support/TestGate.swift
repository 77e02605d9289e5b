import Synchronization

/// Holds somebody up until the test lets them go on.
package final class TestGate: Sendable {
    private let state = Mutex((isReached: false, isOpen: false))

    package init() {}

    package var isReached: Bool { state.withLock { $0.isReached } }
    package func open() { state.withLock { $0.isOpen = true } }
    package func pass() async throws {
        state.withLock { $0.isReached = true }
        try await eventually { state.withLock { $0.isOpen } }
    }
}
