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
    let memory: RestoreMemory
    let jobs: Int
    let scratch: String
    let say: @Sendable (String) -> Void

    /// Throws for what it would replace and may not, system collections too: `Failure(.refused)` in the beginning, `Paused` for what has
    /// appeared since an attempt has begun.
    func refuseWhatIsThere() async throws {
        guard !replaces else { return }
        var taken = TakenNames(database: database, server: target.server.words, source: "backup \(backup.manifest.id)")
        for collection in try await target.client.collections(in: database, excludingSystem: false) where isMeant(collection.name) {
            let documents = try await target.client.count(collection.name, in: database)
            if documents == 0, collection.name.hasPrefix("_") { continue }
            if !mayBeOurs(collection, documents) { taken.names.append("'\(collection.name)'") }
        }
        for view in try await target.client.views(in: database).map(\.name) {
            // It makes them last, and they hold nothing that is not elsewhere.
            let isOurs = memory.hasBegun && known.views.contains { $0.name == view }
            if isMeant(view) || (chosen == nil && !isOurs && known.views.contains { $0.name == view }) {
                taken.names.append("view '\(view)'")
            }
        }
        if !taken.names.isEmpty { throw taken.refusal(hasBegun: memory.hasBegun) }
    }

    private func isMeant(_ collection: String) -> Bool {
        known.collections.contains { $0.name == collection } && (chosen?.contains(collection) ?? true)
    }

    /// Whether an attempt before this one has made it. What one has made that was killed nobody has written down; that is never more than the
    /// backup holds.
    private func mayBeOurs(_ collection: ArangoCollection, _ documents: Int64) -> Bool {
        guard memory.hasBegun else { return false }
        if memory.made.contains(collection.name) { return memory.isMade(collection) }
        return documents <= known.collections.first { $0.name == collection.name }?.documents ?? 0
    }

    /// The documents of each collection, held against the backup's.
    func restore() async throws -> [CheckResult] {
        try await memory.remember(RestoreMemory.Mark.began, 1)
        try await withFolder { folder in
            var arguments = [
                "--input-directory", ArangoTools.literal(folder), "--create-database", "false", "--overwrite", "true",
                "--include-system-collections", "true", "--threads", "\(jobs)",
            ]
            for name in chosen ?? [] { arguments += ["--collection", ArangoTools.literal(name)] }
            do { try await target.tools.run("arangorestore", on: target.server, database: database, arguments, say: say) } catch {
                // It is the tool's failure that is told, whatever else does not work any more.
                _ = await uncancelled { try? await rememberMade() }
                throw error
            }
            try await rememberMade()
        }
        var checks: [CheckResult] = []
        for collection in known.collections
        where chosen?.contains(collection.name) ?? !DumpedDatabase.notCompared.contains(collection.name) {
            let count = try await target.client.count(collection.name, in: database)
            checks.append(CheckResult("collection \(collection.name)", "documents", expected: collection.documents, actual: count))
        }
        return checks
    }

    /// What is there under the names of the backup, by what the server calls it: the next attempt replaces that and nothing else.
    private func rememberMade() async throws {
        for collection in try await target.client.collections(in: database, excludingSystem: false) where isMeant(collection.name) {
            try await memory.remember(RestoreMemory.Mark.made(collection.name, id: collection.id), 1)
        }
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
        let prefix = known.folder + "/"
        let parts = backup.manifest.artifacts.filter { $0.key.hasPrefix(prefix) }
        try await LocalPart.checkRoom(for: parts, in: scratch)
        do { try await blocking { _ throws(FileError) in try Files.makeFolder(folder) } } catch {
            throw Failure(.localStorage, "cannot make \(folder)", cause: error)
        }
        for part in parts {
            say("fetching \(part.key)")
            do { try await LocalPart.fetch(part, of: backup, to: "\(folder)/\(part.key.dropFirst(prefix.count))") } catch let error
                as FileError
            {
                throw Failure(.localStorage, "cannot fetch \(part.key)", cause: error)
            }
        }
    }
}
