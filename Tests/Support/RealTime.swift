import Bindings
import Recovery

/// The clock on the wall, for tests that wait for other processes.
package struct RealTime: TimeSource {
    package init() {}

    package var now: Timestamp {
        let now = WallTime.now
        return Timestamp(millisecondsSince1970: now.secondsSince1970 * 1000 + Int64(now.nanoseconds / 1_000_000))
    }
    package var uptime: Duration { .nanoseconds(monotonicNanoseconds()) }

    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
