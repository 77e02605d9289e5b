import Recovery

/// A clock that stands still, and on which no sleep takes time.
package struct FixedTime: TimeSource {
    package let now: Timestamp
    package let uptime = Duration.zero

    package init(_ now: Timestamp) { self.now = now }

    package func sleep(for duration: Duration) async throws { try Task.checkCancellation() }
}
