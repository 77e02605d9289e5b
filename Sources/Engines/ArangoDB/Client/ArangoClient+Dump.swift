import Bindings
import Documents
import Recovery

/// A snapshot that a server keeps for us (contract 10.1).
struct ArangoBatch: Sendable {
    /// How long one stays when nobody asks for anything (contract 10.1).
    static let life: Duration = .seconds(600)

    let id: String
    let database: String
    /// What we called ourselves: it has to be said again.
    let asker: [(String, String)]
}

extension ArangoClient {
    // MARK: By batches

    func openBatch(in database: String, life: Duration) async throws -> ArangoBatch {
        try ArangoName.check(database: database)
        let asker = ["serverId", "syncerId"].map { ($0, String(UInt64(randomHex(6), radix: 16) ?? 1)) }
        let call = ArangoCall(
            "take a snapshot of database '\(database)'", "POST", in: database, ["_api", "replication", "batch"], query: asker
        ).json(["ttl": .int(life.components.seconds)])
        let json = try await failing { try await self.json(call) }
        guard let id = json["id"]?.string else { throw foreign(call, Array(json.text().utf8)) }
        return ArangoBatch(id: id, database: database, asker: asker)
    }

    func extendBatch(_ batch: ArangoBatch, life: Duration) async throws {
        let call = ArangoCall(
            "keep the snapshot of database '\(batch.database)'", "PUT", in: batch.database, ["_api", "replication", "batch", batch.id],
            query: batch.asker
        ).json(["ttl": .int(life.components.seconds)]).repeatable
        _ = try await losing(batch.database) { try await send(call) }
    }

    func closeBatch(_ batch: ArangoBatch) async throws {
        let call = ArangoCall(
            "give the snapshot of database '\(batch.database)' back", "DELETE", in: batch.database,
            ["_api", "replication", "batch", batch.id], query: Array(batch.asker.prefix(1)))
        _ = try await failing { try await send(call) }
    }

    /// All that is in the database, system collections included.
    func inventory(in database: String, batch: ArangoBatch) async throws -> [UInt8] {
        let call = ArangoCall(
            "ask what is in database '\(database)'", "GET", in: database, ["_api", "replication", "inventory"],
            query: [("includeSystem", "true"), ("batchId", batch.id)])
        return try await losing(database) { try await send(call) }.body
    }

    /// What of a collection comes next. Asked once: the server goes on with every question, also when its answer is lost. Servers before 3.12
    /// are told where they were.
    func dump(
        _ collection: String, in database: String, batch: ArangoBatch, from: String?, answerBytes: Int, documents: Int
    ) async throws -> (lines: [UInt8], hasMore: Bool, position: String) {
        try ArangoName.check(collection: collection)
        var query = [
            ("collection", collection), ("batchId", batch.id), ("useEnvelope", "false"), ("chunkSize", String(answerBytes)),
            ("docsPerBatch", String(documents)),
        ]
        if let from { query += [("from", from), ("ticks", "false"), ("flush", "false")] }
        var call = ArangoCall(
            "read collection '\(collection)' of database '\(database)'", "GET", in: database, ["_api", "replication", "dump"], query: query
        ).once.unhurried
        call.headers.append(HTTPHeader("Accept", "application/x-arango-dump"))
        let answer = try await losing(database) { [call] in try await send(call) }
        // Without it nobody knows whether that was all; an answer without a body says so by its status.
        let more = answer.header("x-arango-replication-checkmore")
        guard more == "true" || more == "false" || answer.status == 204 else {
            throw Failure(
                .engine, "cannot \(call.attempt) on \(server.words): an answer does not say whether more follows",
                hint: "is there a proxy between that removes headers?")
        }
        return (answer.body, more == "true", answer.header("x-arango-replication-lastincluded") ?? "0")
    }

    // MARK: In parallel

    /// Nil: the server has no such thing, or does not let us.
    func startDump(
        of collections: [String], in database: String, answerBytes: Int, documents: Int, parallelism: Int
    ) async throws -> String? {
        for collection in collections { try ArangoName.check(collection: collection) }
        let call = ArangoCall(
            "begin to read database '\(database)'", "POST", in: database, ["_api", "dump", "start"], query: [("useVPack", "false")]
        ).json([
            "docsPerBatch": .int(Int64(documents)), "batchSize": .int(Int64(answerBytes)), "prefetchCount": .int(Int64(parallelism)),
            "parallelism": .int(Int64(parallelism)), "shards": .array(collections.map { .string($0) }),
            "ttl": .int(ArangoBatch.life.components.seconds),
        ])
        do {
            let answer = try await send(call)
            guard let id = answer.header("x-arango-dump-id"), !id.isEmpty else { throw foreign(call, answer.body) }
            return id
        } catch let refusal as ArangoRefusal {
            if refusal.isNoSuchCall, !refusal.isAbsence { return nil }
            // One that was dropped since the inventory: another look shows what there is now.
            throw refusal.isAbsence ? refusal.failure.passing : refusal.failure
        }
    }

    /// The answer to a question of ours, the same whenever it is asked; nil at the end. The one before is given back with it.
    func nextOfDump(
        _ id: String, in database: String, number: Int, last: Int?
    ) async throws -> (collection: String, lines: [UInt8])? {
        let query = [("batchId", String(number))] + (last.map { [("lastBatch", String($0))] } ?? [])
        let call = ArangoCall(
            "read database '\(database)'", "POST", in: database, ["_api", "dump", "next", id], query: query
        ).repeatable.unhurried
        let answer = try await losing(database) { try await patiently(call) }
        guard answer.status != 204 else { return nil }
        guard let collection = answer.header("x-arango-dump-shard-id") else { throw foreign(call, answer.body) }
        return (collection, answer.body)
    }

    /// A server that has no memory left for dumps at this moment has some later (contract 10.2).
    private func patiently(_ call: ArangoCall) async throws -> HTTPResponse {
        for _ in 0..<100 {
            do { return try await send(call) } catch let refusal as ArangoRefusal where refusal.number == 32 {
                try await pause(.seconds(1))
            }
        }
        return try await send(call)
    }

    func endDump(_ id: String, in database: String) async throws {
        let call = ArangoCall("end the reading of database '\(database)'", "DELETE", in: database, ["_api", "dump", id])
        _ = try await failing { try await send(call) }
    }

    /// A snapshot that is gone can be taken anew.
    private func losing<Result>(_ database: String, _ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let refusal as ArangoRefusal {
            throw refusal.isLostContext ? refusal.failure.passing : refusal.failure
        }
    }
}
