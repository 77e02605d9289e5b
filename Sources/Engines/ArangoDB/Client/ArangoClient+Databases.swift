import Documents
import Recovery

/// A database as a server tells of it.
struct ArangoDatabase: Sendable, Equatable {
    let name: String
    /// A new one for each that is made.
    let id: String
    let isSystem: Bool
}

struct ArangoCollection: Sendable, Equatable {
    let name: String
    /// A new one for each that is made.
    let id: String
    let isEdge: Bool
    let isSystem: Bool
    let globallyUniqueId: String
}

extension ArangoClient {
    /// Names of those that we may see, in order.
    func databases() async throws -> [String] {
        let call = ArangoCall("list the databases", "GET", in: nil, ["_api", "database", "user"])
        return try await failing { try await self.list(call, "result") }.compactMap(\.string).sorted()
    }

    /// Names of all there are, whoever may see them; nil when we may not ask.
    func allDatabases() async throws -> [String]? {
        do {
            let call = ArangoCall("list all databases", "GET", in: nil, ["_api", "database"])
            return try await list(call, "result").compactMap(\.string).sorted()
        } catch let refusal as ArangoRefusal {
            guard refusal.status == 401 || refusal.status == 403 else { throw refusal.failure }
            return nil
        }
    }

    /// Nil when there is none of that name, or none that we may see.
    func database(_ name: String) async throws -> ArangoDatabase? {
        try ArangoName.check(database: name)
        let call = ArangoCall("look at database '\(name)'", "GET", in: name, ["_api", "database", "current"])
        do {
            let json = try await self.json(call)
            guard let id = json["result"]?["id"]?.string, json["result"]?["name"]?.string == name else {
                throw foreign(call, Array(json.text().utf8))
            }
            return ArangoDatabase(name: name, id: id, isSystem: json["result"]?["isSystem"]?.bool ?? (name == "_system"))
        } catch let refusal as ArangoRefusal {
            if refusal.isUnknownDatabase { return nil }
            throw refusal.failure
        }
    }

    /// Throws `Failure(.refused)` when there is one already.
    func createDatabase(_ name: String) async throws {
        try ArangoName.check(database: name)
        let call = ArangoCall("create database '\(name)'", "POST", in: nil, ["_api", "database"]).json(["name": .string(name)]).unhurried
        _ = try await failing { try await send(call) }
    }

    /// One that is gone already is well.
    func dropDatabase(_ name: String) async throws {
        try ArangoName.check(database: name)
        let call = ArangoCall("drop database '\(name)'", "DELETE", in: nil, ["_api", "database", name]).unhurried
        do { _ = try await send(call) } catch let refusal as ArangoRefusal {
            if !refusal.isUnknownDatabase { throw refusal.failure }
        }
    }

    // MARK: Collections

    /// By name.
    func collections(in database: String, excludingSystem: Bool) async throws -> [ArangoCollection] {
        try ArangoName.check(database: database)
        let call = ArangoCall(
            "list the collections of database '\(database)'", "GET", in: database, ["_api", "collection"],
            query: [("excludeSystem", "\(excludingSystem)")])
        let list = try await failing { try await self.list(call, "result") }
        let found = try list.map { item in
            guard let name = item["name"]?.string, let id = item["id"]?.string, let type = item["type"]?.int else {
                throw foreign(call, Array(item.text().utf8))
            }
            return ArangoCollection(
                name: name, id: id, isEdge: type == 3, isSystem: item["isSystem"]?.bool ?? name.hasPrefix("_"),
                globallyUniqueId: item["globallyUniqueId"]?.string ?? "")
        }
        return found.sorted { $0.name < $1.name }
    }

    /// By the server's own counter, which is no scan (contract 5).
    func count(_ collection: String, in database: String) async throws -> Int64 {
        try ArangoName.check(database: database)
        try ArangoName.check(collection: collection)
        let call = ArangoCall(
            "count the documents of collection '\(collection)' of database '\(database)'", "GET", in: database,
            ["_api", "collection", collection, "count"])
        let json = try await failing { try await self.json(call) }
        // No server holds more; sums of these stay numbers.
        guard let count = json["count"]?.int, (0..<1 << 53).contains(count) else { throw foreign(call, Array(json.text().utf8)) }
        return count
    }

    /// Another one after every change of its documents.
    func revision(of collection: String, in database: String) async throws -> String {
        try ArangoName.check(database: database)
        try ArangoName.check(collection: collection)
        let call = ArangoCall(
            "look at collection '\(collection)' of database '\(database)'", "GET", in: database,
            ["_api", "collection", collection, "revision"])
        let json = try await failing { try await self.json(call) }
        guard let revision = json["revision"]?.string else { throw foreign(call, Array(json.text().utf8)) }
        return revision
    }

    /// One that is gone already is well.
    func dropCollection(_ collection: String, in database: String, isSystem: Bool) async throws {
        try ArangoName.check(database: database)
        try ArangoName.check(collection: collection)
        let call = ArangoCall(
            "drop collection '\(collection)' of database '\(database)'", "DELETE", in: database, ["_api", "collection", collection],
            query: isSystem ? [("isSystem", "true")] : []
        ).unhurried
        do { _ = try await send(call) } catch let refusal as ArangoRefusal {
            if !refusal.isAbsence { throw refusal.failure }
        }
    }
}
