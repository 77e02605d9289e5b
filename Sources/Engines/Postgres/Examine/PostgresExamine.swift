import Bindings
import Recovery

/// Looks into a backup without a server: whether the dump holds what the inventory says, down to the last row.
///
/// What disagrees is a finding; a file that cannot be read to its end is damage, thrown as `Failure(.damaged)` with its name. Memory stays
/// flat whatever the size of the data (the table of contents is held whole).
package enum PostgresExamine {
    /// The folder inside a backup that pg_dump has written.
    static let folder = "dump"
    static let tableOfContents = "toc.dat"
    static let contentsLimit = 512 << 20

    /// What the head of `toc.dat` says, read before anything is touched. Throws `Failure(.damaged)`, `Failure(.unfit)`.
    package static func contents(of backup: BackupInHand, scratch: String) async throws -> DumpContents {
        let parts = try parts(of: backup, scratch: scratch)
        guard let part = parts.first(where: { $0.name == tableOfContents }) else {
            throw Failure(
                .damaged, "backup \(backup.manifest.id) has no part \(folder)/\(tableOfContents): it holds no dump",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        return try DumpContents(try await part.bytes(limit: contentsLimit), named: "\(part.artifact.key) of backup \(backup.manifest.id)")
    }

    /// Everything: that pg_restore and we read one table of contents, that every object of the inventory is in it, that its files are there
    /// and no others, every block of them, and the rows in them.
    /// - Parameters:
    ///   - pgRestore: a pg_restore that can read this dump.
    ///   - scratch: a folder for files on their way.
    ///   - place: where that pg_restore runs; this machine when left out.
    package static func examine(
        _ backup: BackupInHand, pgRestore: String, commands: any CommandRunner, scratch: String, at place: (any ToolPlace)? = nil,
        say: @Sendable @escaping (String) -> Void = { _ in }
    ) async throws -> [CheckResult] {
        let parts = try parts(of: backup, scratch: scratch)
        let contents = try await contents(of: backup, scratch: scratch)
        let inventory = try await backup.inventory().all()
        let files = try await DumpFiles(contents, parts, backup)
        var checks = [files.check]
        checks.append(
            try await PgRestoreList.check(
                contents, backup, pgRestore: pgRestore, scratch: scratch, at: place ?? LocalToolPlace(folder: scratch, commands: commands)))
        checks += DumpObjects.checks(contents, inventory)
        checks += try await DumpRows.checks(files, inventory, say: say)
        return checks
    }

    private static func parts(of backup: BackupInHand, scratch: String) throws -> [DumpPart] {
        try backup.manifest.artifacts.filter { $0.key.hasPrefix("\(folder)/") }.map { artifact in
            guard artifact.encodings.isEmpty else {
                throw Failure(
                    .unfit,
                    "part \(artifact.key) of backup \(backup.manifest.id) is encoded as \(artifact.encodings.joined(separator: ", ")), "
                        + "which this lifeboat cannot undo", hint: "use a newer lifeboat")
            }
            return DumpPart(artifact: artifact, name: String(artifact.key.dropFirst(folder.count + 1)), backup: backup, scratch: scratch)
        }
    }
}
