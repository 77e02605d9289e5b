import Recovery

/// The files of one database in a backup: in place where the store has a path for them, else fetched one by one.
struct BackupDumpFiles: ArangoDumpFiles {
    private let backup: BackupInHand
    private let parts: [String: Artifact]
    private let scratch: String
    let words: String
    let sizes: [String: Int64]

    init(_ backup: BackupInHand, _ database: DumpedDatabase, scratch: String) {
        (self.backup, self.scratch) = (backup, scratch)
        let prefix = database.folder + "/"
        let parts = backup.manifest.artifacts.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0) }
        self.parts = Dictionary(parts) { first, _ in first }
        words = "the dump of database '\(database.name)' in backup \(backup.manifest.id)"
        sizes = self.parts.mapValues(\.stored.bytes)
    }

    func localPath(of name: String) async throws -> String {
        guard let part = parts[name] else { throw Failure(.bug, "backup \(backup.manifest.id) has no file '\(name)'") }
        return try await LocalPart.open(part, of: backup, scratch: scratch) { _ in }.path
    }

    func release(_ path: String) async { await LocalPart.removeCopy(path, in: scratch) }
}
