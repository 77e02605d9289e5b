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
    /// appeared, or was written to, since an attempt has begun.
    func refuseWhatIsThere() async throws {
        var taken = TakenNames(
            database: database, server: target.server.words, source: "backup \(backup.manifest.id)", advice: TakenNames.adviceOfRestore)
        for collection in try await target.client.collections(in: database, excludingSystem: false) where isMeant(collection.name) {
            let documents = try await target.client.count(collection.name, in: database)
            let most = known.collections.first { $0.name == collection.name }?.documents ?? 0
            if memory.isMade(collection) {
                guard documents <= most || DumpedDatabase.notCompared.contains(collection.name) else {
                    throw taken.writtenSince(collection.name, documents, restored: most)
                }
                continue
            }
            // Whoever is asked agrees to every one by name; and every database has the system's own.
            if replaces || (documents == 0 && collection.name.hasPrefix("_")) { continue }
            if !(wasKilled && documents <= most) { taken.names.append("'\(collection.name)'") }
        }
        for view in try await target.client.views(in: database).map(\.name) {
            if isMeant(view) { taken.names.append("view '\(view)'") }
            guard chosen == nil, !replaces, known.views.contains(where: { $0.name == view }) else { continue }
            if !memory.hasView(view), !wasKilled { taken.names.append("view '\(view)'") }
        }
        if !taken.names.isEmpty { throw taken.refusal(hasBegun: memory.hasBegun) }
    }

    private func isMeant(_ collection: String) -> Bool {
        known.collections.contains { $0.name == collection } && (chosen?.contains(collection) ?? true)
    }

    /// Whether the last attempt could not write down what it had made. What is there may be its own; it is no more than the backup holds.
    private var wasKilled: Bool { memory.hasBegun && memory.marks[RestoreMemory.Mark.listed] != 1 }

    /// The documents of each collection, held against the backup's.
    func restore() async throws -> [CheckResult] {
        try await withFolder { folder in
            var arguments = [
                "--input-directory", ArangoTools.literal(folder), "--create-database", "false", "--overwrite", "true",
                "--include-system-collections", "true", "--threads", "\(jobs)",
            ]
            for name in chosen ?? [] { arguments += ["--collection", ArangoTools.literal(name)] }
            let before = try await names()
            try await memory.remember(RestoreMemory.Mark.listed, RestoreMemory.Mark.takenBack)
            try await memory.remember(RestoreMemory.Mark.began, 1)
            do { try await target.tools.run("arangorestore", on: target.server, database: database, arguments, say: say) } catch {
                // It is the tool's failure that is told. What cannot be written down any more counts as that of one who was killed.
                _ = await uncancelled { try? await rememberMade(since: before) }
                throw error
            }
            try await rememberMade(since: before)
        }
        var checks: [CheckResult] = []
        for collection in known.collections
        where chosen?.contains(collection.name) ?? !DumpedDatabase.notCompared.contains(collection.name) {
            let count = try await target.client.count(collection.name, in: database)
            checks.append(CheckResult("collection \(collection.name)", "documents", expected: collection.documents, actual: count))
        }
        return checks
    }

    /// What is there under names of the backup: collections by what the server calls them, which is another thing for each that is made.
    private func names() async throws -> (collections: [ArangoCollection], views: Set<String>) {
        let collections = try await target.client.collections(in: database, excludingSystem: false).filter { isMeant($0.name) }
        let views = try await target.client.views(in: database).map(\.name).filter { name in known.views.contains { $0.name == name } }
        return (collections, Set(views))
    }

    /// What the tool has made itself: the next attempt replaces that unasked, and nothing else.
    private func rememberMade(since before: (collections: [ArangoCollection], views: Set<String>)) async throws {
        let after = try await names()
        for collection in after.collections where !before.collections.contains(where: { $0.id == collection.id }) {
            try await memory.remember(RestoreMemory.Mark.made(collection.name, id: collection.id), 1)
        }
        for view in after.views.subtracting(before.views).sorted() { try await memory.remember(RestoreMemory.Mark.view(view), 1) }
        try await memory.remember(RestoreMemory.Mark.listed, 1)
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
