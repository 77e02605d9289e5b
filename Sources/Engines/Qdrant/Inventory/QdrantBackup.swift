import Documents
import Recovery

/// What a backup's inventory says, but for points one by one.
struct QdrantBackup: Sendable {
    private(set) var collections: [String: CapturedCollection] = [:]
    /// What each alias stood for.
    private(set) var aliases: [String: String] = [:]
    /// By collection, then by field: the index's type or its parameters.
    private(set) var indexes: [String: [String: JSONValue]] = [:]
    private(set) var golden: [String: [GoldenQuery]] = [:]
    /// Points as they were read, by collection.
    private(set) var samples: [String: [[UInt8]]] = [:]
    private(set) var embeddings: [String: [String: String]] = [:]
    private(set) var server: [String: String] = [:]
    /// Whether it holds a whole storage folder, and not collections one by one.
    private(set) var isStorage = false

    /// Reads through the inventory once.
    static func read(_ backup: BackupInHand) async throws -> QdrantBackup {
        let inventory = try await backup.inventory()
        var known = QdrantBackup()
        do {
            while let item = try await inventory.next() { try known.take(item) }
        } catch {
            await inventory.close()
            throw error
        }
        await inventory.close()
        return known
    }

    private mutating func take(_ item: InventoryItem) throws {
        switch item.kind {
        case CapturedCollection.kind: collections[item.name] = try CapturedCollection(item)
        case Kind.alias: aliases[item.name] = item.facts["collection"]
        case Kind.index:
            guard let collection = item.facts["collection"], let field = item.facts["field"],
                let schema = item.facts["schema"].flatMap({ try? JSONValue(parsing: $0) })
            else { throw Self.damaged(item) }
            indexes[collection, default: [:]][field] = schema
        case Kind.golden:
            guard let collection = item.facts["collection"], let text = item.facts["query"],
                let query = try? CanonicalJSON.decode(GoldenQuery.self, from: Array(text.utf8))
            else { throw Self.damaged(item) }
            golden[collection, default: []].append(query)
        case Kind.sample:
            guard let collection = item.facts["collection"], let point = item.facts["point"] else { throw Self.damaged(item) }
            samples[collection, default: []].append(Array(point.utf8))
        case Kind.embedding: embeddings[item.name] = item.facts
        case StorageListing.kind: isStorage = true
        case Kind.server: server = item.facts
        default: break
        }
    }

    private static func damaged(_ item: InventoryItem) -> Failure {
        Failure(.damaged, "the inventory's \(item.kind) '\(item.name)' does not say what it must", hint: "choose another backup")
    }

    /// Throws `Failure(.unfit)` when the backup does not hold it.
    func collection(_ name: String, of backup: BackupInHand) throws -> CapturedCollection {
        if let failure = backup.manifest.failure(of: CapturedCollection.kind, name) { throw failure }
        if let found = collections[name] { return found }
        let held = collections.keys.sorted()
        throw Failure(
            .unfit, "backup \(backup.manifest.id) holds no collection '\(name)'",
            hint: held.suggestion(for: name)
                ?? (held.isEmpty ? "it holds no collection at all" : "it holds: \(held.prefix(10).joined(separator: ", "))"))
    }

    // MARK: Items

    enum Kind {
        static let server = "server"
        static let alias = "alias"
        static let index = "payload index"
        static let golden = "golden query"
        static let sample = "sampled point"
        static let embedding = "embedding"
        static let note = "note"
    }

    static func alias(_ name: String, of collection: String) -> InventoryItem {
        InventoryItem(kind: Kind.alias, name: name, facts: ["collection": collection])
    }

    /// - Parameter isRegistered: nil when nothing tells.
    static func index(of field: String, _ schema: JSONValue, in collection: String, isRegistered: Bool?) -> InventoryItem {
        var facts = ["collection": collection, "field": field, "schema": schema.text(.canonical)]
        facts["registered"] = isRegistered.map { $0 ? "yes" : "no" }
        return InventoryItem(kind: Kind.index, name: "\(collection)/\(field)", facts: facts)
    }

    /// Fields that are indexed in the data of a collection though the collection does not know of it.
    static func unregistered(_ items: [InventoryItem]) -> [String] {
        items.filter { $0.kind == Kind.index && $0.facts["registered"] == "no" }.compactMap { $0.facts["field"] }
    }

    static func golden(_ query: GoldenQuery, _ number: Int, of collection: String) throws -> InventoryItem {
        InventoryItem(
            kind: Kind.golden, name: "\(collection)/\(query.vectorName)/\(number)",
            facts: ["collection": collection, "query": String(decoding: try CanonicalJSON.encode(query), as: UTF8.self)])
    }

    static func sample(_ point: [UInt8], _ id: PointID, of collection: String) -> InventoryItem {
        InventoryItem(
            kind: Kind.sample, name: "\(collection)/\(id)",
            facts: ["collection": collection, "point": String(decoding: point, as: UTF8.self)])
    }
}
