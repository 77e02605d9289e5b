import Bindings
import Documents
import Recovery

/// Drops a database with everything in it.
struct ArangoDropDatabaseStep: Step {
    static let kind = "arangodb.drop-database"
    static let summary = "Drop a database with its collections, views, graphs and analyzers."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to drop"),
        Field.required("refill", as: Name.self, literal: true, RefillRole.doc),
        Field.maybe(
            "name_in_backup", as: String.self, limit: .notEmpty, "what the database is called in the backup, when it is another name"))

    let database: String
    private let refillRole: RefillRole
    private let nameInBackup: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let refill: Name
        (database, refill, nameInBackup) = try Self.fields.read(node, reading)
        refillRole = RefillRole(refill)
    }

    private var backupRole: String? { refillRole.backup }

    var uses: StepUses { StepUses(target: .one(.arangodb), backups: refillRole.backups) }
    /// What is gone stays gone.
    var rerun: Rerun { .safe }
    var refill: RefillDeclaration? { refillRole.declaration }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        let object = ObjectName(target: target.binding.name, kind: DumpedDatabase.kind, name: database)
        let refill = refillRole.refill(as: nameInBackup ?? database)
        return [Effect(.destroy, object, await target.amount(ofDatabase: database), refill: refill)]
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        guard let backupRole, let backup = reading.backups[backupRole] else { return [] }
        let target = try reading.target(as: ReadableArango.self)
        return try await ArangoPreflight(backup, nameInBackup ?? database, isDrop: true).lacks(on: target)
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard let found = try await reading.target(as: ReadableArango.self).database(database) else { return .done }
        // One that was made since bears the same name and another number.
        guard let dropped = reading.remembered[Self.id]?.text else { return .notDone }
        return found.id == dropped ? .notDone : .done
    }

    private static let id = "id"

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        try ArangoTarget.refuseSystem(database, to: "drop")
        guard let found = try await target.client.database(database) else {
            return StepResult(notes: ["there is no database '\(database)'"], exercised: false)
        }
        try context.mustHaveAgreed(toDestroy: DumpedDatabase.kind, database)
        // What would stop the restore is better known while there is still a database.
        if let backupRole {
            try await ArangoPreflight(try context.backup(backupRole), nameInBackup ?? database, isDrop: true).check(on: target.readable)
        }
        var result = StepResult(facts: [Self.id: .text(found.id)], notes: ["dropped '\(database)'"])
        if case .known(let count?, let unit?, _) = await target.readable.amount(ofDatabase: database) {
            result.facts[unit] = .integer(count)
        }
        for (name, fact) in result.facts.sorted(by: { $0.key < $1.key }) { try await context.remember(name, fact) }
        try await target.client.dropDatabase(database)
        guard try await target.client.database(database) == nil else {
            throw Failure(.engine, "\(target.server.words) did not drop database '\(database)', and does not say why")
        }
        return result
    }
}

extension ArangoTarget {
    /// The server's own cannot be dropped nor made, and what is in it is not the application's alone.
    static func refuseSystem(_ database: String, to verb: String) throws {
        try ArangoName.check(database: database)
        guard database == systemDatabase else { return }
        throw Failure(
            .refused, "cannot \(verb) database '_system': the server needs it",
            hint: "restore into it with `replace: true`, which drops only collections that the backup holds")
    }
}
