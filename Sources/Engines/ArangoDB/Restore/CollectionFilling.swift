import Recovery

/// Writes the documents of one collection, some requests at a time. A server that goes away for a while is waited for, where sending something
/// twice does no harm.
struct CollectionFilling: Sendable {
    let client: ArangoClient
    let database: String
    let collection: String
    /// Shared by all collections: a request that is read or on its way holds one.
    let permits: Permits
    let jobs: Int
    /// False in clusters (contract 11).
    let maySendTwice: Bool
    let requestBytes: Int
    let time: any TimeSource
    let say: @Sendable (String) -> Void
    /// Told how many documents a request held once it was taken.
    let wrote: @Sendable (Int64) async -> Void

    private static let patience: Duration = .seconds(300)

    func fill(from reader: any DumpedLines) async throws -> LineTally {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var requests = RestoreRequests(reader, of: collection, budget: requestBytes)
            var tally = LineTally()
            var flying = 0
            func settle(to count: Int) async throws {
                while flying > count {
                    try await group.next()
                    flying -= 1
                }
            }
            while true {
                try await settle(to: jobs - 1)
                await permits.take()
                let request: RestoreRequests.Request?
                do {
                    try Task.checkCancellation()
                    request = try await requests.next()
                } catch {
                    await permits.give()
                    throw error
                }
                guard let request else {
                    await permits.give()
                    break
                }
                tally += request.tally
                // What comes later may be about the same documents.
                do { if tally.isOrdered { try await settle(to: 0) } } catch {
                    await permits.give()
                    throw error
                }
                flying += 1
                group.addTask {
                    let outcome: Result<Void, any Error>
                    do { outcome = .success(try await send(request)) } catch { outcome = .failure(error) }
                    await permits.give()
                    try outcome.get()
                }
            }
            try await settle(to: 0)
            return tally
        }
    }

    private func send(_ request: RestoreRequests.Request) async throws {
        let end = time.uptime + Self.patience
        while true {
            do {
                try await client.restoreData(request.bytes, of: collection, in: database, mayRepeat: maySendTwice)
                await wrote(request.tally.documents)
                return
            } catch let failure as Failure {
                guard maySendTwice, failure.isWorthRetrying, time.uptime < end else { throw located(failure, request) }
                say("\(failure.problem); trying again")
                try await time.sleep(for: .seconds(1))
            }
        }
    }

    /// With the place in the dump: the server says which document it was, if it says anything.
    private func located(_ failure: Failure, _ request: RestoreRequests.Request) -> Failure {
        let lines =
            request.firstLine == request.lastLine ? "line \(request.firstLine)" : "lines \(request.firstLine) to \(request.lastLine)"
        let key = failure.causes.lazy.compactMap { $0.firstMatch(of: /conflicting key: ([^\s;,]+)/)?.1 }.first
        let document = key.map { " (the server names document '\($0)')" } ?? ""
        let located = Failure(
            failure.kind,
            "cannot restore collection '\(collection)' of database '\(database)': \(lines) of it in the dump were not taken\(document)",
            hint: failure.advice, cause: failure)
        return failure.mayPass ? located.passing : located
    }
}
