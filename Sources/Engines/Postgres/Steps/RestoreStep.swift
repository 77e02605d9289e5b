import Bindings
import Documents
import Recovery

/// Fills an empty database from a dump.
struct RestoreStep: Step {
    static let kind = "postgres.restore"
    static let summary = "Restore a dump into an empty database; any error is a failure."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to fill; it has to be empty"),
        Field.required("from", as: Name.self, literal: true, "role of the backup"),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...64), "how many tables and indexes are worked on at once"))

    let database: String
    private let from: Name
    private let jobs: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (database, from, jobs) = try Self.fields.read(node, reading)
    }

    var uses: StepUses { StepUses(target: .one(.postgres), backups: [from.text]) }
    var fills: String? { from.text }
    var rerun: Rerun { .afterUndo }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadablePostgres.self)
        let totals = reading.backups[from.text]?.manifest.totals ?? [:]
        let object = ObjectName(target: target.binding.name, kind: "database", name: database)
        return [Effect(.change, object, .known(count: totals["rows"], unit: "rows", bytes: nil))]
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [String] {
        let target = try reading.target(as: ReadablePostgres.self)
        guard let backup = reading.backups[from.text] else { return [] }
        // What is in the way goes before; its room is free by then.
        let inTheWay = try await target.database(database)
        var replaced: Int64 = 0
        if let inTheWay { replaced = await target.bytes(of: inTheWay) ?? 0 }
        let preflight = RestorePreflight(
            target: target, tools: target.tools, backup: backup, known: try await PostgresBackup.read(backup))
        return try await preflight.lacks(replacing: replaced)
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadablePostgres.self)
        guard let found = try await target.database(database) else { return .notDone }
        if reading.remembered[Memory.done]?.text == found.oid { return .done }
        guard reading.remembered[Memory.oid]?.text == found.oid else { return .notDone }
        return .partial("database '\(database)' was being restored")
    }

    private enum Memory {
        static let oid = "oid"
        static let database = "database"
        static let done = "done"
    }

    // MARK: Undo

    /// Drops and makes again the database that this step found empty: that one, by its number, and no other.
    func undo(in context: StepContext) async throws {
        guard let oid = context.remembered[Memory.oid]?.text else { return }
        guard let kept = context.remembered[Memory.database]?.text,
            let definition = try? CanonicalJSON.decode(DatabaseDefinition.self, from: Array(kept.utf8))
        else { throw Failure(.bug, "the journal does not say how database '\(database)' was made") }
        let target = try context.target(as: PostgresTarget.self)
        // One that still runs would fill what is made again.
        try await target.tools.endLeftPrograms()
        let found = try await target.database(database)
        if let found, found.oid == oid {
            context.services.say("taking back the unfinished restore of '\(database)'")
            try await target.drop(found)
        } else if found != nil {
            // What an undo that was cut off has made again is empty; its settings are given once more.
            try await refuseUnlessEmpty(target)
        }
        _ = try await target.create(definition, exists: found != nil && found?.oid != oid)
    }

    // MARK: Run

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        try PostgresTarget.refuse(database, nil, to: "restore into")
        let backup = try context.backup(from.text)
        let known = try await PostgresBackup.read(backup)
        let preflight = RestorePreflight(target: target.readable, tools: target.tools, backup: backup, known: known)
        let tool = try await preflight.check(replacing: 0, scratch: context.services.scratch, commands: context.services.commands)
        var result = StepResult(tools: [tool.evidence])
        result.notExercised += try await preflight.unloaded().map {
            NotExercised("extension \($0): its preloaded library", because: "the backup's server preloaded it and this one does not")
        }
        let empty = try await emptyDatabase(target, context)
        if target.binding.isDisposable {
            let roles = try await target.createRoles(of: known)
            if !roles.isEmpty { result.notes.append("roles made without a login: \(roles.joined(separator: ", "))") }
        }

        let start = context.services.time.uptime
        let dump = try await DumpFolder.open(backup, in: context)
        if dump.isCopy { result.phases.append(PhaseTime(.fetch, seconds: (context.services.time.uptime - start).inSeconds)) }
        do {
            try await context.remember(Memory.database, .text(String(decoding: try CanonicalJSON.encode(empty.definition), as: UTF8.self)))
            try await context.remember(Memory.oid, .text(empty.oid))
            try await restore(dump, with: tool, known, &result, target, context)
            try await analyze(&result, target, context)
        } catch {
            await dump.remove()
            throw error
        }
        await dump.remove()
        for (name, fact) in result.facts.sorted(by: { $0.key < $1.key }) { try await context.remember(name, fact) }
        try await context.remember(Memory.done, .text(empty.oid))
        return result
    }

    private func restore(
        _ dump: DumpFolder, with tool: PostgresTool, _ known: PostgresBackup, _ result: inout StepResult, _ target: PostgresTarget,
        _ context: StepContext
    ) async throws {
        let place = try await target.tools.place(
            for: tool, folder: context.services.scratch, commands: context.services.commands)
        do {
            try await restore(dump, with: tool, at: place, known, &result, target, context)
        } catch {
            await uncancelled { await place.close() }
            throw error
        }
        await uncancelled { await place.close() }
    }

    private func restore(
        _ dump: DumpFolder, with tool: PostgresTool, at place: any ToolPlace, _ known: PostgresBackup, _ result: inout StepResult,
        _ target: PostgresTarget, _ context: StepContext
    ) async throws {
        let session = try await target.readable.session(in: PostgresServer.maintenance)
        let parameters = try await InsideLogin(server: target.server, place: place, tool: tool).parameters(
            database: database, through: session)
        if let container = place.container { context.services.say("copying the dump into container '\(container)'") }
        let program = PgRestore(
            tool: tool, dump: try await place.bring(dump.files(), of: dump.path), target: target, database: database, jobs: jobs,
            withoutTablespaces: target.binding.isDisposable && known.hasTablespaces, place: place,
            parameters: parameters, sessionName: PostgresServer.sessionName(for: "restore \(context.run)"),
            say: context.services.say)
        let isDrill = context.isDrill || target.binding.isDisposable
        var plan = RestorePlan(
            early: try await program.list(["pre-data", "data"]), late: try await program.list(["post-data"]), isDrill: isDrill)
        if program.withoutTablespaces {
            result.notExercised.append(NotExercised("tablespaces", because: "a disposable server has one disk; everything lies on it"))
        }

        var warnings = try await context.timed(.restore, &result.phases) { [plan] in try await program.restore(plan.contents, "tables") }
        warnings += try await context.timed(.index, &result.phases) { [plan] in
            try await program.restore(plan.indexes, "indexes")
                + program.restore(plan.attachments, "indexes of partitioned tables", oneByOne: true)
        }
        warnings += try await context.timed(.restore, &result.phases) { [plan] in
            try await program.restore(plan.rest, "foreign keys, triggers, rules and policies")
        }
        if isDrill { plan.leaveUnfilled(by: try await ForeignData.read(from: target, database: database)) }
        warnings += try await context.timed(.restore, &result.phases) { [plan] in
            try await program.restore(plan.last, "rights and materialised views")
        }
        result.notExercised += plan.notExercised
        result.notes += warnings.map { "pg_restore warned: \($0)" }
        result.facts["entries"] = .integer(
            Int64(plan.contents.count + plan.indexes.count + plan.attachments.count + plan.rest.count + plan.last.count))
        result.facts["left_out"] = .integer(Int64(plan.leftOut.count))
    }

    /// Without statistics the first queries after a recovery are slow ones.
    private func analyze(_ result: inout StepResult, _ target: PostgresTarget, _ context: StepContext) async throws {
        context.services.say("ANALYZE")
        let foreign = target.binding.isDisposable ? try await ForeignData.read(from: target, database: database).parents : []
        let session = try await target.session(in: database)
        try await attempt("analyse database '\(database)' on \(target.server.words)") {
            try await context.timed(.analyze, &result.phases) {
                guard !foreign.isEmpty else {
                    try await session.execute("ANALYZE")
                    return
                }
                // Named one by one, to leave out those whose analysis would read foreign tables.
                let tables = try await target.readable.session(in: database).query(
                    """
                    SELECT quote_ident(n.nspname), quote_ident(c.relname), n.nspname, c.relname
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' ORDER BY c.oid
                    """)
                for row in tables.rows where !foreign.contains(where: { $0.schema == row[2] && $0.name == row[3] }) {
                    try await session.execute("ANALYZE \(row[0] ?? "").\(row[1] ?? "")")
                }
            }
        }
        result.notExercised += foreign.map {
            NotExercised("statistics of table \($0.schema).\($0.name)", because: "parts of it are foreign tables, which would be read")
        }
    }

    // MARK: Only into an empty database

    private func emptyDatabase(_ target: PostgresTarget, _ context: StepContext) async throws -> PostgresDatabase {
        guard var found = try await target.database(database) else {
            throw Failure(
                .engine, "there is no database '\(database)' on \(target.server.words) to restore into",
                hint: "create it first (postgres.create-database)")
        }
        if context.remembered[Memory.oid]?.text == found.oid, try await !target.readable.contents(of: database).isEmpty {
            try await undo(in: context)
            found = try await target.database(database) ?? found
        }
        try await refuseUnlessEmpty(target)
        return found
    }

    private func refuseUnlessEmpty(_ target: PostgresTarget) async throws {
        let contents = try await target.readable.contents(of: database)
        guard !contents.isEmpty else { return }
        throw Failure(
            .refused, "database '\(database)' on \(target.server.words) is not empty: it holds \(contents.words)",
            hint:
                "lifeboat restores into an empty database only; drop and create it first (postgres.drop-database, postgres.create-database)"
        )
    }
}

extension RestorePlan {
    /// Leaves views unfilled whose contents would be fetched from another server.
    fileprivate mutating func leaveUnfilled(by foreign: ForeignData) {
        leftOut += last.filter(foreign.isFilled)
        last.removeAll(where: foreign.isFilled)
    }
}
