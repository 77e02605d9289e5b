import Bindings
import Documents
import Recovery

/// Has the server recover collections from their snapshots, and looks at what became of them.
struct RecoverSnapshotStep: Step {
    static let kind = "qdrant.recover-snapshot"
    static let summary =
        "Have the server recover a collection from its snapshot; afterwards its shards, its state and its exact count are looked at."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.maybe("collection", as: CollectionName.self, CollectionScope.collectionDoc + ". It is empty, or not there"),
        Field.maybe("all_of", as: Name.self, literal: true, CollectionScope.allOfDoc),
        Field.maybe("name_in_backup", as: CollectionName.self, CollectionScope.nameInBackupDoc),
        Field.required("from", as: Name.self, literal: true, "role of the backup"),
        Field.maybe(
            "location", as: String.self,
            "where the server itself reads the snapshot, with `{key}` in place of the file's path in the store: "
                + "`file:///qdrant/snapshots/lifeboat/{key}`, `https://backups.internal/{key}`. It is uploaded when this is left out. A key for that place is the target's `source_key:`"
        ),
        Field.optional(
            "priority", as: Priority.self, default: .snapshot, "which replica wins in a cluster: the snapshot, or the one that is there"),
        Field.optional("any_version", as: Bool.self, default: false, "`true`: try it whatever versions the servers have"),
        Field.optional(
            "green_within", as: Duration.self, default: .seconds(3600), limit: .positive, "how long the server may take to optimise it")
    ).exactlyOne(of: "collection", "all_of")

    enum Priority: String, Choice {
        case snapshot, replica
        case noSync = "no_sync"
        var asSent: RecoveryPriority {
            switch self {
            case .snapshot: .snapshot
            case .replica: .replica
            case .noSync: .noSync
            }
        }
    }

    private let scope: CollectionScope
    private let from: String
    private let location: String?
    private let priority: Priority
    private let anyVersion: Bool
    private let greenWithin: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, allOf, nameInBackup, from, location, priority, anyVersion, greenWithin) = try Self.fields.read(node, reading)
        scope = try CollectionScope(collection: collection, nameInBackup: nameInBackup, allOf: allOf, at: node)
        (self.from, self.location, self.priority, self.anyVersion, self.greenWithin) = (
            from.text, location, priority, anyVersion, greenWithin
        )
        if let location, !location.isEmpty {
            guard ["file:///", "http://", "https://"].contains(where: location.hasPrefix) else {
                throw InvalidDocument(
                    "\(location.quoted) is nothing that a server of Qdrant reads", hint: "write file:///PATH, http://… or https://…",
                    at: node)
            }
            guard location.firstMatch(of: /^https?:\/\/[^\/]*@/) == nil else {
                throw InvalidDocument(
                    "the location holds a user or password",
                    hint: "Qdrant sends none; it shows a key (header api-key) when the target has `source_key:`", at: node)
            }
        }
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: Set([from, scope.backupRole].compactMap { $0 }).sorted()) }
    var fills: String? { from }
    /// A recover over one that was cut off is what mends it.
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
        let target = try reading.target(as: ReadableQdrant.self)
        guard let backup = reading.backups[from] else { return [] }
        let known = try await QdrantBackup.read(backup)
        let version = try await target.root().version
        var lacks: [Lack] = []
        for member in try await scope.members(reading.backups) {
            do {
                let captured = try known.collection(member.nameInBackup, of: backup)
                guard captured.way == .snapshot else { throw Self.pointsOnly(captured, backup) }
                if let problem = try RecoveryPreflight.problem(with: captured, of: backup, on: version, anyVersion: anyVersion) {
                    throw problem
                }
                let bytes = captured.parts(of: backup).reduce(0) { $0 + $1.content.bytes }
                lacks.append(
                    .remark(
                        "recovering '\(member.name)' needs about \(ByteSize(2 * bytes)) on the server's disk for a while, and nothing tells how much there is"
                    ))
            } catch let failure as Failure { lacks.append(.fatal(failure)) }
        }
        if try await target.isCluster() {
            lacks += known.collections.values.sorted { $0.name < $1.name }.prefix(1).map {
                .fatal(RecoveryPreflight.onCluster($0, target.server.words))
            }
        }
        return lacks
    }

    static func pointsOnly(_ captured: CapturedCollection, _ backup: BackupInHand) -> Failure {
        guard captured.way == .points else { return inStorage(captured, backup) }
        return Failure(
            .unfit, "backup \(backup.manifest.id) holds collection '\(captured.name)' point by point, and no snapshot of it",
            hint: "use qdrant.create-collection and qdrant.recover-points")
    }

    static func inStorage(_ captured: CapturedCollection, _ backup: BackupInHand) -> Failure {
        Failure(
            .unfit,
            "backup \(backup.manifest.id) holds collection '\(captured.name)' in the storage folder of its server, and not by itself",
            hint: "use qdrant.stage-storage and qdrant.replace-storage, which bring back the whole server")
    }

    // MARK: After an interruption

    private enum Memory {
        static let began = "began"
        static let ended = "ended"
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableQdrant.self)
        guard reading.remembered[Memory.began] != nil else { return .notDone }
        let known = try await reading.backups.knownOf(from)
        let activity = try await target.activity()
        for member in try await scope.members(reading.backups) {
            guard let captured = known?.collections[member.nameInBackup] else { continue }
            if activity.isRecovering(member.name) { return .partial("collection '\(member.name)' is being recovered") }
            switch try await target.standing(of: member.name) {
            case .missing: return .notDone
            case .broken(let reason): return .partial("collection '\(member.name)' cannot be read: \(reason)")
            case .readable(let points):
                let hasEnded = reading.remembered[Memory.ended] != nil
                let isEnough = hasEnded ? points >= captured.acceptablePoints.lowerBound : captured.acceptablePoints.contains(points)
                guard isEnough else { return .partial("collection '\(member.name)' has \(points) of \(captured.points) points") }
                guard hasEnded || !SnapshotRecovery.isDoubtful(member.name, reading.remembered, activity) else {
                    return .partial("a snapshot of collection '\(member.name)' came in the way of its recover")
                }
            }
        }
        return .done
    }

    // MARK: Run

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let backup = try context.backup(from)
        let known = try await QdrantBackup.read(backup)
        let version = try await target.client.root().version
        var result = StepResult()
        var total: Int64 = 0
        let members = try await scope.members(context.backups)
        for member in members {
            let captured = try known.collection(member.nameInBackup, of: backup)
            guard captured.way == .snapshot else { throw Self.pointsOnly(captured, backup) }
            if let problem = try RecoveryPreflight.problem(with: captured, of: backup, on: version, anyVersion: anyVersion) {
                throw problem
            }
            if try await target.client.isCluster() { throw RecoveryPreflight.onCluster(captured, target.server.words) }
            try await refuseUnlessEmpty(member.name, captured, target, context)
        }
        try await context.remember(Memory.began, .flag(true))
        for member in members {
            let captured = try known.collection(member.nameInBackup, of: backup)
            guard let part = captured.parts(of: backup).first else {
                throw Failure(
                    .damaged, "backup \(backup.manifest.id) names no snapshot of collection '\(captured.name)'",
                    hint: "choose another backup")
            }
            if let points = try await recoveredBefore(member.name, captured, target, context) {
                result.checks.append(captured.check(points, of: "collection \(member.name)"))
                result.notes.append("'\(member.name)' was recovered before: \(points) points")
                total += points
                continue
            }
            let recovery = SnapshotRecovery(
                target: target, context: context, backup: backup, part: part, captured: captured, name: member.name, location: location,
                priority: priority.asSent, uploadName: Self.uploadName(context.run, member.name), greenWithin: greenWithin)
            total += try await recovery.run(&result)
        }
        result.facts["points"] = .integer(total)
        try await context.remember("points", .integer(total))
        try await context.remember(Memory.ended, .flag(true))
        return result
    }

    /// Of this run, and of nobody else: an upload replaces what has its name.
    static func uploadName(_ run: RunID, _ collection: String) -> String {
        "\(UploadedSnapshots.prefix)\(run.rawValue)-\(SHA256.hexDigest(of: Array(collection.utf8)).prefix(8)).snapshot"
    }

    /// The points of a collection that an earlier attempt of this step has brought back whole: a server goes on when nobody listens, and
    /// applications may be at work on it again.
    private func recoveredBefore(
        _ name: String, _ captured: CapturedCollection, _ target: QdrantTarget, _ context: StepContext
    ) async throws -> Int64? {
        let activity = try await target.client.activity()
        guard context.remembered[Memory.began] != nil, !SnapshotRecovery.isDoubtful(name, context.remembered, activity),
            !activity.isRecovering(name),
            case .readable(let points) = try await target.readable.standing(of: name), points > 0,
            captured.acceptablePoints.contains(points)
        else { return nil }
        return points
    }

    private func refuseUnlessEmpty(
        _ name: String, _ captured: CapturedCollection, _ target: QdrantTarget, _ context: StepContext
    ) async throws {
        guard try await target.readable.hasCollection(name, to: "recover into") else { return }
        // What our own attempt has left is recovered over; what somebody has written since is not ours.
        if context.remembered[Memory.began] != nil {
            guard case .readable(let points) = try await target.readable.standing(of: name), points > captured.acceptablePoints.upperBound
            else { return }
            throw Paused(
                "collection '\(name)' on \(target.server.words) has \(points) points, more than the \(captured.points) of the backup: somebody has written since the recover began, and another would lose that. Drop the collection to have it recovered again"
            )
        }
        switch try await target.readable.standing(of: name) {
        case .missing: return
        case .readable(let points) where points == 0: return
        case .readable(let points):
            throw Failure(
                .refused,
                "collection '\(name)' on \(target.server.words) is not empty: it holds \(points) points, which a recover would replace",
                hint: "drop it first (qdrant.drop-collection), or recover under another name and switch an alias")
        case .broken(let reason):
            throw Failure(
                .refused, "collection '\(name)' on \(target.server.words) is there and cannot be read: \(reason)",
                hint: "drop it first (qdrant.drop-collection)")
        }
    }
}

extension [String: BackupInHand] {
    /// What is known of the backup in that role; nil when none is bound to it.
    func knownOf(_ role: String) async throws -> QdrantBackup? {
        guard let backup = self[role] else { return nil }
        return try await QdrantBackup.read(backup)
    }
}
