import Recovery
import Synchronization

/// Time that passes only when the test says so; whoever sleeps wakes when his time has come.
package final class HandTime: TimeSource {
    private struct Sleeper {
        let due: Duration
        let wake: CheckedContinuation<Void, any Error>
    }
    private struct State {
        var passed: Duration = .zero
        var sleepers: [Int: Sleeper] = [:]
        var count = 0
        var cancelled: Set<Int> = []
    }

    private let start: Timestamp
    private let state = Mutex(State())

    package init(now: Timestamp) { start = now }

    package var now: Timestamp { start.advanced(bySeconds: uptime.inSeconds) }
    package var uptime: Duration { state.withLock { $0.passed } }
    /// How many sleep at this moment.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    package func pass(_ duration: Duration) {
        let woken = state.withLock { state in
            state.passed += duration
            let due = state.sleepers.filter { $0.value.due <= state.passed }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.wake)
        }
        for sleeper in woken { sleeper.resume() }
    }

    package func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in
                let isCancelled = state.withLock { state in
                    guard state.cancelled.remove(number) == nil else { return true }
                    state.sleepers[number] = Sleeper(due: state.passed + duration, wake: wake)
                    return false
                }
                if isCancelled { wake.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                guard let sleeper = state.sleepers.removeValue(forKey: number) else {
                    state.cancelled.insert(number)
                    return nil as Sleeper?
                }
                return sleeper
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }
}
