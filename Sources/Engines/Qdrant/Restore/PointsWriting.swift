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
        return try await withThrowingTaskGroup(of: Int64.self) { group in
            var written = Written()
            var flying = 0
            func submit(_ full: [UpsertBody]) async throws {
                for body in full {
                    if flying >= jobs, let count = try await group.next() {
                        written.points += count
                        flying -= 1
                    }
                    group.addTask {
                        try await send(body)
                        return Int64(body.count)
                    }
                    flying += 1
                }
            }
            func settle() async throws {
                while let count = try await group.next() { written.points += count }
                flying = 0
            }

            var bodies = UpsertBodies(budget: 2 << 20)
            var seen: Int64 = 0
            var last = time.uptime
            while let lines = try await reader.next() {
                for range in lines.ranges {
                    seen += 1
                    guard seen > done else { continue }
                    let full: [UpsertBody]
                    do { full = try bodies.add(lines.bytes[range]) } catch {
                        throw Failure(
                            .damaged, "line \(seen) of the points of collection '\(collection)' in the backup is no point",
                            hint: "choose another backup", cause: "\(error)" as PlainReason)
                    }
                    try await submit(full)
                }
                guard time.uptime - last > Self.rememberEvery else { continue }
                // Only what is written for sure is remembered.
                try await submit(bodies.finish())
                try await settle()
                try await remember(seen)
                say("\(seen) of \(total) points of '\(collection)'")
                last = time.uptime
            }
            try await submit(bodies.finish())
            try await settle()
            try await remember(seen)
            return written
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
