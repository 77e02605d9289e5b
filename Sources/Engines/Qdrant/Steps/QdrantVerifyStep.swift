import Bindings
import Documents
import Recovery

/// Compares recovered collections with their backup, and puts sample queries to them.
struct QdrantVerifyStep: Step {
    static let kind = "qdrant.verify"
    static let summary =
        "Compare a recovered collection with its backup: exact count, configuration, indexes, aliases, shards, points, golden queries; and run sample queries."
    static let phase = Phase.verify
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.required("against", as: Name.self, literal: true, "role of the backup that it was recovered from"),
        Field.optional(
            "points", as: CollectionVerification.Depth.self, default: .sample,
            "`counts`: how many; `sample`: some of them by their content too; `all`: every one, by the fingerprints or points in the backup"
        ),
        Field.optional(
            "recall", as: Double.self, default: 0.9, limit: .range(0...1), "share of the exact neighbours that the index has to find"),
        Field.optional("aliases", as: Bool.self, default: true, "`false`: what the collection is also called is not compared"),
        Field.optional("queries", as: [SampleSearch].self, default: [], "searches whose answers are known"),
        Field.optional(
            "ignore", as: [String].self, default: [],
            "what is not compared, as `SUBJECT` or `SUBJECT: ASPECT` of a report, with `*`: `collection *: hnsw_config.*`")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let against: String
    private let depth: CollectionVerification.Depth
    private let recall: Double
    private let aliases: Bool
    private let queries: [SampleSearch]
    private let ignore: [String]

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, nameInBackup, against, depth, recall, aliases, queries, ignore) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        (self.against, self.depth, self.recall, self.aliases, self.queries, self.ignore) = (
            against.text, depth, recall, aliases, queries, ignore
        )
        if allOf != nil, !queries.isEmpty {
            throw InvalidDocument("queries are of one collection", hint: "verify that collection by a step of its own", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([against, scope.backupRole].compactMap { $0 }).sorted()) }
    /// It only reads.
    var rerun: Rerun { .safe }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        guard depth == .all, let backup = reading.backups[against] else { return [] }
        let known = try await QdrantBackup.read(backup)
        return try await scope.members(reading.backups).compactMap { member in
            guard let captured = known.collections[member.nameInBackup], captured.way == .snapshot, captured.fingerprints == nil else {
                return nil
            }
            return .fatal(CollectionVerification.lackOfFingerprints(captured.name, backup))
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let backup = try context.backup(against)
        let known = try await QdrantBackup.read(backup)
        var result = StepResult()
        for member in try await scope.members(context.backups) {
            guard try await target.readable.hasCollection(member.name, to: "verify") else {
                throw Failure(
                    .engine, "there is no collection '\(member.name)' on \(target.server.words) to verify", hint: "recover it first")
            }
            context.services.say("verifying '\(member.name)'")
            let captured = try known.collection(member.nameInBackup, of: backup)
            let outcome = try await CollectionVerification(
                target: target, backup: backup, known: known, captured: captured, name: member.name, depth: depth, recall: recall,
                comparesAliases: aliases, ignore: ignore, scratch: context.services.scratch, say: context.services.say
            ).run()
            result.checks += outcome.checks
            result.notExercised += outcome.notExercised
            result.notes += outcome.notes
            for query in queries {
                result.checks += try await query.run(member.name, target.client, distance: query.distance(in: captured.config))
            }
        }
        let tally = CheckTally(result.checks)
        result.facts = [
            "compared": .integer(Int64(tally.compared)), "differed": .integer(Int64(tally.differed)),
            "undetermined": .integer(Int64(tally.undetermined)),
        ]
        return result
    }
}
