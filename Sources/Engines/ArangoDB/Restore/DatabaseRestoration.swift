import Recovery

/// Restores one database out of a dump, in the order that servers need (contract 11, 14): collections, definitions of analyzers, documents,
/// indexes, views, what takes documents away again, accounts.
///
/// It goes on where it was: a collection that was complete, and still is, is left alone; one that was not is dropped and made anew.
struct DatabaseRestoration: Sendable {
    struct Options: Sendable {
        /// Requests at a time, over all collections.
        var jobs = 2
        /// Whether collections and views of the database that have a name of the dump are dropped for it.
        var replaces = false
        /// Whether the accounts of the dump are written too, into `_system`.
        var withUsers = false
        /// What can be done where something is there already.
        var advice = TakenNames.adviceOfRestore
        /// What servers are sent at once; arangorestore's own size.
        var requestBytes = 8 << 20
    }

    let client: ArangoClient
    let source: any DumpedDatabaseSource
    let database: String
    var options = Options()
    let memory: RestoreMemory
    let time: any TimeSource
    let say: @Sendable (String) -> Void

    /// What came of it.
    struct Outcome: Sendable {
        var documents: Int64 = 0
        var collections = 0
        var checks: [CheckResult] = []
        var phases: [PhaseTime] = []
        var notes: [String] = []
        var notExercised: [NotExercised] = []
    }

    func restore() async throws -> Outcome {
        var plan = try DatabaseRestorePlan(source, into: database, withUsers: options.withUsers)
        var outcome = Outcome()
        outcome.notExercised = plan.leftOut
        let role = try await client.role()
        let there = try await existing(&plan, &outcome)
        try await memory.remember(RestoreMemory.Mark.began, 1)

        var start = time.uptime
        let filled = try await filledBefore(plan, there)
        try await makeCollections(plan.members.filter { filled[$0.name] == nil })
        let filling = Filling(self, isSingle: role == .single, filled: filled, of: plan)
        try await filling.fill(plan, &outcome)
        outcome.phases.append(PhaseTime(.restore, seconds: (time.uptime - start).inSeconds))

        start = time.uptime
        try await makeIndexes(plan.members, late: false, &outcome)
        try await makeViews(plan.views)
        for member in plan.members where member.structure.indexes.contains(where: { $0.type == "ttl" }) {
            try await memory.remember(RestoreMemory.Mark.expiring(member.name), 1)
        }
        try await makeIndexes(plan.members, late: true, &outcome)
        outcome.phases.append(PhaseTime(.index, seconds: (time.uptime - start).inSeconds))

        start = time.uptime
        if plan.holdsServices { await heal(&outcome) }
        if let users = plan.users { try await filling.fill(users: users, &outcome) }
        outcome.phases.append(PhaseTime(.restore, seconds: (time.uptime - start).inSeconds))
        return outcome
    }

    // MARK: Before

    /// What is in the database. Throws for what would be overwritten and may not be: `Failure(.refused)` in the beginning, `Paused` when it
    /// has appeared since. What the server keeps for itself is left alone where it holds something.
    private func existing(_ plan: inout DatabaseRestorePlan, _ outcome: inout Outcome) async throws -> [String: ArangoCollection] {
        let there = try await client.collections(in: database, excludingSystem: false)
        var taken = takenNames
        for collection in there where plan.members.contains(where: { $0.name == collection.name }) {
            let documents = try await client.count(collection.name, in: database)
            if memory.isOurs(collection, documents: documents) || (collection.name.hasPrefix("_") && documents == 0) { continue }
            if options.replaces { continue }
            if DumpedDatabase.notCompared.contains(collection.name) {
                plan.leaveOut(collection.name)
                outcome.notExercised.append(
                    NotExercised("collection \(collection.name)", because: "the server has \(documents) of its own in it, which stay"))
                continue
            }
            taken.names.append(Self.words(collection.name, documents))
        }
        // Collections and views share their names.
        taken.names += there.map(\.name).filter { name in plan.views.contains { $0.name == name } }.map { "collection '\($0)'" }
        for view in try await client.views(in: database).map(\.name).sorted() {
            if plan.members.contains(where: { $0.name == view }) { taken.names.append("view '\(view)'") }
            guard plan.views.contains(where: { $0.name == view }), !options.replaces, !memory.isMaking(view: view) else { continue }
            taken.names.append("view '\(view)'")
        }
        if !taken.names.isEmpty { throw taken.refusal(hasBegun: memory.hasBegun) }
        return Dictionary(there.map { ($0.name, $0) }) { first, _ in first }
    }

    private var takenNames: TakenNames {
        TakenNames(database: database, server: client.server.words, source: source.words, advice: options.advice)
    }

    private static func words(_ collection: String, _ documents: Int64) -> String {
        guard let noun = DatabaseRestorePlan.definitions.first(where: { $0.0 == collection })?.1 else { return "'\(collection)'" }
        return documents == 1 ? "1 \(noun) of its own" : "\(documents) \(noun)s of its own"
    }

    /// Collections that an earlier attempt has completed and that still are what it left.
    private func filledBefore(_ plan: DatabaseRestorePlan, _ there: [String: ArangoCollection]) async throws -> [String: Kept] {
        var filled: [String: Kept] = [:]
        guard memory.hasBegun else { return filled }
        for member in plan.members {
            guard let found = there[member.name], memory.isMade(found), let documents = memory.documents(of: member.name) else { continue }
            let count = try await client.count(member.name, in: database)
            // What has expired since was taken out by the server.
            let isLess = count < documents && !memory.isExpiring(member.name)
            guard count <= documents || DumpedDatabase.notCompared.contains(member.name) else {
                throw takenNames.writtenSince(member.name, count, restored: documents)
            }
            if !isLess { filled[member.name] = Kept(documents: documents, actual: count) }
        }
        if !filled.isEmpty { say("\(filled.count) of \(plan.members.count) collections are restored already") }
        return filled
    }

    /// A collection that an earlier attempt has completed.
    struct Kept: Sendable {
        let documents: Int64
        /// At this moment: fewer where some have expired, more where the server writes by itself.
        let actual: Int64
    }

    // MARK: Definitions

    private func makeCollections(_ members: [DatabaseRestorePlan.Member]) async throws {
        for member in members {
            try await memory.remember(RestoreMemory.Mark.making(member.name), 1)
            for mark in [RestoreMemory.Mark.filled(member.name), RestoreMemory.Mark.expiring(member.name)] where memory.marks[mark] != nil {
                try await memory.remember(mark, RestoreMemory.Mark.takenBack)
            }
            // What is there is a half of ours, may be replaced, or is one that the server makes in every database.
            try await client.restoreCollection(member.name, structure: member.structure.ofCollection, overwrite: true, in: database)
        }
        let made = try await client.collections(in: database, excludingSystem: false)
        let byName = Dictionary(made.map { ($0.name, $0) }) { first, _ in first }
        for member in members {
            func wrong(_ problem: String, _ hint: String) -> Failure {
                Failure(
                    .engine, "cannot restore collection '\(member.name)' of database '\(database)' on \(client.server.words): \(problem)",
                    hint: hint)
            }
            guard let found = byName[member.name] else {
                throw wrong(
                    "the server says that it has made it, and it is not there", "see the server's log; does the user see all collections?")
            }
            guard found.isEdge == member.collection.isEdge else {
                throw wrong(
                    "it is there with \(found.isEdge ? "edges" : "documents") instead of \(found.isEdge ? "documents" : "edges"), and cannot be dropped",
                    "other collections are spread like it, or the user may not drop it; drop the database and create it")
            }
            try await memory.remember(RestoreMemory.Mark.made(found.name, id: found.id), 1)
        }
    }

    private func makeIndexes(_ members: [DatabaseRestorePlan.Member], late: Bool, _ outcome: inout Outcome) async throws {
        let work = members.map { ($0, $0.structure.indexes.filter { $0.isLate == late }) }.filter { !$0.1.isEmpty }
        guard !work.isEmpty else { return }
        say("building \(work.reduce(0) { $0 + $1.1.count }) indexes of \(work.count) collections\(late ? ", of those that come last" : "")")
        let checks = try await withThrowingTaskGroup(of: (String, CheckResult).self) { group in
            var checks: [(String, CheckResult)] = []
            for (place, (member, indexes)) in work.enumerated() {
                if place >= options.jobs, let check = try await group.next() { checks.append(check) }
                group.addTask { (member.name, try await make(indexes, of: member)) }
            }
            for try await check in group { checks.append(check) }
            return checks
        }
        outcome.checks += checks.sorted { $0.0 < $1.0 }.map(\.1)
        for (member, indexes) in work where indexes.contains(where: { $0.type == "ttl" }) {
            outcome.notes.append("collection '\(member.name)' has a ttl index: the server takes out what has expired")
        }
    }

    /// A server without vector indexes passes over them with a line in its log only, so what was made is looked at (contract 11).
    private func make(_ indexes: [StructureText.Index], of member: DatabaseRestorePlan.Member) async throws -> CheckResult {
        try await client.restoreIndexes(of: member.name, structure: member.structure.with(indexes), in: database)
        var made = try await client.indexes(of: member.name, in: database).map { StructureText.Index($0) }
        let missing = indexes.filter { index in
            guard let place = made.firstIndex(where: { index.isSame(as: $0) }) else { return true }
            made.remove(at: place)
            return false
        }
        return CheckResult(
            "collection \(member.name)", indexes.first?.isLate == true ? "late indexes" : "indexes", expected: "\(indexes.count)",
            actual: missing.isEmpty ? "\(indexes.count)" : "without \(missing.map(\.words).joined(separator: "; "))",
            verdict: missing.isEmpty ? .held : .differed, compared: indexes.count)
    }

    /// After the documents: what is searched right afterwards is found, and search-alias views name indexes that have to be there.
    private func makeViews(_ views: [RestorableView]) async throws {
        guard !views.isEmpty else { return }
        let there = Set(try await client.views(in: database).map(\.name))
        for view in views where !(memory.hasView(view.name) && there.contains(view.name)) {
            say("building view '\(view.name)'")
            try await memory.remember(RestoreMemory.Mark.making(view: view.name), 1)
            try await client.restoreView(view.name, definition: try view.withoutIdentity(), in: database)
            try await memory.remember(RestoreMemory.Mark.view(view.name), 1)
        }
    }

    /// A failure of it takes nothing from the restored data.
    private func heal(_ outcome: inout Outcome) async {
        do { try await client.healServices(in: database) } catch {
            outcome.notes.append(
                "the services of database '\(database)' were not looked after: \(Failure.wrapping(error, while: "healing services").problem)"
            )
        }
    }
}
