import FoundationEssentials
import Recovery

/// The real clocks.
struct SystemTime: TimeSource {
    var now: Timestamp { Timestamp(Date()) }

    var uptime: Duration { ContinuousClock.now - Self.origin }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration, clock: .continuous) }

    private static let origin = ContinuousClock.now
}
