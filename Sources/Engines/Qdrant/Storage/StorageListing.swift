import Bindings
import Recovery

/// What a captured storage folder has in it, by path.
struct StorageListing: Sendable, Equatable {
    struct File: Sendable, Equatable {
        let bytes: Int64
        let sha256: String
        /// What it took of its disk, when that was less than its size.
        let diskBytes: Int64?
    }

    var files: [String: File] = [:]
    var folders: Set<String> = []
    /// Whose the folder was.
    var owner: UInt32 = 0

    var bytes: Int64 { files.values.reduce(0) { $0 + $1.bytes } }
    /// Room that it needs on a disk.
    var diskBytes: Int64 { files.values.reduce(0) { $0 + (($1.diskBytes ?? $1.bytes) + 4095) / 4096 * 4096 } + Int64(folders.count) * 4096 }

    // MARK: Items

    /// Of the folder as a whole: what it is called in backups.
    static let kind = "storage folder"
    static let name = "storage"
    private static let fileKind = "file"
    private static let folderKind = "folder"

    /// What is kept of it, the folder itself first.
    func items(of status: FileStatus, at path: String) -> [InventoryItem] {
        let whole = InventoryItem(
            kind: Self.kind, name: Self.name, count: Int64(files.count),
            facts: [
                "path": path, "bytes": String(bytes), "disk": String(diskBytes), "owner": String(status.owner),
                "group": String(status.group),
                "mode": String(status.mode, radix: 8), "part": PartName.storage,
            ])
        let below = folders.sorted().map { InventoryItem(kind: Self.folderKind, name: $0) }
        let all = files.sorted { $0.key < $1.key }.map { path, file in
            var facts = ["sha256": file.sha256]
            facts["disk"] = file.diskBytes.map(String.init)
            return InventoryItem(kind: Self.fileKind, name: path, count: file.bytes, facts: facts)
        }
        return [whole] + below + all
    }

    /// Reads it out of the inventory. Throws `Failure(.unfit)` for a backup of another kind.
    static func read(_ backup: BackupInHand) async throws -> StorageListing {
        var listing = StorageListing()
        var isThere = false
        for item in try await backup.inventory().all() {
            switch item.kind {
            case kind:
                isThere = true
                listing.owner = item.facts["owner"].flatMap { UInt32($0) } ?? 0
            case folderKind: listing.folders.insert(item.name)
            case fileKind:
                guard let bytes = item.count, let sha256 = item.facts["sha256"] else {
                    throw Failure(
                        .damaged, "the inventory of backup \(backup.manifest.id) does not say what file '\(item.name)' is",
                        hint: "choose another backup")
                }
                listing.files[item.name] = File(bytes: bytes, sha256: sha256, diskBytes: item.facts["disk"].flatMap { Int64($0) })
            default: break
            }
        }
        guard isThere else {
            throw Failure(
                .unfit, "backup \(backup.manifest.id) holds no storage folder",
                hint: "capture one with `way: storage` in a policy, or recover its collections with qdrant.recover-snapshot")
        }
        return listing
    }

    static func part(of backup: BackupInHand) throws -> Artifact {
        guard let part = backup.manifest.artifacts.first(where: { $0.key == PartName.storage }) else {
            throw Failure(
                .damaged, "part \(PartName.storage) of backup \(backup.manifest.id) is missing: its inventory names it",
                hint: "choose another backup")
        }
        return part
    }
}
