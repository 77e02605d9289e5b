import Bindings
import Documents
import Recovery

/// Compares a restored database with its backup, and puts sample queries to it.
struct ArangoVerifyStep: Step {
    static let kind = "arangodb.verify"
    static let summary =
        "Compare a restored database with its backup: every document, properties, indexes, views, graphs, analyzers; and run sample queries."
    static let phase = Phase.verify
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the restored database"),
        Field.required("against", as: Name.self, literal: true, "role of the backup that it was restored from"),
        Field.maybe(
            "name_in_backup", as: String.self, limit: .notEmpty, "what the database is called in the backup, when it is another name"),
        Field.maybe("collections", as: [String].self, "the only collections to compare; the whole database when left out"),
        Field.optional(
            "content", as: ArangoVerification.Depth.self, default: .documents,
            "`documents`: every document is read and compared; `counts`: only how many there are, by the server's own counters"),
        Field.optional("queries", as: [SampleQueryDocument<AQLSamples>].self, default: [], "questions whose answers are known"),
        Field.optional(
            "ignore", as: [String].self, default: [],
            "what is not compared, as `SUBJECT` or `SUBJECT: ASPECT` of a report, with `*`: `view *`, `collection logs: documents`"),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...16), "how many answers are read at once"))

    private let database: String
    private let against: String
    private let nameInBackup: String
    private let collections: [String]?
    private let depth: ArangoVerification.Depth
    private let queries: [SampleQueryDocument<AQLSamples>]
    private let ignore: [String]
    private let jobs: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (database, against, nameInBackup, collections, depth, queries, ignore, jobs) = try Self.fields.read(node, reading)
        (self.database, self.against, self.nameInBackup) = (database, against.text, nameInBackup ?? database)
        (self.collections, self.depth, self.queries, self.ignore, self.jobs) = (collections, depth, queries, ignore, jobs)
        for query in queries { try query.mustOnlyRead(at: node) }
        guard collections?.isEmpty != true else {
            throw InvalidDocument("`collections:` names none, so nothing would be compared", hint: "leave it out for all of them", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.arangodb), backups: [against]) }
    /// It only reads.
    var rerun: Rerun { .safe }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        guard let backup = reading.backups[against] else { return [] }
        do {
            let known = try await ArangoBackup.read(backup)
            _ = try known.database(nameInBackup, of: backup)
            for collection in collections ?? [] { _ = try known.collection(collection, in: nameInBackup, of: backup) }
            return []
        } catch let failure as Failure where failure.kind == .unfit { return [.fatal(failure)] }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        let backup = try context.backup(against)
        let known = try await ArangoBackup.read(backup)
        for collection in collections ?? [] { _ = try known.collection(collection, in: nameInBackup, of: backup) }
        guard try await target.client.database(database) != nil else {
            throw Failure(.engine, "there is no database '\(database)' on \(target.server.words) to verify", hint: "restore it first")
        }
        let outcome = try await ArangoVerification(
            target: target, backup: backup, scratch: context.services.scratch, database: database,
            known: try known.database(nameInBackup, of: backup), depth: depth, chosen: collections,
            jobs: jobs, ignore: ignore, time: context.services.time, say: context.services.say
        ).run()
        let samples = try await AQLSampleRun(
            target: target.readable, database: database,
            context: SampleContext(backup: backup.manifest.recoveryPoint, now: context.services.time.now), say: context.services.say
        ).run(queries)
        let checks = outcome.checks + samples
        let tally = CheckTally(checks)
        return StepResult(
            checks: checks,
            facts: [
                "compared": .integer(Int64(tally.compared)), "differed": .integer(Int64(tally.differed)),
                "undetermined": .integer(Int64(tally.undetermined)),
            ], notExercised: outcome.notExercised)
    }
}
