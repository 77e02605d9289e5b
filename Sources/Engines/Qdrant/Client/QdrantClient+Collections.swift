import Documents
import Recovery

/// What a server says of a collection.
struct CollectionInfo: Sendable {
    let json: JSONValue

    var status: String { json["status"]?.string ?? "unknown" }
    /// Nil when the optimiser is well.
    var optimizerError: String? { json["optimizer_status"]?["error"]?.string }
    var config: JSONValue { json["config"] ?? .object([]) }
    var params: JSONValue { config["params"] ?? .object([]) }
    /// Field names with their type, or with the parameters of their index.
    var payloadIndexes: [String: JSONValue] {
        var indexes: [String: JSONValue] = [:]
        for member in json["payload_schema"]?.members ?? [] {
            if let params = member.value["params"], params != .null {
                indexes[member.key] = params
            } else {
                indexes[member.key] = member.value["data_type"] ?? .null
            }
        }
        return indexes
    }
    /// Updates that wait; nil before 1.17.
    var queued: Int64? { json["update_queue"]?["length"]?.int }
    /// A sum over segments; never a count.
    var approximatePoints: Int64? { json["points_count"]?.int }
}

/// Where a collection's shards are, as one node sees it.
struct CollectionShards: Sendable {
    struct Shard: Sendable, Equatable {
        let id: Int64
        let peer: String
        let state: String
        let key: String?
    }

    let peer: String
    let count: Int64
    let local: [Shard]
    let remote: [Shard]
    let transfers: Int

    init(_ json: JSONValue) {
        let peer = json["peer_id"].map(\.number) ?? ""
        self.peer = peer
        count = json["shard_count"]?.int ?? 0
        func shards(_ list: JSONValue?, _ own: String?) -> [Shard] {
            (list?.array ?? []).map { shard in
                Shard(
                    id: shard["shard_id"]?.int ?? -1, peer: own ?? shard["peer_id"].map(\.number) ?? "",
                    state: shard["state"]?.string ?? "unknown", key: shard["shard_key"].map { $0.string ?? $0.text() })
            }
        }
        local = shards(json["local_shards"], peer)
        remote = shards(json["remote_shards"], nil)
        transfers = json["shard_transfers"]?.array?.count ?? 0
    }

    /// In words; empty when all shards are active.
    var complaints: [String] {
        let bad = (local + remote).filter { $0.state != "Active" }.map { "shard \($0.id) on peer \($0.peer) is \($0.state)" }
        return bad + (transfers > 0 ? ["\(transfers) shards are being transferred"] : [])
    }
}

extension JSONValue {
    /// A number as written; peer ids are below 2^53.
    fileprivate var number: String {
        switch self {
        case .int(let number): String(number)
        case .double(let number): String(UInt64(exactly: number.rounded()) ?? 0)
        default: string ?? ""
        }
    }
}

extension QdrantClient {
    /// Names of all collections, sorted; aliases are not among them.
    func collections() async throws -> [String] {
        let result = try await failing { try await self.result(QdrantCall("list the collections", "GET", ["collections"])) }
        return (result["collections"]?.array ?? []).compactMap { $0["name"]?.string }.sorted()
    }

    /// What each alias stands for.
    func aliases() async throws -> [String: String] {
        let result = try await failing { try await self.result(QdrantCall("list the aliases", "GET", ["aliases"])) }
        var aliases: [String: String] = [:]
        for alias in result["aliases"]?.array ?? [] {
            if let name = alias["alias_name"]?.string, let target = alias["collection_name"]?.string { aliases[name] = target }
        }
        return aliases
    }

    /// Nil when there is no such collection. An alias answers for what is behind it, so names are resolved before.
    func info(_ collection: String) async throws -> CollectionInfo? {
        try QdrantName.check(collection)
        return try await absenceAsNil {
            CollectionInfo(json: try await result(QdrantCall("read collection '\(collection)'", "GET", ["collections", collection])))
        }
    }

    func shards(_ collection: String) async throws -> CollectionShards? {
        try QdrantName.check(collection)
        return try await absenceAsNil {
            CollectionShards(
                try await result(
                    QdrantCall("ask where the shards of collection '\(collection)' are", "GET", ["collections", collection, "cluster"])))
        }
    }

    /// Exact. Throws the refusal as it is: that a collection cannot be counted says what state it is in.
    ///
    /// - Parameter limit: how long it may take; nil: as long as it takes.
    func count(_ collection: String, within limit: Duration? = nil) async throws -> Int64 {
        try QdrantName.check(collection)
        // An exact count of many millions takes its time.
        let call = QdrantCall(
            "count the points of collection '\(collection)'", "POST", ["collections", collection, "points", "count"],
            query: [("timeout", "3600")]
        ).json(["exact": true]).asking.within(limit)
        guard let count = try await result(call)["count"]?.int else {
            throw Failure(.engine, "\(server.words) answered no count of collection '\(collection)'")
        }
        return count
    }

    func create(_ collection: String, _ body: JSONValue) async throws {
        try QdrantName.check(collection)
        let call = QdrantCall("create collection '\(collection)'", "PUT", ["collections", collection], query: [("timeout", "600")])
        _ = try await failing { try await result(call.json(body).unhurried) }
    }

    func patch(_ collection: String, _ body: JSONValue) async throws {
        try QdrantName.check(collection)
        let call = QdrantCall("set up collection '\(collection)'", "PATCH", ["collections", collection], query: [("timeout", "600")])
        _ = try await failing { try await result(call.json(body).unhurried) }
    }

    /// False when there was none. It takes every alias of the collection along.
    func drop(_ collection: String) async throws -> Bool {
        try QdrantName.check(collection)
        let call = QdrantCall("drop collection '\(collection)'", "DELETE", ["collections", collection], query: [("timeout", "600")])
        return try await failing { try await result(call.unhurried).bool ?? false }
    }

    /// All in one call. On a single node they are applied in order, and a failure leaves the earlier ones applied.
    func change(aliases actions: [JSONValue], _ attempt: String) async throws {
        guard !actions.isEmpty else { return }
        let call = QdrantCall(attempt, "POST", ["collections", "aliases"], query: [("timeout", "600")])
        _ = try await failing { try await result(call.json(["actions": .array(actions)]).unhurried) }
    }

    /// Registers an index of the payload and waits until it is built.
    func createIndex(_ field: String, _ schema: JSONValue, in collection: String) async throws {
        try QdrantName.check(collection)
        let call = QdrantCall(
            "index payload field '\(field)' of collection '\(collection)'", "PUT", ["collections", collection, "index"],
            query: [("wait", "true")])
        let result = try await failing {
            try await self.result(call.json(["field_name": .string(field), "field_schema": schema]).unhurried)
        }
        guard result["status"]?.string == "completed" else {
            throw Failure(
                .engine, "\(server.words) did not index payload field '\(field)' of collection '\(collection)' to the end: \(result.text())"
            )
        }
    }
}
