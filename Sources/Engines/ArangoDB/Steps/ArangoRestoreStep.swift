import Bindings
import Documents
import Recovery

/// Fills a database from a dump.
struct ArangoRestoreStep: Step {
    static let kind = "arangodb.restore"
    static let summary =
        "Restore a dump into a database: collections, documents, indexes, views, graphs, analyzers; it goes on where it was when it is interrupted."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to fill; it is there"),
        Field.required("from", as: Name.self, literal: true, "role of the backup"),
        Field.maybe(
            "name_in_backup", as: String.self, limit: .notEmpty, "what the database is called in the backup, when it is another name"),
        Field.maybe(
            "collections", as: [String].self,
            "the only collections to restore, and no views; all that the backup holds when left out"),
        Field.optional(
            "replace", as: Bool.self, default: false,
            "`true`: collections and views that are there under a name of the backup are dropped for it"),
        Field.optional(
            "users", as: Bool.self, default: false,
            "`true`: into _system, the accounts of the backup are written too, with their passwords; the login of the target may change with them"
        ),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...16), "how many requests are on their way at a time"),
        Field.maybe(
            "tool", as: Tool.self,
            "`arangorestore`: ArangoDB's own program restores, if it is installed; then a restore that was cut off begins anew, and nothing of _system is restored without `users: true`"
        ))

    enum Tool: String, Choice { case arangorestore }

    let database: String
    private let from: String
    private let nameInBackup: String
    private let collections: [String]?
    private let replaces: Bool
    private let users: Bool
    private let jobs: Int
    private let tool: Tool?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (database, from, nameInBackup, collections, replaces, users, jobs, tool) = try Self.fields.read(node, reading)
        (self.database, self.from, self.nameInBackup) = (database, from.text, nameInBackup ?? database)
        (self.collections, self.replaces, self.users, self.jobs) = (collections, replaces, users, jobs)
        self.tool = tool
        guard collections?.isEmpty != true else {
            throw InvalidDocument("`collections:` names none, so nothing would be restored", hint: "leave it out for all of them", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.arangodb), backups: [from]) }
    var fills: String? { from }
    var refill: RefillDeclaration? { replaces || users ? .role(from) : nil }
    /// Documents are replaced by themselves, and what is complete is left alone.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        let backup = reading.backups[from]
        let documents = try await held(in: backup).reduce(0) { $0 + $1.documents }
        var effects = [
            Effect(
                .change, ObjectName(target: target.binding.name, kind: DumpedDatabase.kind, name: database),
                .known(count: documents, unit: "documents", bytes: nil))
        ]
        let ours = await ours(target, reading)
        for collection in try await held(in: backup) where replaces(collection.name) && !ours.collections.contains(collection.name) {
            let name = DumpedCollection.itemName(collection.name, in: database)
            effects.append(
                Effect(
                    .destroy, ObjectName(target: target.binding.name, kind: DumpedCollection.kind, name: name),
                    await target.amount(ofReplaced: collection.name, in: database),
                    refill: Effect.Refill(backupRole: from, nameInBackup: collection.itemName)))
        }
        guard replaces, collections == nil, let backup else { return effects }
        for view in try await ArangoBackup.read(backup).databases[nameInBackup]?.views ?? [] where !ours.views.contains(view.name) {
            effects.append(
                Effect(
                    .destroy,
                    ObjectName(target: target.binding.name, kind: DumpedDatabase.DumpedView.kind, name: "\(database)/\(view.name)"),
                    await target.amount(ofView: view.name, in: database),
                    refill: Effect.Refill(backupRole: from, nameInBackup: "\(nameInBackup)/\(view.name)")))
        }
        return effects
    }

    /// Names of what an attempt of this very restore has made, which nobody loses. Where that cannot be found out everything is somebody's.
    private func ours(_ target: ReadableArango, _ reading: StepReading) async -> (collections: Set<String>, views: Set<String>) {
        guard !reading.remembered.isEmpty, let found = try? await target.database(database),
            let there = try? await target.collections(in: database)
        else { return ([], []) }
        let memory = RestoreMemory(of: found, reading.remembered) { _, _ in }
        let views = try? await target.views(in: database).map(\.name).filter(memory.hasView)
        return (Set(there.filter(memory.isMade).map(\.name)), Set(views ?? []))
    }

    /// Whether the collection that is there under that name goes for the one of the backup: with `users:` the accounts do, by name.
    private func replaces(_ collection: String) -> Bool {
        if collection == DatabaseRestorePlan.usersName { return users && database == ArangoTarget.systemDatabase }
        return replaces && !collection.hasPrefix("_statistics")
    }

    private func held(in backup: BackupInHand?) async throws -> [DumpedCollection] {
        guard let backup else { return [] }
        let held = try await ArangoBackup.read(backup).databases[nameInBackup]?.collections ?? []
        return held.filter { collections?.contains($0.name) ?? true }
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        guard let backup = reading.backups[from] else { return [] }
        return try await ArangoPreflight(backup, nameInBackup, collections: collections).lacks(
            on: try reading.target(as: ReadableArango.self))
    }

    private enum Memory {
        /// The id of the database that was filled.
        static let ended = "ended"
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableArango.self)
        guard let found = try await target.database(database) else { return .notDone }
        let memory = RestoreMemory(of: found, reading.remembered) { _, _ in }
        guard memory.hasBegun else { return .notDone }
        guard reading.remembered[Memory.ended]?.text == found.id else {
            return .partial("collections of database '\(database)' were being restored")
        }
        let there = Set(try await target.collections(in: database).map(\.name))
        for collection in try await held(in: reading.backups[from]) where !collection.isSystem && !there.contains(collection.name) {
            return .notDone
        }
        return .done
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        let backup = try context.backup(from)
        let known = try await ArangoBackup.read(backup).database(nameInBackup, of: backup)
        try await ArangoPreflight(backup, nameInBackup, collections: collections).check(on: target.readable)
        guard let found = try await target.client.database(database) else {
            throw Failure(
                .engine, "there is no database '\(database)' on \(target.server.words) to restore into",
                hint: "create it first (arangodb.create-database)")
        }
        let memory = RestoreMemory(of: found, context.remembered, context.remember)
        try await mustHaveAgreed(known, memory, target, context)
        guard tool == nil else { return try await restoreByTool(known, backup, found, memory, target, context) }
        let source = BackupDump(backup, known, only: collections, scratch: context.services.scratch, say: context.services.say)
        let restoration = DatabaseRestoration(
            client: target.client, source: source, database: database,
            options: DatabaseRestoration.Options(jobs: jobs, replaces: replaces, withUsers: users), memory: memory,
            time: context.services.time, say: context.services.say)
        let outcome = try await restoration.restore()
        let grants = try await grants(of: known, target)
        try await context.remember(Memory.ended, .text(found.id))
        return StepResult(
            checks: outcome.checks,
            facts: ["documents": .integer(outcome.documents), "collections": .integer(Int64(outcome.collections))],
            phases: outcome.phases, notes: outcome.notes + grants.notes, notExercised: outcome.notExercised + grants.notExercised)
    }

    private func grants(of known: DumpedDatabase, _ target: ArangoTarget) async throws -> GrantRestore.Outcome {
        guard collections == nil else { return GrantRestore.Outcome() }
        return try await GrantRestore(client: target.client, database: database, grants: known.grants).restore()
    }

    private func restoreByTool(
        _ known: DumpedDatabase, _ backup: BackupInHand, _ found: ArangoDatabase, _ memory: RestoreMemory, _ target: ArangoTarget,
        _ context: StepContext
    ) async throws -> StepResult {
        guard database != ArangoTarget.systemDatabase || users else {
            throw Failure(
                .refused, "arangorestore would restore the accounts of the backup into _system too",
                hint: "say `users: true` if it may, or leave out `tool:`")
        }
        let restore = ToolRestore(
            target: target, database: database, backup: backup, known: known, chosen: collections, replaces: replaces, memory: memory,
            jobs: jobs, scratch: context.services.scratch, say: context.services.say)
        try await restore.refuseWhatIsThere()
        let checks = try await restore.restore()
        let grants = try await grants(of: known, target)
        try await context.remember(Memory.ended, .text(found.id))
        return StepResult(
            checks: checks, facts: ["collections": .integer(Int64(checks.count))], notes: grants.notes, notExercised: grants.notExercised)
    }

    private func mustHaveAgreed(
        _ known: DumpedDatabase, _ memory: RestoreMemory, _ target: ArangoTarget, _ context: StepContext
    ) async throws {
        for found in try await target.client.collections(in: database, excludingSystem: false)
        where replaces(found.name) && known.collections.contains(where: { $0.name == found.name })
            && (collections?.contains(found.name) ?? true)
        {
            let documents = try await target.client.count(found.name, in: database)
            // With one of the system's that is empty nothing goes.
            if memory.isOurs(found, documents: documents) || (found.isSystem && documents == 0) { continue }
            try context.mustHaveAgreed(toDestroy: DumpedCollection.kind, DumpedCollection.itemName(found.name, in: database))
        }
        guard replaces, collections == nil else { return }
        for view in try await target.client.views(in: database)
        where known.views.contains(where: { $0.name == view.name }) && !memory.hasView(view.name) {
            try context.mustHaveAgreed(toDestroy: DumpedDatabase.DumpedView.kind, "\(database)/\(view.name)")
        }
    }
}
