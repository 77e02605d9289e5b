import Recovery

/// A clock that stands still, and on which no sleep takes time.
package struct FixedTime: TimeSource {
    package let now: Timestamp
    package let uptime = Duration.zero

    package init(_ now: Timestamp) { self.now = now }

    package func sleep(for duration: Duration) async throws { try Task.checkCancellation() }

    /// Until it is cancelled: no time passes here by itself.
    package func sleepBeside(for duration: Duration) async throws { try await Task.sleep(for: .seconds(1_000_000)) }
}
