import Bindings
import Recovery

/// One database out of a backup, as a restore wants it.
struct BackupDump: DumpedDatabaseSource {
    private let backup: BackupInHand
    private let known: DumpedDatabase
    private let scratch: String
    private let say: @Sendable (String) -> Void
    let collections: [RestorableCollection]
    let views: [RestorableView]

    /// - Parameter chosen: the only collections to restore, and no views; nil: everything.
    init(
        _ backup: BackupInHand, _ known: DumpedDatabase, only chosen: [String]?, scratch: String, say: @escaping @Sendable (String) -> Void
    ) {
        (self.backup, self.known, self.scratch, self.say) = (backup, known, scratch, say)
        collections = known.collections.filter { chosen?.contains($0.name) ?? true }.map(\.restorable)
        views = chosen == nil ? known.views.map(\.restorable) : []
    }

    var words: String { "backup \(backup.manifest.id)" }

    func lines(of collection: RestorableCollection) async throws -> (any DumpedLines)? {
        guard let key = known.collections.first(where: { $0.name == collection.name })?.dataPart,
            let part = backup.manifest.artifacts.first(where: { $0.key == key })
        else {
            throw Failure(
                .damaged, "backup \(backup.manifest.id) holds no documents of collection '\(collection.name)'",
                hint: "choose another backup")
        }
        let local = try await LocalPart.open(part, of: backup, scratch: scratch, say: say)
        return DumpFileLines([local.path], of: collection.name, expecting: .gzip) { await local.remove() }
    }
}
