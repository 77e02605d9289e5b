import Bindings
import Documents
import Recovery

/// Drops a collection; its aliases go with it.
struct DropCollectionStep: Step {
    static let kind = "qdrant.drop-collection"
    static let summary = "Drop a collection; its aliases go with it, and its snapshots on the server become unreachable."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.required("refill", as: Name.self, literal: true, RefillRole.doc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.maybe(
            "recovered_as", as: CollectionName.self,
            "the collection that a step before has recovered from that backup, to take its place: it is counted before the drop"),
        Field.optional(
            "any_version", as: Bool.self, default: false, "`true`: the recover that follows tries it whatever versions there are")
    ).exactlyOne(of: "collection", "all_of")

    private let scope: CollectionScope
    private let refillRole: RefillRole
    private let anyVersion: Bool
    private let recoveredAs: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, refill, nameInBackup, recoveredAs, anyVersion) = try Self.fields.read(node, reading)
        self.recoveredAs = recoveredAs?.text
        guard recoveredAs == nil || (allOf == nil && refill.text != "none") else {
            throw InvalidDocument("`recovered_as:` belongs to one collection and to the backup that it was recovered from", at: node)
        }
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        refillRole = RefillRole(refill)
        self.anyVersion = anyVersion
    }

    private var backupRole: String? { refillRole.backup }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([backupRole, scope.backupRole].compactMap { $0 }).sorted()) }
    /// What is gone stays gone.
    var rerun: Rerun { .safe }
    var refill: RefillDeclaration? {
        guard let backupRole, recoveredAs != nil else { return refillRole.declaration }
        return .restoredBefore(backupRole)
    }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        var effects: [Effect] = []
        for member in try await scope.members(reading.backups) {
            let refill = refillRole.refill(as: member.nameInBackup)
            let object = ObjectName(target: target.binding.name, kind: CapturedCollection.kind, name: member.name)
            effects.append(Effect(.destroy, object, await target.amount(of: member.name), refill: refill))
        }
        return effects
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        let target = try reading.target(as: ReadableQdrant.self)
        let members = try await scope.members(reading.backups)
        if let recoveredAs, members.contains(where: { $0.name == recoveredAs }) {
            return [.fatal(Self.takesItsOwnPlace(recoveredAs, target.server))]
        }
        guard let backupRole, recoveredAs == nil, let known = try await reading.backups.knownOf(backupRole)?.aliases else { return [] }
        // What the backup does not have, no step puts back.
        let there = try await target.aliases()
        return members.compactMap { member in
            let lost = there.filter { $0.value == member.name && known[$0.key] == nil }.keys.sorted()
            guard !lost.isEmpty else { return nil }
            return .remark(
                "with '\(member.name)' go names that it also has and the backup does not know: \(lost.joined(separator: ", ")); qdrant.switch-alias with `alias:` brings them back"
            )
        }
    }

    private static func takesItsOwnPlace(_ name: String, _ server: QdrantServer) -> Failure {
        Failure(
            .refused, "collection '\(name)' on \(server.words) cannot take its own place: it is the one that would be dropped",
            hint: "`recovered_as:` is the name of the one that was recovered beside it")
    }

    /// What takes the place of another is not less than it has to be.
    private func mustBeWhole(
        _ name: String, inPlaceOf member: CollectionScope.Member, _ target: QdrantTarget, _ context: StepContext
    ) async throws {
        guard let backupRole else { return }
        guard name != member.name else { throw Self.takesItsOwnPlace(name, target.server) }
        // Behind an alias may be the very one that is dropped.
        _ = try await target.readable.hasCollection(name, to: "count")
        let backup = try context.backup(backupRole)
        let captured = try await QdrantBackup.read(backup).collection(member.nameInBackup, of: backup)
        let standing = try await target.readable.standing(of: name)
        if case .readable(let points) = standing, captured.acceptablePoints.contains(points) { return }
        let words =
            switch standing {
            case .readable(let points): "it has \(points) of \(captured.points) points"
            case .broken(let reason): "it cannot be read: \(reason)"
            case .missing: "it is not there"
            }
        throw Failure(
            .refused, "collection '\(name)' on \(target.server.words) does not take the place of what would be dropped: \(words)",
            hint: "see who has changed it; recover it again")
    }

    /// One that is there after this step had ended was made since.
    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableQdrant.self)
        for member in try await scope.members(reading.backups) where try await target.meaning(of: member.name) == .collection {
            return reading.remembered[Self.ended] == nil ? .notDone : .unknown
        }
        return .done
    }

    private static let ended = "ended"

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        var result = StepResult(exercised: false)
        var points: Int64 = 0
        // All of them before the first one goes.
        var doomed: [CollectionScope.Member] = []
        for member in try await scope.members(context.backups) {
            guard try await target.readable.hasCollection(member.name, to: "drop") else {
                result.notes.append("there is no collection '\(member.name)'")
                continue
            }
            try context.mustHaveAgreed(toDestroy: CapturedCollection.kind, member.name)
            if let recoveredAs {
                try await mustBeWhole(recoveredAs, inPlaceOf: member, target, context)
            } else if let backupRole {
                try await RecoveryPreflight(target, try context.backup(backupRole), context, anyVersion: anyVersion).check(member)
            }
            doomed.append(member)
        }
        let watch = SnapshotWatch(nodes: target.nodes, time: target.time, say: context.services.say)
        for member in doomed { try await watch.waitUntilIdle(member.name, before: "drop collection '\(member.name)'") }
        for member in doomed {
            let aliases = try await target.client.aliases().filter { $0.value == member.name }.keys.sorted()
            if case .readable(let count) = try await target.readable.standing(of: member.name) { points += count }
            // A drop in the middle of a snapshot goes through, and leaves the snapshot of a collection that is gone.
            let look = try await watch.waitUntilIdle(member.name, before: "drop collection '\(member.name)'")
            if let doubt = SnapshotWatch.doubt(of: member.name, look.untold) { result.notes.append(doubt) }
            guard try await target.client.drop(member.name) else {
                throw Failure(.engine, "\(target.server.words) did not drop collection '\(member.name)', and does not say why")
            }
            result.exercised = true
            result.notes.append(
                "dropped '\(member.name)'"
                    + (aliases.isEmpty ? "" : "; with it went what it was also called: \(aliases.joined(separator: ", "))"))
        }
        result.facts["points"] = .integer(points)
        for (name, fact) in result.facts { try await context.remember(name, fact) }
        try await context.remember(Self.ended, .flag(true))
        return result
    }
}

extension ReadableQdrant {
    /// How many points there are, for plans.
    func amount(of collection: String) async -> Effect.Amount {
        do {
            guard try await hasCollection(collection, to: "touch") else { return .absent }
            switch try await standing(of: collection, within: .seconds(60)) {
            case .readable(let points): return .known(count: points, unit: "points", bytes: nil)
            case .broken(let reason): return .unknown(because: reason)
            case .missing: return .absent
            }
        } catch {
            return .unknown(because: Failure.wrapping(error, while: "looking at collection '\(collection)'").sentence)
        }
    }
}
