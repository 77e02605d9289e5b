import Recovery
import Synchronization

/// Time in which a sleep takes no time and still passes: pauses, back-offs and limits run as fast as the test does.
package final class InstantTime: TimeSource {
    private let state: Mutex<(now: Timestamp, uptime: Duration)>

    package init(now: Timestamp = Timestamp(millisecondsSince1970: 1_795_000_000_000)) { state = Mutex((now, .zero)) }

    package var now: Timestamp { state.withLock { $0.now } }

    /// Each look costs a millisecond, so that what comes later is later.
    package var uptime: Duration {
        state.withLock { state in
            state.uptime += .milliseconds(1)
            state.now = state.now.advanced(bySeconds: 0.001)
            return state.uptime
        }
    }

    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.uptime += duration
            state.now = state.now.advanced(bySeconds: duration.inSeconds)
        }
    }

    /// Until it is cancelled: no time passes here by itself.
    package func sleepBeside(for duration: Duration) async throws { try await Task.sleep(for: .seconds(1_000_000)) }
}
