/// What drills stand on and did not make: an engine that restarts, a registry that is not reached. Its failures say nothing about the
/// backup, and many are over a little later.
package enum Infrastructure {
    /// How often something is tried in all.
    static let attempts = 3

    /// The pause before a second, third … attempt.
    static func pause(before attempt: Int) -> Duration { .seconds(attempt == 2 ? 2 : 10) }

    /// Tries again what failed for a reason that comes and goes by itself.
    package static func trying<Result>(
        _ time: any TimeSource, say: (String) -> Void = { _ in }, _ body: () async throws -> Result
    ) async throws -> Result {
        for attempt in 2...attempts {
            do { return try await body() } catch let failure as Failure where failure.mayPass {
                let pause = pause(before: attempt)
                say("\(failure.problem); trying again in \(Int(pause.inSeconds)) s")
                try await time.sleep(for: pause)
            }
        }
        return try await body()
    }
}
