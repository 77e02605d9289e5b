import Recovery

/// One moment of a database: what is in it, and every document of it, read side by side and in memory that stays flat.
///
/// A single server keeps one moment for all collections of a database. Structure and documents come from two moments that lie close to each
/// other where the server has the parallel protocol, as in arangodump itself (contract 10.2).
struct DatabaseSnapshot: Sendable {
    let contents: DatabaseContents
    private let client: ArangoClient
    private let database: String
    private let batch: ArangoBatch
    private let jobs: Int
    private let version: ArangoVersion

    /// Bytes of one answer, which is kept in memory: one for each job.
    private static let answerBytes = 8 << 20
    private static let documentsPerAnswer = 10_000

    /// Opens it, keeps it alive as long as `use` goes on, and gives it back however that ends.
    static func with<Result: Sendable>(
        of database: String, on client: ArangoClient, _ version: ArangoVersion, jobs: Int, _ time: any TimeSource,
        _ use: @escaping @Sendable (DatabaseSnapshot) async throws -> Result
    ) async throws -> Result {
        let batch = try await client.openBatch(in: database, life: ArangoBatch.life)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Result?.self) { group in
                    group.addTask {
                        let answer = try await client.inventory(in: database, batch: batch)
                        let snapshot = DatabaseSnapshot(
                            contents: try contents(answer, of: database, on: client), client: client, database: database, batch: batch,
                            jobs: jobs, version: version)
                        return try await use(snapshot)
                    }
                    group.addTask {
                        await keepAlive(batch, client, time)
                        return nil
                    }
                    defer { group.cancelAll() }
                    while let result = try await group.next() { if let result { return result } }
                    throw CancellationError()
                })
        } catch { outcome = .failure(error) }
        await uncancelled {
            // One that is not given back ends by itself; and it may be the very thing that is gone.
            try? await client.closeBatch(batch)
        }
        return try outcome.get()
    }

    /// Until it is cancelled. When the server has the batch no more, whoever reads from it is told so.
    private static func keepAlive(_ batch: ArangoBatch, _ client: ArangoClient, _ time: any TimeSource) async {
        while !Task.isCancelled {
            do {
                try await time.sleep(for: ArangoBatch.life / 4)
                try await client.extendBatch(batch, life: ArangoBatch.life)
            } catch let failure as Failure where failure.isWorthRetrying {
                continue
            } catch {
                return
            }
        }
    }

    private static func contents(_ answer: [UInt8], of database: String, on client: ArangoClient) throws -> DatabaseContents {
        do { return try DatabaseContents(answer) } catch {
            throw Failure(
                .engine, "cannot understand what \(client.server.words) says is in database '\(database)'",
                hint: "is there a proxy between that cuts answers off?", cause: PlainReason(stringLiteral: "\(error)"))
        }
    }

    // MARK: Documents

    /// Hands over whole lines, each with a document, in any order; those of one collection may come side by side.
    func read(_ collections: [String], each: @escaping @Sendable (_ collection: String, _ lines: [UInt8]) async throws -> Void) async throws
    {
        guard !collections.isEmpty else { return }
        if version >= Self.parallel, let dump = try await startDump(collections) {
            try await read(dump, of: Set(collections), each)
        } else {
            try await readByBatch(collections, each)
        }
    }

    /// From then on the parallel protocol is arangodump's own choice (contract 10.2).
    private static let parallel = ArangoVersion(3, 12)

    private func startDump(_ collections: [String]) async throws -> String? {
        try await client.startDump(
            of: collections, in: database, answerBytes: Self.answerBytes, documents: Self.documentsPerAnswer, parallelism: jobs)
    }

    private func read(
        _ dump: String, of collections: Set<String>, _ each: @escaping @Sendable (String, [UInt8]) async throws -> Void
    ) async throws {
        let numbers = Counter()
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<jobs {
                    group.addTask {
                        var last: Int?
                        while true {
                            let number = await numbers.next()
                            guard let answer = try await client.nextOfDump(dump, in: database, number: number, last: last) else { return }
                            last = number
                            guard collections.contains(answer.collection) else {
                                throw Failure(
                                    .engine, "\(client.server.words) gave documents of '\(answer.collection)', which nobody asked for")
                            }
                            try await each(answer.collection, answer.lines)
                        }
                    }
                }
                try await group.waitForAll()
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        // One that is not ended ends by itself.
        await uncancelled { try? await client.endDump(dump, in: database) }
        try outcome.get()
    }

    private func readByBatch(
        _ collections: [String], _ each: @escaping @Sendable (String, [UInt8]) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, collection) in collections.enumerated() {
                if index >= jobs { try await group.next() }
                group.addTask { try await read(collection, each) }
            }
            try await group.waitForAll()
        }
    }

    /// So many answers without a document, though there are more to come, mean that none will.
    private static let mostEmptyAnswers = 100

    private func read(_ collection: String, _ each: @escaping @Sendable (String, [UInt8]) async throws -> Void) async throws {
        try await client.extendBatch(batch, life: ArangoBatch.life)
        var position: String?
        var empty = 0
        while true {
            // The batch keeps the place from 3.12 on; before, the question names it.
            let answer = try await client.dump(
                collection, in: database, batch: batch, from: version >= Self.parallel ? nil : position, answerBytes: Self.answerBytes,
                documents: Self.documentsPerAnswer)
            if !answer.lines.isEmpty { try await each(collection, answer.lines) }
            guard answer.hasMore else { return }
            empty = answer.lines.isEmpty ? empty + 1 : 0
            guard empty < Self.mostEmptyAnswers else {
                throw Failure(
                    .engine,
                    "\(client.server.words) says that collection '\(collection)' of database '\(database)' goes on, and gives nothing",
                    hint: "its log may say why; try again"
                ).passing
            }
            position = answer.position
        }
    }
}

/// Counts from 1 for several tasks.
private actor Counter {
    private var last = 0

    func next() -> Int {
        last += 1
        return last
    }
}
