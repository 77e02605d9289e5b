import Bindings
import Documents
import Recovery

extension ArangoClient {
    /// - Parameters:
    ///   - structure: `{"indexes":[…],"parameters":{…}}`, as a dump has it. Indexes are made by `restoreIndexes` alone.
    ///   - overwrite: drops one of that name that is there.
    func restoreCollection(_ name: String, structure: [UInt8], overwrite: Bool, in database: String) async throws {
        try ArangoName.check(collection: name)
        let call = ArangoCall(
            "create collection '\(name)' of database '\(database)'", "PUT", in: database, ["_api", "replication", "restore-collection"],
            query: [("overwrite", "\(overwrite)"), ("force", "false"), ("ignoreDistributeShardsLikeErrors", "false")]
        ).body(structure, "application/json").unhurried
        _ = try await failing { try await send(overwrite ? call.repeatable : call) }
    }

    func restoreIndexes(of name: String, structure: [UInt8], in database: String) async throws {
        try ArangoName.check(collection: name)
        let call = ArangoCall(
            "create the indexes of collection '\(name)' of database '\(database)'", "PUT", in: database,
            ["_api", "replication", "restore-indexes"], query: [("force", "false")]
        ).body(structure, "application/json").unhurried.repeatable
        _ = try await failing { try await send(call) }
    }

    /// Whole lines. Documents that are there are replaced, so that sending them twice does no harm on a single server (contract 11).
    ///
    /// - Parameter mayRepeat: false in clusters: a request that got no answer is not sent again.
    func restoreData(_ lines: [UInt8], of name: String, in database: String, mayRepeat: Bool) async throws {
        try ArangoName.check(collection: name)
        let call = ArangoCall(
            "write documents of collection '\(name)' of database '\(database)'", "PUT", in: database,
            ["_api", "replication", "restore-data"], query: [("collection", name), ("force", "false")]
        ).body(lines, "application/x-arango-dump").unhurried
        _ = try await failing { try await send(mayRepeat ? call.repeatable : call.once) }
    }

    /// One of that name that is there is dropped.
    func restoreView(_ name: String, definition: [UInt8], in database: String) async throws {
        try ArangoName.check(collection: name, as: "view")
        let call = ArangoCall(
            "create view '\(name)' of database '\(database)'", "PUT", in: database, ["_api", "replication", "restore-view"],
            query: [("overwrite", "true"), ("force", "false")]
        ).body(definition, "application/json").unhurried.repeatable
        _ = try await failing { try await send(call) }
    }

    /// Lets a server look for services that came with `_apps`; nil when it knows no such thing.
    func healServices(in database: String) async throws {
        let call = ArangoCall(
            "let the server look for its services in database '\(database)'", "POST", in: database, ["_api", "foxx", "_local", "heal"])
        _ = try await failing { try await send(call) }
    }
}
