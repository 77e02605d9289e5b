/// Where the domain reads time. Wall time for people and recovery points, uptime for measuring.
package protocol TimeSource: Sendable {
    var now: Timestamp { get }
    /// Monotonic; does not jump when the wall clock is set.
    var uptime: Duration { get }
    /// Throws `CancellationError` when the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws
    /// The same for somebody who looks now and then at the work of another. A clock that makes sleeping short passes no time here: it is
    /// the other's work that takes it. Throws `CancellationError` when the task is cancelled meanwhile.
    func sleepBeside(for duration: Duration) async throws
}

extension TimeSource {
    package func sleepBeside(for duration: Duration) async throws { try await sleep(for: duration) }
}

extension Duration {
    /// As a number of seconds, the form journals and results keep. Whole seconds stay whole: dividing durations makes
    /// 93,599.99… of 26 hours, and a limit would be missed by nothing.
    package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
