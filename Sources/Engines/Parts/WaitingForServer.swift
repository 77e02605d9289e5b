import Recovery

/// Asks a server until it answers. `otherwise` says what is thrown at the limit, with the last reason; what no waiting helps is thrown at once.
func waitUntilItAnswers<Answer>(
    within limit: Duration, _ time: any TimeSource, _ ask: () async throws -> Answer, otherwise: (Failure?) -> Failure
) async throws -> Answer {
    let end = time.uptime + limit
    var last: Failure?
    while time.uptime < end {
        do { return try await ask() } catch let failure as Failure where failure.isWorthRetrying { last = failure }
        try await time.sleep(for: .milliseconds(50))
    }
    throw otherwise(last)
}
