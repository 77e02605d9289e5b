import Bindings
import Documents
import Recovery

/// Fills a database from a folder that arangodump wrote, for the day that there is nothing better.
struct ArangoRestoreFolderStep: Step {
    static let kind = "arangodb.restore-folder"
    static let summary =
        "Restore a folder that arangodump wrote, of any version, into a database; it is read from end to end first, and nothing that is there is replaced."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to fill; it is there"),
        Field.required(
            "folder", as: String.self, limit: .notEmpty,
            "the folder on this machine, as an absolute path; of several databases the one of this name"),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...16), "how many requests are on their way at a time"))

    private let database: String
    private let folder: String
    private let jobs: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (database, folder, jobs) = try Self.fields.read(node, reading)
        guard folder.hasPrefix("/") || folder.contains("${") else {
            throw InvalidDocument("'\(folder)' is no absolute path", hint: "a run may be resumed from another folder", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.arangodb)) }
    /// Documents are replaced by themselves, and what is complete is left alone.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        return [
            Effect(
                .change, ObjectName(target: target.binding.name, kind: DumpedDatabase.kind, name: database),
                .unknown(because: "what the folder holds is known when it was read"))
        ]
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        do {
            _ = try await files()
            return []
        } catch let failure as Failure { return [.fatal(failure)] }
    }

    private static let ended = "ended"

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableArango.self)
        guard let found = try await target.database(database) else { return .notDone }
        let memory = RestoreMemory(of: found, reading.remembered) { _, _ in }
        guard memory.hasBegun else { return .notDone }
        guard reading.remembered[Self.ended]?.text == found.id else {
            return .partial("collections of database '\(database)' were being restored")
        }
        let there = Set(try await target.collections(in: database).map(\.name))
        return memory.made.allSatisfy { $0.hasPrefix("_") || there.contains($0) } ? .done : .notDone
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        try ArangoName.check(database: database)
        guard let found = try await target.client.database(database) else {
            throw Failure(
                .engine, "there is no database '\(database)' on \(target.server.words) to restore into",
                hint: "create it first (arangodb.create-database)")
        }
        let files = try await files()
        context.services.say("reading \(files.words) from end to end")
        var verification = DumpVerification(files, scratch: context.services.scratch)
        // A server takes these, and there may be nothing better.
        verification.danglingEdges = .allowed
        verification.danglingDefinitions = .allowed
        try await verification.run().refuseFindings(hint: "`lifeboat arangodb verify-dump \(files.path)` tells all that is wrong with it")
        let outcome = try await DatabaseRestoration(
            client: target.client, source: try await DumpFolderSource(files), database: database,
            options: DatabaseRestoration.Options(jobs: jobs, advice: TakenNames.adviceOfFolder),
            memory: RestoreMemory(of: found, context.remembered, context.remember),
            time: context.services.time, say: context.services.say
        ).restore()
        try await context.remember(Self.ended, .text(found.id))
        return StepResult(
            checks: outcome.checks,
            facts: ["documents": .integer(outcome.documents), "collections": .integer(Int64(outcome.collections))],
            phases: outcome.phases, notes: outcome.notes, notExercised: outcome.notExercised)
    }

    private func files() async throws -> ArangoDumpFolder.Database {
        let databases = try await ArangoDumpFolder.open(folder).databases
        if databases.count == 1 { return databases[0] }
        for files in databases where try await ArangoDumpContents.read(files).database == database { return files }
        throw Failure(.notFound, "the dump in \(folder) holds \(databases.count) databases, and none is called '\(database)'")
    }
}
