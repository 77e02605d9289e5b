import Bindings
import Recovery

/// The files of a dump on this machine, where pg_restore can read them.
struct DumpFolder: Sendable {
    let path: String
    /// Whether it was brought here for this step, and is thrown away afterwards.
    let isCopy: Bool

    /// In place where the store has a path for it, else fetched into the run's scratch folder, every byte checked on the way.
    static func open(_ backup: BackupInHand, in context: StepContext) async throws -> DumpFolder {
        let parts = backup.manifest.artifacts.filter { $0.key.hasPrefix("\(PostgresExamine.folder)/") }
        guard parts.contains(where: { $0.key == "\(PostgresExamine.folder)/\(PostgresExamine.tableOfContents)" }) else {
            throw Failure(
                .unfit, "backup \(backup.manifest.id) holds no dump of a PostgreSQL database",
                hint: "choose another with --backup \(backup.role)=ID; `lifeboat backups list` shows them")
        }
        if let encoded = parts.first(where: { !$0.encodings.isEmpty }) {
            throw Failure(
                .unfit,
                "part \(encoded.key) of backup \(backup.manifest.id) is encoded as \(encoded.encodings.joined(separator: ", ")), "
                    + "which this lifeboat cannot undo for pg_restore", hint: "use a newer lifeboat")
        }
        let isWhole = parts.allSatisfy { $0.owner == nil || $0.owner == backup.manifest.id }
        if isWhole, let path = backup.localFolder(PostgresExamine.folder) { return DumpFolder(path: path, isCopy: false) }
        return try await fetch(parts, of: backup, in: context)
    }

    /// Names of its files.
    func files() async throws -> [String] {
        do { return try await blocking { [path] _ throws(FileError) in try Files.list(path).map(\.name) } } catch {
            throw Failure(.localStorage, "cannot read the dump in \(path)", cause: error)
        }
    }

    func remove() async {
        guard isCopy else { return }
        _ = await uncancelled { [path] in await blocking { _ in try? Files.removeTree(path) } }
    }

    private static func fetch(_ parts: [Artifact], of backup: BackupInHand, in context: StepContext) async throws -> DumpFolder {
        let folder = DumpFolder(path: "\(context.services.scratch)/\(backup.role)-\(randomHex(4))", isCopy: true)
        do {
            try await blocking { [path = folder.path] _ throws(FileError) in try Files.makeFolder(path) }
            for part in parts {
                context.services.say("fetching \(part.key)")
                try await fetch(part, of: backup, into: folder.path)
            }
        } catch {
            await folder.remove()
            guard let error = error as? FileError else { throw error }
            throw Failure(
                .localStorage, "cannot fetch backup \(backup.manifest.id) into \(context.services.scratch)",
                hint: "the restore needs \(backup.manifest.storedBytes) bytes there", cause: error)
        }
        return folder
    }

    private static func fetch(_ part: Artifact, of backup: BackupInHand, into folder: String) async throws {
        let name = String(part.key.dropFirst(PostgresExamine.folder.utf8.count + 1))
        guard !name.contains("/") else {
            throw Failure(.damaged, "part \(part.key) of backup \(backup.manifest.id) lies in a folder that pg_dump does not make")
        }
        try await LocalPart.fetch(part, of: backup, to: "\(folder)/\(name)")
    }
}
