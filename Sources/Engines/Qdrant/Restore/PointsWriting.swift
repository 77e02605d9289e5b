import Bindings
import Documents
import Recovery

/// Writes the points of a file into a collection, some requests at a time.
struct PointsWriting: Sendable {
    struct Written: Sendable {
        var points: Int64 = 0
    }

    let client: QdrantClient
    let collection: String
    let jobs: Int
    let time: any TimeSource
    let say: @Sendable (String) -> Void
    /// Told how many points from the beginning of the file are written for sure, on disk before it returns.
    let remember: @Sendable (Int64) async throws -> Void

    private static let rememberEvery: Duration = .seconds(5)
    private static let patience: Duration = .seconds(300)

    /// - Parameter skipping: points at the beginning of the file that are written already.
    func write(_ path: String, skipping done: Int64, of total: Int64) async throws -> Written {
        let reader = try await LineReader(path, of: "the points of collection '\(collection)'")
        var written = Written()
        var bodies = UpsertBodies(budget: 2 << 20)
        var seen: Int64 = 0
        var last = time.uptime
        while let lines = try await reader.next() {
            var full: [UpsertBody] = []
            for range in lines.ranges {
                seen += 1
                guard seen > done else { continue }
                do { full += try bodies.add(lines.bytes[range]) } catch {
                    throw Failure(
                        .damaged, "line \(seen) of the points of collection '\(collection)' in the backup is no point",
                        hint: "choose another backup", cause: "\(error)" as PlainReason)
                }
            }
            // What a line file hands out at once is small: nothing is held back from one batch to the next but what is not full yet.
            try await send(full)
            written.points += full.reduce(0) { $0 + Int64($1.count) }
            guard time.uptime - last > Self.rememberEvery else { continue }
            let rest = bodies.finish()
            try await send(rest)
            written.points += rest.reduce(0) { $0 + Int64($1.count) }
            try await remember(seen)
            say("\(seen) of \(total) points of '\(collection)'")
            last = time.uptime
        }
        let rest = bodies.finish()
        try await send(rest)
        written.points += rest.reduce(0) { $0 + Int64($1.count) }
        try await remember(seen)
        return written
    }

    private func send(_ bodies: [UpsertBody]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, body) in bodies.enumerated() {
                if index >= jobs { try await group.next() }
                group.addTask { try await send(body) }
            }
            try await group.waitForAll()
        }
    }

    /// A server that goes away for a while is waited for.
    private func send(_ body: UpsertBody) async throws {
        let end = time.uptime + Self.patience
        while true {
            do {
                try await client.upsert(body.bytes, into: collection)
                return
            } catch let failure as Failure where failure.isWorthRetrying && time.uptime < end {
                say("\(failure.problem); trying again")
                try await time.sleep(for: .seconds(1))
            }
        }
    }
}
