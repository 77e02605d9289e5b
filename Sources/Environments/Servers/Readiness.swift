import Recovery

/// Waits for a server that was just started: for a login that works, or for its end, whichever comes first.
struct Readiness: Sendable {
    let name: String
    let recipe: any ServerRecipe
    let within: Duration
    let time: any TimeSource
    let log: any ServerLog

    private enum First: Sendable {
        case ready(ServerIdentity)
        case notReady(any Error)
        case ended
    }

    /// Nil when the server has ended. Throws `Failure` when it takes too long, `CancellationError`.
    ///
    /// - Parameters:
    ///   - end: returns when it has ended.
    ///   - isRunning: asked after a login failed for good, since the end may not have been noticed yet.
    func identity(
        at address: ServerAddress, orEnd end: @escaping @Sendable () async throws -> Void, isRunning: () async -> Bool
    ) async throws -> ServerIdentity? {
        let first = try await withThrowingTaskGroup(of: First.self) { group in
            group.addTask {
                do { return .ready(try await recipe.waitUntilReady(address, within: within, time)) } catch { return .notReady(error) }
            }
            group.addTask {
                try await end()
                return .ended
            }
            defer { group.cancelAll() }
            return try await group.next()
        }
        try Task.checkCancellation()
        switch first {
        case .ready(let identity): return identity
        case .ended: return nil
        case .notReady(let error):
            guard await isRunning() else { return nil }
            let why = Failure.wrapping(error, while: "waiting for server '\(name)'")
            let failure = Failure(
                why.kind == .bug ? .bug : .environmentUnavailable,
                "server '\(name)' (\(recipe.engine)) did not become ready: \(why.problem)",
                hint: why.hint ?? "the end of its log says how far it came", cause: await log.asCause() ?? why.cause)
            // A machine that is too busy for it now may have time a little later.
            throw why.isWorthRetrying ? failure.passing : failure
        case nil: throw Failure(.bug, "nobody waited for server '\(name)'")
        }
    }

    /// - Parameters:
    ///   - words: how it ended, as in `it exited with status 3`.
    ///   - cameFromOutside: whether somebody killed it, and it may live longer another time.
    func endedEarly(_ words: String, hint: String? = nil, cameFromOutside: Bool) async -> Failure {
        let failure = Failure(
            .environmentUnavailable, "server '\(name)' (\(recipe.engine)) ended while it was starting: \(words)",
            hint: hint ?? "the end of its log says why", cause: await log.asCause())
        return cameFromOutside ? failure.passing : failure
    }
}
