import Bindings
import Documents
import Recovery

/// Captures the database that a target's address names, or all of a server, one after the other.
struct ArangoCapture: Sendable {
    private let target: ArangoTarget
    private let options: CaptureOptions

    private static let jobs = 2
    private static let level = 5

    /// Throws `Failure(.configuration)` for what ArangoDB cannot do.
    init(_ target: ArangoTarget, options: CaptureOptions) throws {
        self.target = target
        self.options = options
        if let refusal = Self.refusals(of: options, target: target.binding.name).first { throw refusal.failure }
    }

    static func refusals(of options: CaptureOptions, target: String) -> [CaptureOptions.Refusal] {
        var refusals: [CaptureOptions.Refusal] = []
        if let compression = options.compression, compression.method != .gzip {
            refusals.append(
                CaptureOptions.Refusal(
                    .compression, "target '\(target)' is captured as arangodump writes it, and that packs with gzip only",
                    hint: "write gzip, with a level if wanted: gzip:1"))
        }
        if options.tool != nil, options.compression != nil {
            refusals.append(
                CaptureOptions.Refusal(
                    .compression, "target '\(target)' is captured by arangodump, which chooses by itself how it packs",
                    hint: "leave out `compression:`"))
        }
        if !options.fingerprint.isEmpty {
            refusals.append(
                CaptureOptions.Refusal(
                    .fingerprint, "of target '\(target)' every collection is fingerprinted anyway",
                    hint: "leave it out: arangodb.verify compares every document"))
        }
        let collections = options.collections
        let foreign = [
            collections.way.map { _ in "way" }, collections.goldenQueries.map { _ in "golden_queries" },
            collections.embeddings.isEmpty ? nil : "embeddings",
        ].compactMap(\.self)
        if let key = foreign.first {
            refusals.append(
                CaptureOptions.Refusal(
                    .collections, "`\(key)` means nothing for ArangoDB, which target '\(target)' is",
                    hint: "it takes `include`, `exclude` and `private`"))
        }
        return refusals
    }

    /// - Parameter object: the one database to take, or one collection as `database/collection`; nil: what the address names.
    func capture(_ object: String?, into sink: any CaptureSink) async throws -> Captured {
        let client = target.client
        let ready = try await client.ready()
        try await refuseCluster()
        let parts = object?.split(separator: "/", maxSplits: 1).map(String.init) ?? []
        let isWhole = object == nil && target.server.database == nil
        // Beside each other: what is made while others are read is not hidden.
        let there = isWhole ? try await client.allDatabases() : nil
        let names = try await databases(parts.first)
        let choice = ArangoChoice(options.collections, only: parts.count == 2 ? parts[1] : nil)
        let recoveryPoint = target.time.now
        var outcome = Outcome()
        for name in names {
            let captured: DatabaseCapture.Outcome
            do {
                sink.progress("database '\(name)'")
                guard let database = try await client.database(name) else {
                    throw Failure(.engine, "there is no database '\(name)' on \(target.server.words), or its user may not see it")
                }
                captured = try await capture(database, choice, ready, into: sink)
            } catch let failure as Failure where failure.kind != .localStorage && failure.kind != .configuration && names.count > 1 {
                outcome.fail(name, failure, sink)
                continue
            }
            // What the store does not take ends it all: half of a database would be in the backup.
            do { for (path, key) in captured.files { try await sink.adopt(file: path, as: key) } } catch {
                await uncancelled { await blocking { _ in for (path, _) in captured.files { _ = try? Files.removeFile(path) } } }
                throw error
            }
            outcome.add(captured, sink)
            if parts.count < 2 { await takeGrants(name, &outcome) }
        }
        if outcome.databases == 0, let first = outcome.first { throw first }
        if isWhole { tellOfHidden(names, among: there, &outcome) }
        try refuseMissing(choice, &outcome, isOne: parts.count == 2)
        if !names.contains(ArangoTarget.systemDatabase) {
            outcome.notes.append("accounts are kept in database _system, which is not in this backup")
        }
        try await record(&outcome, ready, into: sink)
        return Captured(
            engineVersion: ready.version.description, standIn: ready.isStandIn,
            source: SourceIdentity(
                engine: .arangodb, address: target.binding.address.text, system: try await client.systemIdentifier(),
                database: names.count == 1 ? names.first : nil),
            recoveryPoint: recoveryPoint,
            totals: [
                "databases": outcome.databases, "collections": outcome.collections, "documents": outcome.documents, "views": outcome.views,
            ], problems: outcome.problems,
            // As long as nobody knows what is missing, nothing of it is known to be whole.
            failed: outcome.failed.isEmpty || outcome.isDoubtful ? nil : outcome.failed)
    }

    /// What accounts may do in a database is forgotten by the server when that is dropped.
    private func takeGrants(_ database: String, _ outcome: inout Outcome) async {
        do {
            guard let grants = try await target.client.grants(in: database) else {
                outcome.notes.append(
                    "who may use database '\(database)' is not in this backup: this login may not ask (it takes `rw` on _system), and a server forgets it when the database is dropped"
                )
                return
            }
            outcome.items += try grants.map { try ArangoBackup.item($0, of: database) }
        } catch {
            // The documents are here; they are not thrown away for this.
            outcome.notes.append(
                "who may use database '\(database)' is not in this backup: \(Failure.wrapping(error, while: "reading it").sentence)")
        }
    }

    /// Databases that the login does not see are missing from a backup of the whole server.
    private func tellOfHidden(_ names: [String], among all: [String]?, _ outcome: inout Outcome) {
        guard let all else {
            outcome.notes.append(
                "this login may not list all databases of the server: what it cannot see is not in this backup, and nobody knows how much that is"
            )
            return
        }
        for name in all where !names.contains(name) {
            let words = "the login may not read it, and the policy takes all of the server"
            outcome.problems.append("database '\(name)': \(words)")
            outcome.failed.append(FailedObject(kind: DumpedDatabase.kind, name: name, because: words))
        }
    }

    private func capture(
        _ database: ArangoDatabase, _ choice: ArangoChoice, _ ready: ArangoReadiness, into sink: any CaptureSink
    ) async throws -> DatabaseCapture.Outcome {
        let jobs = options.jobs ?? Self.jobs
        guard options.tool == .arangodump else {
            return try await DatabaseCapture(
                client: target.client, version: ready.version, database: database, choice: choice, jobs: jobs,
                level: options.compression?.level ?? Self.level, time: target.time, sink: sink
            ).capture()
        }
        return try await ToolCapture(
            client: target.client, tools: target.tools, database: database, choice: choice, jobs: jobs, sink: sink
        ).capture()
    }

    private struct Outcome {
        var databases: Int64 = 0
        var collections: Int64 = 0
        var documents: Int64 = 0
        var views: Int64 = 0
        var items: [InventoryItem] = []
        var names: Set<String> = []
        var notes: [String] = []
        var problems: [String] = []
        var failed: [FailedObject] = []
        var first: Failure?
        /// Some problems say of nothing in particular that it is missing.
        var isDoubtful = false

        mutating func add(_ captured: DatabaseCapture.Outcome, _ sink: any CaptureSink) {
            databases += 1
            collections += Int64(captured.collections)
            documents += captured.documents
            views += Int64(captured.views)
            items += captured.items
            names.formUnion(captured.names)
            notes += captured.notes
            problems += captured.problems
            if !captured.problems.isEmpty { isDoubtful = true }
        }

        mutating func fail(_ database: String, _ failure: Failure, _ sink: any CaptureSink) {
            first = first ?? failure
            problems.append("database '\(database)': \(failure.sentence)")
            failed.append(FailedObject(kind: DumpedDatabase.kind, name: database, because: failure.sentence))
            sink.progress("database '\(database)' was not captured: \(failure.problem)")
        }
    }

    private func refuseCluster() async throws {
        switch try await target.client.role() {
        case .single: return
        case .coordinator:
            throw Failure(
                .unfit, "cannot capture \(target.server.words): it is a cluster, whose parts keep no moment in common",
                hint: "stop what writes and use arangodump on a coordinator, or the Enterprise edition's hot backup")
        case .other(let role):
            throw Failure(
                .unfit, "cannot capture \(target.server.words): it is the part '\(role)' of a cluster", hint: "name a single server")
        }
    }

    private func databases(_ object: String?) async throws -> [String] {
        if let name = object ?? target.server.database {
            try ArangoName.check(database: name)
            return [name]
        }
        let all = try await target.client.databases()
        guard !all.isEmpty else {
            throw Failure(
                .credentials, "cannot capture \(target.server.words): its user may see no database",
                hint: "grant `rw` on each that is to be captured, or name one in the target's url")
        }
        return all
    }

    private func refuseMissing(_ choice: ArangoChoice, _ outcome: inout Outcome, isOne: Bool) throws {
        for name in choice.missing(among: outcome.names) {
            let words = "there is no collection '\(name)'" + (isOne ? "" : ", and the policy names it")
            let suggestion = outcome.names.sorted().suggestion(for: name).map { " (\($0))" } ?? ""
            guard !isOne else { throw Failure(.notFound, "\(words) on \(target.server.words)\(suggestion)") }
            outcome.problems.append(words + suggestion)
            outcome.failed.append(FailedObject(kind: DumpedCollection.kind, name: name, because: words + suggestion))
        }
        guard outcome.collections > 0 || !choice.leavesOut else {
            throw Failure(
                .engine, "no collection of \(target.server.words) is left to capture", hint: "see `include:`, `exclude:` and `private:`")
        }
    }

    private func record(_ outcome: inout Outcome, _ ready: ArangoReadiness, into sink: any CaptureSink) async throws {
        for words in outcome.notes { sink.progress(words) }
        var facts = ["version": ready.version.description]
        if ready.isStandIn { facts["stand-in"] = "yes" }
        outcome.items.append(InventoryItem(kind: ArangoBackup.Kind.server, name: target.binding.address.text, facts: facts))
        outcome.items += outcome.notes.enumerated().map {
            InventoryItem(kind: ArangoBackup.Kind.note, name: "\($0 + 1)", facts: ["text": $1])
        }
        try await sink.record(outcome.items)
    }
}
