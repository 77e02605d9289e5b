import Bindings
import Documents
import Recovery

/// Makes an empty database as the one in a backup was made.
struct CreateDatabaseStep: Step {
    static let kind = "postgres.create-database"
    static let summary = "Create an empty database with the encoding, locale, settings and rights that a backup's database had."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to create"),
        Field.required("like", as: Name.self, literal: true, "role of the backup whose database it is to be like"),
        Field.maybe("owner", as: String.self, limit: .notEmpty, "who owns it; as in the backup when left out"))

    let database: String
    private let like: Name
    private let owner: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (database, like, owner) = try Self.fields.read(node, reading)
    }

    var uses: StepUses { StepUses(target: .one(.postgres), backups: [like.text]) }
    /// An attempt that was cut off left at most an empty database, which the next one takes over.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadablePostgres.self)
        let object = ObjectName(target: target.binding.name, kind: "database", name: database)
        return [Effect(.create, object, .known(count: nil, unit: nil, bytes: nil))]
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadablePostgres.self)
        guard let found = try await target.database(database) else { return .notDone }
        if reading.remembered["made"]?.text == found.oid { return .done }
        let contents = try await target.contents(of: database)
        // Empty: whether it has its settings is not known, and giving them again does no harm.
        return contents.isEmpty ? .notDone : .partial("database '\(database)' is there and holds \(contents.words)")
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        try PostgresTarget.refuse(database, nil, to: "create")
        let backup = try context.backup(like.text)
        let known = try await PostgresBackup.read(backup)
        guard var definition = known.definition else {
            throw Failure(
                .unfit, "backup \(backup.manifest.id) does not say how its database was made",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        definition.name = database
        if let owner { definition.owner = owner }

        // An empty database is of no use when the backup does not fit into it.
        try RestorePreflight(target: target.readable, tools: target.tools, backup: backup, known: known)
            .checkVersion(of: try await target.readable.version())
        let found = try await target.database(database)
        if found != nil { try await refuseUnlessEmpty(target) }
        var notes: [String] = []
        var notExercised: [NotExercised] = []
        if target.binding.isDisposable {
            // One that is not there would keep everybody from logging in.
            let loading = definition.settings.filter { PreloadedLibraries.settings.contains($0.name) }
            definition.settings.removeAll { PreloadedLibraries.settings.contains($0.name) }
            notExercised = loading.map { NotExercised("setting \($0.words)", because: "a disposable server loads no libraries at login") }
            let roles = try await target.createRoles(of: known)
            if !roles.isEmpty { notes.append("roles made without a login: \(roles.joined(separator: ", "))") }
        }
        let missing = try await target.readable.missing(definition.roles)
        notes += missing.map { "role '\($0)' is missing on \(target.server.words): what the backup says of it is left out" }
        definition = definition.leavingOut(Set(missing))
        do { notes += try await target.create(definition, exists: found != nil) } catch let failure as Failure
            where found == nil && failure.isAboutOneThatIsThere
        {
            // The session of an attempt that was cut off was still at it.
            try await refuseUnlessEmpty(target)
            notes += try await target.create(definition, exists: true)
        }
        guard let made = try await target.database(database) else {
            throw Failure(.engine, "database '\(database)' was created on \(target.server.words) and is not there")
        }
        let facts: [String: Fact] = [
            "oid": .text(made.oid), "encoding": .text(made.definition.encoding), "collation": .text(made.definition.collation),
        ]
        for (name, fact) in facts.sorted(by: { $0.key < $1.key }) { try await context.remember(name, fact) }
        try await context.remember("made", .text(made.oid))
        return StepResult(facts: facts, notes: notes, notExercised: notExercised)
    }

    /// An empty one may be what an earlier attempt left.
    private func refuseUnlessEmpty(_ target: PostgresTarget) async throws {
        let contents = try await target.readable.contents(of: database)
        guard !contents.isEmpty else { return }
        throw Failure(
            .refused, "database '\(database)' on \(target.server.words) is there already and holds \(contents.words)",
            hint: "drop it first (postgres.drop-database), or name another one")
    }
}

extension Failure {
    /// Two sessions that create the same database collide in the list of databases; a later one finds it there.
    fileprivate var isAboutOneThatIsThere: Bool { ["23505", "42P04"].contains((cause as? PostgresError)?.sqlState) }
}

extension DatabaseDefinition {
    /// Without what it says of those roles.
    fileprivate func leavingOut(_ roles: Set<String>) -> DatabaseDefinition {
        var left = self
        if let owner, roles.contains(owner) { left.owner = nil }
        left.settings.removeAll { $0.role.map(roles.contains) ?? false }
        left.rights?.removeAll { $0.role.map(roles.contains) ?? false }
        return left
    }
}
