import Documents
import Recovery

/// What a backup's inventory says.
struct ArangoBackup: Sendable {
    /// By name.
    private(set) var databases: [String: DumpedDatabase] = [:]
    private(set) var server: [String: String] = [:]

    /// Reads through the inventory once.
    static func read(_ backup: BackupInHand) async throws -> ArangoBackup {
        var known = ArangoBackup()
        let items = try await backup.inventory().all()
        // Databases first: what is inside names them.
        for item in items where item.kind == DumpedDatabase.kind {
            guard let folder = item.facts[Fact.folder] else { throw damaged(item) }
            known.databases[item.name] = DumpedDatabase(name: item.name, folder: folder, isPartial: item.facts[Fact.partial] == "yes")
        }
        for item in items { try known.take(item) }
        return known
    }

    private mutating func take(_ item: InventoryItem) throws {
        switch item.kind {
        case Kind.server: server = item.facts
        case DumpedCollection.kind:
            guard let collection = try DumpedCollection(item), databases[collection.database] != nil else { throw Self.damaged(item) }
            databases[collection.database]?.collections.append(collection)
        case DumpedDatabase.DumpedView.kind:
            guard let database = item.facts[Fact.database], databases[database] != nil, let name = item.facts[Fact.name],
                let type = item.facts[Fact.type], let text = item.facts[Fact.definition], let part = item.facts[Fact.part]
            else { throw Self.damaged(item) }
            databases[database]?.views.append(
                DumpedDatabase.DumpedView(name: name, type: type, definition: Array(text.utf8), part: part))
        case Kind.grant:
            guard let database = item.facts[Fact.database], databases[database] != nil, let user = item.facts[Fact.name] else {
                throw Self.damaged(item)
            }
            let collections = item.facts[Fact.definition].flatMap { try? CanonicalJSON.decode([String: String].self, from: Array($0.utf8)) }
            databases[database]?.grants.append(ArangoGrant(user: user, level: item.facts[Fact.level], collections: collections ?? [:]))
        default:
            guard let kind = DumpedDatabase.Definition.Kind(rawValue: item.kind) else { return }
            guard let database = item.facts[Fact.database], databases[database] != nil, let name = item.facts[Fact.name],
                let definition = item.facts[Fact.definition].flatMap({ try? JSONValue(parsing: $0) })
            else { throw Self.damaged(item) }
            databases[database]?.definitions.append(DumpedDatabase.Definition(kind: kind, name: name, definition: definition))
        }
    }

    /// Indexes that a server has to be told to make.
    var hasVectorIndexes: Bool {
        databases.values.contains { database in
            database.collections.contains { collection in
                (try? StructureText(collection.restorable))?.indexes.contains { $0.type == "vector" } ?? false
            }
        }
    }

    static func damaged(_ item: InventoryItem) -> Failure {
        Failure(.damaged, "the inventory's \(item.kind) '\(item.name)' does not say what it must", hint: "choose another backup")
    }

    /// Throws `Failure(.unfit)` when the backup does not hold it.
    func database(_ name: String, of backup: BackupInHand) throws -> DumpedDatabase {
        if let failure = backup.manifest.failure(of: DumpedDatabase.kind, name) { throw failure }
        if let found = databases[name] { return found }
        let held = databases.keys.sorted()
        throw Failure(
            .unfit, "backup \(backup.manifest.id) holds no database '\(name)'",
            hint: held.suggestion(for: name)
                ?? (held.isEmpty ? "it holds no database at all" : "it holds: \(held.prefix(10).joined(separator: ", "))"))
    }

    func collection(_ name: String, in database: String, of backup: BackupInHand) throws -> DumpedCollection {
        let held = try self.database(database, of: backup).collections
        if let found = held.first(where: { $0.name == name }) { return found }
        let names = held.filter { !$0.isSystem }.map(\.name)
        throw Failure(
            .unfit, "backup \(backup.manifest.id) holds no collection '\(name)' of database '\(database)'",
            hint: names.suggestion(for: name) ?? "it holds: \(names.prefix(10).joined(separator: ", "))")
    }

    // MARK: Items

    enum Kind {
        static let server = "server"
        static let note = "note"
        static let grant = "grant"
    }

    enum Fact {
        static let database = "database"
        static let name = "name"
        static let folder = "folder"
        static let partial = "partial"
        static let type = "type"
        static let definition = "definition"
        static let part = "part"
        static let level = "level"
    }

    static func item(_ database: String, folder: String, isPartial: Bool, documents: Int64) -> InventoryItem {
        InventoryItem(
            kind: DumpedDatabase.kind, name: database, count: documents,
            facts: [Fact.folder: folder, Fact.partial: isPartial ? "yes" : "no"])
    }

    static func item(_ view: DumpedDatabase.DumpedView, of database: String) -> InventoryItem {
        InventoryItem(
            kind: DumpedDatabase.DumpedView.kind, name: "\(database)/\(view.name)",
            facts: [
                Fact.database: database, Fact.name: view.name, Fact.type: view.type,
                Fact.definition: String(decoding: view.definition, as: UTF8.self), Fact.part: view.part,
            ])
    }

    static func item(_ definition: DumpedDatabase.Definition, of database: String) -> InventoryItem {
        InventoryItem(
            kind: definition.kind.rawValue, name: "\(database)/\(definition.name)",
            facts: [Fact.database: database, Fact.name: definition.name, Fact.definition: definition.definition.text(.canonical)])
    }

    static func item(_ grant: ArangoGrant, of database: String) throws -> InventoryItem {
        var facts = [
            Fact.database: database, Fact.name: grant.user,
            Fact.definition: String(decoding: try CanonicalJSON.encode(grant.collections), as: UTF8.self),
        ]
        facts[Fact.level] = grant.level
        return InventoryItem(kind: Kind.grant, name: "\(database)/\(grant.user)", facts: facts)
    }
}
