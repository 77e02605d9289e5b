import Bindings
import Documents
import Recovery

/// Drops a database with everybody who is in it.
struct DropDatabaseStep: Step {
    static let kind = "postgres.drop-database"
    static let summary = "Drop a database; sessions in it are ended first."
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

    var uses: StepUses { StepUses(target: .one(.postgres), backups: refillRole.backups) }
    /// What is gone stays gone.
    var rerun: Rerun { .safe }
    var refill: RefillDeclaration? { refillRole.declaration }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadablePostgres.self)
        let refill = refillRole.refill(as: try await itemName(in: backupRole.flatMap { reading.backups[$0] }))
        let object = ObjectName(target: target.binding.name, kind: "database", name: database)
        return [Effect(.destroy, object, await amount(target), refill: refill)]
    }

    /// Inventories hold names as the server quotes them.
    private func itemName(in backup: BackupInHand?) async throws -> String {
        let name = nameInBackup ?? database
        guard let backup, let item = try await PostgresBackup.read(backup).databaseItem else { return name }
        return PostgresName.parts(item) == [name] ? item : name
    }

    /// Only what is exact: tables and bytes. How many rows there are, counting them all would tell and nothing else.
    private func amount(_ target: ReadablePostgres) async -> Effect.Amount {
        do {
            guard let found = try await target.database(database) else { return .absent }
            let contents = try? await target.contents(of: database)
            return .known(count: contents?.tables, unit: "tables", bytes: await target.bytes(of: found))
        } catch {
            return .unknown(because: Failure.wrapping(error, while: "looking at database '\(database)'").sentence)
        }
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard let found = try await reading.target(as: ReadablePostgres.self).database(database) else { return .done }
        // One that was made since bears the same name and another number.
        guard let dropped = reading.remembered["oid"]?.text else { return .notDone }
        return found.oid == dropped ? .notDone : .done
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        let found = try await target.database(database)
        try PostgresTarget.refuse(database, found, to: "drop")
        guard let found else { return StepResult(notes: ["there is no database '\(database)'"], exercised: false) }
        try context.mustHaveAgreed(toDestroy: "database", database)
        var result = StepResult(facts: ["oid": .text(found.oid)], notes: ["dropped '\(database)'"])
        let bytes = await target.readable.bytes(of: found)
        if let bytes { result.facts["bytes"] = .integer(bytes) }
        if let backupRole {
            // What would stop the restore is better known while there is still a database.
            let backup = try context.backup(backupRole)
            let preflight = RestorePreflight(
                target: target.readable, tools: target.tools, backup: backup, known: try await PostgresBackup.read(backup))
            result.tools = [
                try await preflight.check(replacing: bytes ?? 0, scratch: context.services.scratch, commands: context.services.commands)
                    .evidence
            ]
        }
        if let bytes { try await context.remember("bytes", .integer(bytes)) }
        try await context.remember("oid", .text(found.oid))
        try await target.drop(found)
        return result
    }
}

extension Failure {
    /// One sentence, for places that have room for one.
    var sentence: String { ([problem] + causes).joined(separator: ": ") }
}

extension PostgresTool {
    var evidence: RunResult.Evidence.Tool { RunResult.Evidence.Tool(name: name, version: version.description) }
}
