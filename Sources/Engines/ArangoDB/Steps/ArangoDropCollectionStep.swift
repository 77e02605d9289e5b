import Bindings
import Documents
import Recovery

/// Drops one collection of a database.
struct ArangoDropCollectionStep: Step {
    static let kind = "arangodb.drop-collection"
    static let summary = "Drop a collection with its indexes; views and graphs that name it stay, and name nothing."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database that it is in"),
        Field.required("collection", as: String.self, limit: .notEmpty, "the collection to drop"),
        Field.required("refill", as: Name.self, literal: true, RefillRole.doc),
        Field.maybe(
            "database_in_backup", as: String.self, limit: .notEmpty,
            "what the database is called in the backup, when it is another name"))

    private let database: String
    private let collection: String
    private let refillRole: RefillRole
    private let databaseInBackup: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (refill, inBackup): (Name, String?)
        (database, collection, refill, inBackup) = try Self.fields.read(node, reading)
        refillRole = RefillRole(refill)
        databaseInBackup = inBackup ?? database
    }

    private var backupRole: String? { refillRole.backup }
    private var object: String { DumpedCollection.itemName(collection, in: database) }

    var uses: StepUses { StepUses(target: .one(.arangodb), backups: refillRole.backups) }
    /// What is gone stays gone.
    var rerun: Rerun { .safe }
    var refill: RefillDeclaration? { refillRole.declaration }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        let refill = refillRole.refill(as: DumpedCollection.itemName(collection, in: databaseInBackup))
        return [
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: DumpedCollection.kind, name: object),
                await target.amount(of: collection, in: database), refill: refill)
        ]
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableArango.self)
        guard try await target.database(database) != nil, let found = try await target.collection(collection, in: database) else {
            return .done
        }
        guard let dropped = reading.remembered[Self.id]?.text else { return .notDone }
        return found.id == dropped ? .notDone : .done
    }

    private static let id = "id"

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        try ArangoName.check(database: database)
        guard !collection.hasPrefix("_") else {
            throw Failure(
                .refused, "cannot drop collection '\(collection)' of database '\(database)': it is the server's own",
                hint: "arangodb.restore replaces it by that of the backup")
        }
        guard let found = try await target.readable.collection(collection, in: database) else {
            return StepResult(notes: ["there is no collection '\(collection)' in database '\(database)'"], exercised: false)
        }
        try context.mustHaveAgreed(toDestroy: DumpedCollection.kind, object)
        if let backupRole {
            try await ArangoPreflight(try context.backup(backupRole), databaseInBackup, collections: [collection]).check(
                on: target.readable)
        }
        let documents = try await target.client.count(collection, in: database)
        let facts: [String: Fact] = [Self.id: .text(found.id), "documents": .integer(documents)]
        for (name, fact) in facts.sorted(by: { $0.key < $1.key }) { try await context.remember(name, fact) }
        try await target.client.dropCollection(collection, in: database, isSystem: false)
        guard try await target.readable.collection(collection, in: database) == nil else {
            throw Failure(.engine, "\(target.server.words) did not drop collection '\(collection)', and does not say why")
        }
        return StepResult(facts: facts, notes: ["dropped '\(object)'"])
    }
}
