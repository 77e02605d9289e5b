import Bindings
import Documents
import Recovery

/// Whether a server can take what a backup holds of a collection: told before anything is dropped.
struct RecoveryPreflight: Sendable {
    private let target: QdrantTarget
    private let backup: BackupInHand
    private let context: StepContext
    private let anyVersion: Bool

    init(_ target: QdrantTarget, _ backup: BackupInHand, _ context: StepContext, anyVersion: Bool) {
        self.anyVersion = anyVersion
        self.target = target
        self.backup = backup
        self.context = context
    }

    /// Throws `Failure(.unfit)`, `.damaged`.
    func check(_ member: CollectionScope.Member) async throws {
        let known = try await QdrantBackup.read(backup).collection(member.nameInBackup, of: backup)
        let version = try await target.client.root().version
        if let problem = try Self.problem(with: known, of: backup, on: version, anyVersion: anyVersion) { throw problem }
        guard known.way == .snapshot else { return }
        if try await target.client.isCluster() { throw Self.onCluster(known, target.server.words) }
        for part in known.parts(of: backup) {
            try await SnapshotFiles.check(part, of: backup, for: version, scratch: context.services.scratch, say: context.services.say)
        }
    }

    /// Shards are placed anew after a drop, and a snapshot is for the node that it is given to: 58 of 100 points came back on a real
    /// cluster of 1.18.3, with every answer `true` (contract 0.11).
    static func onCluster(_ known: CapturedCollection, _ server: String) -> Failure {
        Failure(
            .unfit, "collection '\(known.name)' cannot be recovered from a snapshot on \(server): that is a node of a cluster",
            hint: "capture it by points (`way: points`), and recover with qdrant.recover-points")
    }

    /// Without reading its files. `anyVersion`: somebody has said that versions do not matter.
    static func problem(with known: CapturedCollection, of backup: BackupInHand, on version: QdrantVersion, anyVersion: Bool = false) throws
        -> Failure?
    {
        guard known.way == .snapshot else { return nil }
        if known.parts.count > 1 {
            return Failure(
                .unfit,
                "backup \(backup.manifest.id) holds collection '\(known.name)' as snapshots of \(known.parts.count) nodes, and a server places shards anew: recovering each of them loses points",
                hint: "capture the cluster by points (`way: points`), and recover with qdrant.recover-points")
        }
        if CollectionConfigurationText.isCustomSharded(known.config) {
            return Failure(
                .unfit,
                "collection '\(known.name)' has custom sharding: a server recovers no points of it from a snapshot, and says that it did",
                hint: "recover it by hand: create the collection and its shard keys first, and each shard from its own snapshot")
        }
        guard !anyVersion, let source = QdrantVersion(backup.manifest.engineVersion) else { return nil }
        let isFit = version.major == source.major && (source.minor...source.minor + 1).contains(version.minor)
        guard !isFit else { return nil }
        return Failure(
            .unfit,
            "the snapshot of collection '\(known.name)' was made by Qdrant \(source), and this server is \(version): a snapshot is for the same minor version or the next one",
            hint:
                "recover on a server of \(source.major).\(source.minor) or \(source.major).\(source.minor + 1), or capture by points, which fits any version; `any_version: true` tries it all the same"
        )
    }
}

/// Out of a configuration as JSON.
enum CollectionConfigurationText {
    static func isCustomSharded(_ config: JSONValue) -> Bool { config["params"]?["sharding_method"]?.string == "custom" }
}

extension CapturedCollection {
    /// The artifacts that hold its points.
    func parts(of backup: BackupInHand) -> [Artifact] {
        let keys = Set(parts.values)
        return backup.manifest.artifacts.filter { keys.contains($0.key) }
    }
}
