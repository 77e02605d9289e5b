/// What is claimed for a while runs out, so that the dead claim nothing for ever. Whoever is alive says so now and then.
enum Renewal {
    /// How long nobody else touches what is claimed after its owner was last heard of.
    static let expiry: Duration = .seconds(24 * 3600)
    /// Often enough that a store which is away for a while costs nothing.
    private static let interval: Duration = .seconds(6 * 3600)

    /// Runs `body`, and `renew` every now and then while it runs.
    static func renewing<Result: Sendable>(
        _ time: any TimeSource, by renew: @escaping @Sendable () async -> Void, while body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while (try? await time.sleepBeside(for: interval)) != nil, !Task.isCancelled { await renew() }
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let result = ended { return result }
            }
            throw CancellationError()
        }
    }
}
