import Bindings
import Documents
import Recovery

/// Unpacks a captured storage folder beside that of the target.
struct StageStorageStep: Step {
    static let kind = "qdrant.stage-storage"
    static let summary =
        "Unpack the storage folder of a backup beside the target's own, every file checked on the way; nothing that the target has is touched."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "from",
        Field.required("from", as: Name.self, literal: true, "role of the backup, which was captured with `way: storage`"),
        Field.optional(
            "owner", as: StorageStaging.Owner.self, default: .captured,
            "`captured`: the files belong to whom they did; `present`: to whom the folder belongs that is there now. In a drill always that"
        ))

    private let from: String
    private let owner: StorageStaging.Owner

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (from, owner) = try Self.fields.read(node, reading)
        (self.from, self.owner) = (from.text, owner)
    }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: [from]) }
    var fills: String? { from }
    /// What an attempt has left is removed first: it has a name of this run.
    var rerun: Rerun { .safe }

    static let objectKind = "staged storage folder"

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        let folder = try target.requiredStorage()
        let listing: StorageListing
        guard let backup = reading.backups[from] else { return [] }
        listing = try await StorageListing.read(backup)
        return [
            Effect(
                .create, ObjectName(target: target.binding.name, kind: Self.objectKind, name: "beside \(folder.path)"),
                .known(count: Int64(listing.files.count), unit: "files", bytes: listing.bytes))
        ]
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        let folder = try reading.target(as: ReadableQdrant.self).requiredStorage()
        guard let backup = reading.backups[from] else { return [] }
        do {
            _ = try await folder.movable()
            if let lack = try await StorageStaging.lack(folder, try await StorageListing.read(backup)) { return [.fatal(lack)] }
            return []
        } catch let failure as Failure { return [.fatal(failure)] }
    }

    private static let staged = "staged"
    private static let mark = "mark of the staged folder"

    /// It may be in the place of the server's own by now, under that name.
    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard let path = reading.remembered[Self.staged]?.text, let mark = reading.remembered[Self.mark]?.text else { return .notDone }
        let folder = try reading.target(as: ReadableQdrant.self).requiredStorage()
        for place in [StorageFolder(path: path), folder] {
            if let status = try await place.status(), StorageReplacement.mark(of: status) == mark { return .done }
        }
        return .notDone
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let folder = try target.requiredStorage()
        let backup = try context.backup(from)
        let listing = try await StorageListing.read(backup)
        let part = try StorageListing.part(of: backup)
        let present = try await folder.movable()
        if let lack = try await StorageStaging.lack(folder, listing) { throw lack }
        let owner = try owner(present, backup, listing, isDisposable: target.binding.isDisposable)
        context.services.say("unpacking \(listing.files.count) files beside \(folder.path)")
        let files = try await SnapshotFiles.opened(part, of: backup, scratch: context.services.scratch, say: context.services.say) { path in
            try await StorageStaging(
                folder: folder, run: context.run,
                archive: StorageArchive(
                    path: path, name: "\(part.key) of backup \(backup.manifest.id)", sha256: part.content.sha256, listing: listing),
                owner: owner
            ).unpack()
        }
        let staged = folder.staged(by: context.run)
        guard let status = try await staged.status() else {
            throw Failure(.localStorage, "\(staged.path) is gone, and was just unpacked", hint: "find out who removes folders there")
        }
        try await context.remember(Self.staged, .text(staged.path))
        try await context.remember(Self.mark, .text(StorageReplacement.mark(of: status)))
        var result = StepResult(notes: ["unpacked into \(staged.path)"])
        result.checks = [
            CheckResult(
                "storage folder", "files unpacked", expected: listing.files.count, actual: files, compared: max(1, files))
        ]
        result.facts = ["files": .integer(Int64(files)), "bytes": .integer(listing.bytes), "folder": .text(staged.path)]
        return result
    }

    private func owner(
        _ present: FileStatus?, _ backup: BackupInHand, _ listing: StorageListing, isDisposable: Bool
    ) throws -> (user: UInt32, group: UInt32)? {
        let us = UserAccount.current.uid
        if owner == .present || isDisposable {
            guard let present else {
                throw Failure(
                    .refused, "the files of the backup are to belong to whom the storage folder belongs, and there is none",
                    hint: "leave out `owner: present`")
            }
            guard us == 0 || us == present.owner else { throw notOurs(present.owner) }
            return (present.owner, present.group)
        }
        guard us == 0 || listing.owner == us else { throw notOurs(listing.owner) }
        return nil
    }

    private func notOurs(_ owner: UInt32) -> Failure {
        Failure(
            .refused, "the files have to belong to account \(owner), and only root can give files away",
            hint: "run lifeboat as root or as that account, or write `owner: present`")
    }
}
