import Bindings
import Recovery

/// Restores one database out of a backup by arangorestore, and counts what came of it.
struct ToolRestore: Sendable {
    let target: ArangoTarget
    let database: String
    let backup: BackupInHand
    let known: DumpedDatabase
    /// The only collections to restore, and no views; nil: everything.
    let chosen: [String]?
    let replaces: Bool
    let jobs: Int
    let scratch: String
    let say: @Sendable (String) -> Void

    /// Throws when anything that it would replace may not be: it replaces system collections too.
    func refuseWhatIsThere() async throws {
        guard !replaces else { return }
        let names = Set(known.collections.map(\.name).filter { chosen?.contains($0) ?? true })
        var held: [String] = []
        for collection in try await target.client.collections(in: database, excludingSystem: false) where names.contains(collection.name) {
            if try await target.client.count(collection.name, in: database) > 0 || !collection.name.hasPrefix("_") {
                held.append("'\(collection.name)'")
            }
        }
        held += try await target.client.views(in: database).map(\.name).filter { name in
            names.contains(name) || (chosen == nil && known.views.contains { $0.name == name })
        }.map { "view '\($0)'" }
        guard held.isEmpty else {
            throw Failure(
                .refused,
                "cannot restore backup \(backup.manifest.id) into database '\(database)' on \(target.server.words): it has \(held.joined(separator: ", ")) already",
                hint: "drop the database and create it, or restore over what is there (`replace: true`)")
        }
    }

    /// The documents of each collection, held against the backup's.
    func restore() async throws -> [CheckResult] {
        try await withFolder { folder in
            var arguments = [
                "--input-directory", ArangoTools.literal(folder), "--create-database", "false", "--overwrite", "true",
                "--include-system-collections", "true", "--threads", "\(jobs)",
            ]
            for name in chosen ?? [] { arguments += ["--collection", ArangoTools.literal(name)] }
            try await target.tools.run("arangorestore", on: target.server, database: database, arguments, say: say)
        }
        var checks: [CheckResult] = []
        for collection in known.collections
        where chosen?.contains(collection.name) ?? !DumpedDatabase.notCompared.contains(collection.name) {
            let count = try await target.client.count(collection.name, in: database)
            checks.append(CheckResult("collection \(collection.name)", "documents", expected: collection.documents, actual: count))
        }
        return checks
    }

    /// A copy: arangorestore keeps notes of its own beside what it reads, and nothing writes into a backup.
    private func withFolder(_ use: (String) async throws -> Void) async throws {
        let folder = "\(scratch)/dump-\(randomHex(6))"
        let outcome: Result<Void, any Error>
        do {
            try await fetch(into: folder)
            outcome = .success(try await use(folder))
        } catch { outcome = .failure(error) }
        await uncancelled { await blocking { _ in _ = try? Files.removeTree(folder) } }
        try outcome.get()
    }

    private func fetch(into folder: String) async throws {
        do { try await blocking { _ throws(FileError) in try Files.makeFolder(folder) } } catch {
            throw Failure(.localStorage, "cannot make \(folder)", cause: error)
        }
        let prefix = known.folder + "/"
        for part in backup.manifest.artifacts where part.key.hasPrefix(prefix) {
            say("fetching \(part.key)")
            do { try await LocalPart.fetch(part, of: backup, to: "\(folder)/\(part.key.dropFirst(prefix.count))") } catch let error
                as FileError
            {
                throw Failure(.localStorage, "cannot fetch \(part.key)", cause: error)
            }
        }
    }
}
