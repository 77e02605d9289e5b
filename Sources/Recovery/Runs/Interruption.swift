internal import Synchronization

/// Which signal asked the run to stop, if one did. The first lets clean-up and `always` run; the second cuts `always` short.
package final class Interruption: Sendable {
    private struct State {
        var signal: RunOutcome.Signal?
        var count = 0
        var handlers: [@Sendable (Int) -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var signal: RunOutcome.Signal? { state.withLock { $0.signal } }
    package var count: Int { state.withLock { $0.count } }

    /// Called by whoever receives the signal.
    package func arrive(_ signal: RunOutcome.Signal) {
        let (handlers, count) = state.withLock { state in
            state.signal = state.signal ?? signal
            state.count += 1
            return (state.handlers, state.count)
        }
        for handler in handlers { handler(count) }
    }

    /// The handler gets how many signals have arrived; one that already has is told at once.
    package func onArrival(_ handler: @escaping @Sendable (Int) -> Void) {
        let count = state.withLock { state in
            state.handlers.append(handler)
            return state.count
        }
        if count > 0 { handler(count) }
    }

    /// Runs `body` in a task that the first signal cancels.
    package func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task { try await body() }
        onArrival { _ in task.cancel() }
        return try await task.value
    }
}
