import Bindings
import Documents
import Recovery

/// Makes an empty collection.
struct ArangoCreateCollectionStep: Step {
    static let kind = "arangodb.create-collection"
    static let summary = "Create an empty collection; a restore makes those of the backup by itself."
    static let phase = Phase.other
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database that it is to be in"),
        Field.required("collection", as: String.self, limit: .notEmpty, "the collection to create"),
        Field.optional("type", as: Kind.self, default: .document, "`document`, or `edge` for what connects documents"))

    enum Kind: String, Choice {
        case document, edge

        /// ArangoDB's own number (contract 5).
        fileprivate var number: Int64 { self == .edge ? 3 : 2 }
    }

    private let database: String
    private let collection: String
    private let type: Kind

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (database, collection, type) = try Self.fields.read(node, reading)
    }

    var uses: StepUses { StepUses(target: .one(.arangodb)) }
    /// One that is there and empty is the one that is wanted.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        let name = DumpedCollection.itemName(collection, in: database)
        return [
            Effect(
                .create, ObjectName(target: target.binding.name, kind: DumpedCollection.kind, name: name),
                .known(count: nil, unit: nil, bytes: nil))
        ]
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        try ArangoName.check(database: database)
        if let found = try await target.readable.collection(collection, in: database) {
            let documents = try await target.client.count(collection, in: database)
            guard documents == 0, found.isEdge == (type == .edge) else {
                throw Failure(
                    .refused,
                    "collection '\(collection)' is there already in database '\(database)' on \(target.server.words), with \(documents) \(found.isEdge ? "edges" : "documents")",
                    hint: "drop it first (arangodb.drop-collection), or name another one")
            }
            return StepResult(notes: ["'\(collection)' was there, and empty"])
        }
        let structure: JSONValue = ["indexes": [], "parameters": ["name": .string(collection), "type": .int(type.number)]]
        try await target.client.restoreCollection(
            collection, structure: Array(structure.text().utf8), overwrite: false, in: database)
        return StepResult(notes: ["created '\(DumpedCollection.itemName(collection, in: database))'"])
    }
}
