import Bindings
import Documents
import Recovery

/// Writes the points of a backup into an empty collection: slower than a snapshot, and for any version.
struct RecoverPointsStep: Step {
    static let kind = "qdrant.recover-points"
    static let summary = "Write the points of a backup into an empty collection; it goes on where it was when it is interrupted."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc + ". It is there, and empty"),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.required("from", as: Name.self, literal: true, "role of the backup"),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...16), "how many requests are on their way at a time"),
        Field.optional(
            "green_within", as: Duration.self, default: .seconds(3600), limit: .positive, "how long the server may take to index them")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let from: String
    private let jobs: Int
    private let greenWithin: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, nameInBackup, from, jobs, greenWithin) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        (self.from, self.jobs, self.greenWithin) = (from.text, jobs, greenWithin)
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([from, scope.backupRole].compactMap { $0 }).sorted()) }
    var fills: String? { from }
    /// A point that is written twice is there once.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        let known = try await reading.backups.knownOf(from)
        return try await scope.members(reading.backups).map { member in
            Effect(
                .change, ObjectName(target: target.binding.name, kind: CapturedCollection.kind, name: member.name),
                .known(count: known?.collections[member.nameInBackup]?.points, unit: "points", bytes: nil))
        }
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        guard let backup = reading.backups[from] else { return [] }
        let known = try await QdrantBackup.read(backup)
        return try await scope.members(reading.backups).compactMap { member in
            do {
                _ = try Self.points(of: member, known, backup)
                return nil
            } catch let failure as Failure { return .fatal(failure) }
        }
    }

    private static func points(
        of member: CollectionScope.Member, _ known: QdrantBackup, _ backup: BackupInHand
    ) throws -> (collection: CapturedCollection, part: Artifact) {
        let captured = try known.collection(member.nameInBackup, of: backup)
        guard captured.way != .storage else { throw RecoverSnapshotStep.inStorage(captured, backup) }
        guard captured.way == .points, let part = captured.parts(of: backup).first else {
            throw Failure(
                .unfit, "backup \(backup.manifest.id) holds a snapshot of collection '\(captured.name)', and not its points one by one",
                hint: "use qdrant.recover-snapshot; `way: points` in the policy captures points")
        }
        guard !CollectionConfigurationText.isCustomSharded(captured.config) else {
            throw Failure(
                .unfit, "collection '\(captured.name)' has custom sharding, whose shard keys lifeboat does not create",
                hint: "create the collection and its shard keys by hand, then write the points with a `shard_key` in each request")
        }
        return (captured, part)
    }

    private enum Memory {
        static let began = "began"
        static let ended = "ended"
        /// How many points of a collection are written for sure.
        static func written(_ name: String) -> String { "written of \(name)" }
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard reading.remembered[Memory.began] != nil else { return .notDone }
        guard reading.remembered[Memory.ended] != nil else { return .partial("points were being written") }
        let target = try reading.target(as: ReadableQdrant.self)
        let known = try await reading.backups.knownOf(from)
        for member in try await scope.members(reading.backups) {
            guard let captured = known?.collections[member.nameInBackup] else { continue }
            let expected = captured.points - captured.unreadableCount
            switch try await target.standing(of: member.name) {
            case .missing: return .notDone
            case .broken(let reason): return .partial("collection '\(member.name)' cannot be read: \(reason)")
            case .readable(let points) where points < expected:
                return .partial("collection '\(member.name)' has \(points) of \(expected) points")
            case .readable: continue
            }
        }
        return .done
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let backup = try context.backup(from)
        let known = try await QdrantBackup.read(backup)
        var result = StepResult()
        let members = try await scope.members(context.backups)
        for member in members {
            _ = try Self.points(of: member, known, backup)
            try await refuseUnlessEmpty(member.name, try known.collection(member.nameInBackup, of: backup), target, context)
        }
        try await context.remember(Memory.began, .flag(true))
        var total: Int64 = 0
        for member in members {
            let (captured, part) = try Self.points(of: member, known, backup)
            total += try await write(part, captured, as: member.name, target, backup, context, &result)
        }
        result.facts["points"] = .integer(total)
        try await context.remember("points", .integer(total))
        try await context.remember(Memory.ended, .flag(true))
        return result
    }

    private func write(
        _ part: Artifact, _ captured: CapturedCollection, as name: String, _ target: QdrantTarget, _ backup: BackupInHand,
        _ context: StepContext, _ result: inout StepResult
    ) async throws -> Int64 {
        var done: Int64 = 0
        // What was written once may have been lost since, with the collection.
        if case .integer(let before)? = context.remembered[Memory.written(name)],
            try await failing({ try await target.client.count(name) }) >= before - captured.unreadableCount
        {
            done = before
        }
        if done > 0 { context.services.say("going on behind the first \(done) points of '\(name)'") }
        let file = try await LocalPart.open(part, of: backup, scratch: context.services.scratch, say: context.services.say)
        let writing = PointsWriting(
            client: target.client, collection: name, jobs: jobs, time: target.time, say: context.services.say,
            remember: { try await context.remember(Memory.written(name), .integer($0)) })
        let outcome: Result<PointsWriting.Written, any Error>
        do {
            outcome = .success(
                try await context.timed(.restore, &result.phases) {
                    try await writing.write(file.path, skipping: done, of: captured.points)
                })
        } catch { outcome = .failure(error) }
        await uncancelled { await file.remove() }
        let written = try outcome.get()
        try await context.timed(.index, &result.phases) { try await target.waitUntilGreen(name, within: greenWithin) }
        let count = try await failing { try await target.client.count(name) }
        result.checks.append(
            CheckResult("collection \(name)", "points", expected: captured.points - captured.unreadableCount, actual: count))
        if captured.unreadableCount > 0 {
            result.notExercised.append(
                NotExercised(
                    "\(captured.unreadableCount) points of collection \(name)",
                    because: "the server that had them could not print all of their values, so nobody can write them"))
        }
        result.notes.append("wrote \(written.points) points into '\(name)'")
        return count
    }

    private func refuseUnlessEmpty(
        _ name: String, _ captured: CapturedCollection, _ target: QdrantTarget, _ context: StepContext
    ) async throws {
        guard try await target.readable.hasCollection(name, to: "write points into") else {
            throw Failure(
                .engine, "there is no collection '\(name)' on \(target.server.words) to write points into",
                hint: "create it first (qdrant.create-collection)")
        }
        let points = try await failing { try await target.client.count(name) }
        if context.remembered[Memory.began] != nil {
            guard points > captured.acceptablePoints.upperBound else { return }
            throw Paused(
                "collection '\(name)' on \(target.server.words) has \(points) points, more than the backup: somebody has written since the restore began, and going on would overwrite that. Drop and create the collection to have it restored again"
            )
        }
        guard points > 0 else { return }
        throw Failure(
            .refused, "collection '\(name)' on \(target.server.words) is not empty: it holds \(points) points",
            hint: "drop and create it first (qdrant.drop-collection, qdrant.create-collection)")
    }
}
