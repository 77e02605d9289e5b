internal import Documents

/// Runs `body`, cancels it when the limit passes, and says so. Being too slow is not being cancelled.
package func withTimeout<Result: Sendable>(
    _ limit: Duration?, _ time: any TimeSource, _ what: String, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    guard let limit else { return try await body() }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await time.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else {
            try Task.checkCancellation()
            throw Failure(
                .timedOut, "\(what) took longer than \(limit.canonical), the time it is given",
                hint: "give it more with `timeout:`, or find out what it waits for")
        }
        return result
    }
}
