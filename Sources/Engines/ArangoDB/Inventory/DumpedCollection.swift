import Recovery

/// A collection of a backup, as its inventory keeps it.
struct DumpedCollection: Sendable, Equatable {
    static let kind = "collection"

    let database: String
    let name: String
    let isEdge: Bool
    /// Exact: as many as the dump has.
    let documents: Int64
    /// `ContentDigest.text`.
    let digest: String
    /// As the dump has it: `{"indexes":[…],"parameters":{…}}`.
    let structure: [UInt8]
    let structurePart: String
    let dataPart: String
    /// Somebody wrote to it while it was captured, and the server's own count says nothing about the dump's.
    let wasWrittenTo: Bool

    var itemName: String { Self.itemName(name, in: database) }
    /// Neither name can hold a slash.
    static func itemName(_ collection: String, in database: String) -> String { "\(database)/\(collection)" }

    var isSystem: Bool { name.hasPrefix("_") }
    var restorable: RestorableCollection { RestorableCollection(name: name, isEdge: isEdge, isSystem: isSystem, structure: structure) }

    private enum Fact {
        static let database = "database"
        static let collection = "collection"
        static let type = "type"
        static let digest = "digest"
        static let structure = "structure"
        static let structurePart = "structure_part"
        static let dataPart = "data_part"
        static let writers = "writers"
    }

    var item: InventoryItem {
        InventoryItem(
            kind: Self.kind, name: itemName, count: documents,
            facts: [
                Fact.database: database, Fact.collection: name, Fact.type: isEdge ? "edge" : "document", Fact.digest: digest,
                Fact.structure: String(decoding: structure, as: UTF8.self), Fact.structurePart: structurePart, Fact.dataPart: dataPart,
                Fact.writers: wasWrittenTo ? "active" : "idle",
            ])
    }

    /// Nil for what is no collection. Throws `Failure(.damaged)` for one that does not say what it must.
    init?(_ item: InventoryItem) throws {
        guard item.kind == Self.kind else { return nil }
        let facts = item.facts
        guard let documents = item.count, let database = facts[Fact.database], let name = facts[Fact.collection],
            let type = facts[Fact.type],
            let digest = facts[Fact.digest], let structure = facts[Fact.structure], let structurePart = facts[Fact.structurePart],
            let dataPart = facts[Fact.dataPart]
        else { throw ArangoBackup.damaged(item) }
        self.init(
            database: database, name: name, isEdge: type == "edge", documents: documents, digest: digest,
            structure: Array(structure.utf8), structurePart: structurePart, dataPart: dataPart,
            wasWrittenTo: facts[Fact.writers] == "active")
    }

    init(
        database: String, name: String, isEdge: Bool, documents: Int64, digest: String, structure: [UInt8], structurePart: String,
        dataPart: String, wasWrittenTo: Bool
    ) {
        self.database = database
        self.name = name
        self.isEdge = isEdge
        self.documents = documents
        self.digest = digest
        self.structure = structure
        self.structurePart = structurePart
        self.dataPart = dataPart
        self.wasWrittenTo = wasWrittenTo
    }
}
