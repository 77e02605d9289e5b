import Documents
import Recovery

/// Something that has a name and a definition.
struct ArangoDefinition: Sendable, Equatable {
    let name: String
    let definition: JSONValue
}

extension ArangoClient {
    /// As `/_api/gharial` tells them.
    func graphs(in database: String) async throws -> [ArangoDefinition] {
        try await definitions("list the graphs of database '\(database)'", in: database, ["_api", "gharial"], "graphs")
    }

    /// Own ones are called `DATABASE::NAME`; built-in ones have no database.
    func analyzers(in database: String) async throws -> [ArangoDefinition] {
        try await definitions("list the analyzers of database '\(database)'", in: database, ["_api", "analyzer"], "result")
    }

    private func definitions(
        _ attempt: String, in database: String, _ path: [String], _ member: String
    ) async throws -> [ArangoDefinition] {
        try ArangoName.check(database: database)
        let call = ArangoCall(attempt, "GET", in: database, path)
        return try await failing { try await self.list(call, member) }.map { item in
            guard let name = (item["name"] ?? item["_key"])?.string else { throw foreign(call, Array(item.text().utf8)) }
            return ArangoDefinition(name: name, definition: item)
        }
    }

    /// Accounts, with what they were granted; their passwords no server tells (contract 7).
    func users() async throws -> [String] {
        let call = ArangoCall("list the users", "GET", in: nil, ["_api", "user"])
        return try await failing { try await self.list(call, "result") }.compactMap { $0["user"]?.string }
    }

    /// Views that are there, with their definition.
    func views(in database: String) async throws -> [ArangoDefinition] {
        try await definitions("list the views of database '\(database)'", in: database, ["_api", "view"], "result")
    }

    /// The automatic ones too: `primary`, and `edge` of edge collections.
    func indexes(of collection: String, in database: String) async throws -> [JSONValue] {
        try ArangoName.check(database: database)
        try ArangoName.check(collection: collection)
        let call = ArangoCall(
            "list the indexes of collection '\(collection)' of database '\(database)'", "GET", in: database, ["_api", "index"],
            query: [("collection", collection)])
        return try await failing { try await list(call, "indexes") }
    }

    func dropView(_ view: String, in database: String) async throws {
        try ArangoName.check(collection: view, as: "view")
        let call = ArangoCall("drop view '\(view)' of database '\(database)'", "DELETE", in: database, ["_api", "view", view]).unhurried
        do { _ = try await send(call) } catch let refusal as ArangoRefusal {
            if !refusal.isAbsence { throw refusal.failure }
        }
    }
}
