import Documents
import Recovery

/// Reads a backup of ArangoDB as only this engine can, without a server: what every file holds, against what the inventory says.
struct ArangoExamine: Sendable {
    private let backup: BackupInHand

    init(_ backup: BackupInHand) { self.backup = backup }

    func examine(scratch: String) async throws -> [CheckResult] {
        let known = try await ArangoBackup.read(backup)
        var checks = [
            CheckResult(
                "backup", "databases", expected: backup.manifest.totals["databases"] ?? 0, actual: Int64(known.databases.count)),
            try everyPartIsNamed(known),
        ]
        for database in known.databases.values.sorted(by: { $0.name < $1.name }) {
            for view in database.views { try await mustBe(view.definition, view.part, scratch) }
            for collection in database.collections {
                try await mustBe(collection.structure, collection.structurePart, scratch)
                checks.append(try await documents(of: collection, in: database, scratch))
            }
        }
        return checks
    }

    /// A file that the inventory does not speak of could be another's: arangorestore would take it.
    private func everyPartIsNamed(_ known: ArangoBackup) throws -> CheckResult {
        var named: Set<String> = []
        for database in known.databases.values {
            named.formUnion(["\(database.folder)/\(DumpFileNames.description)", "\(database.folder)/\(DumpFileNames.encryption)"])
            named.formUnion(database.views.map(\.part))
            named.formUnion(database.collections.flatMap { [$0.structurePart, $0.dataPart] })
        }
        let present = Set(backup.manifest.artifacts.map(\.key)).subtracting([backup.manifest.inventory])
        if let foreign = present.subtracting(named).min() {
            throw damaged(foreign, "it is foreign: the inventory does not name it")
        }
        if let missing = named.subtracting(present).min() { throw damaged(missing, "it is missing: the inventory names it") }
        return CheckResult("backup", "files", expected: named.count, actual: present.count, compared: max(1, named.count))
    }

    private func mustBe(_ expected: [UInt8], _ key: String, _ scratch: String) async throws {
        let bytes = try await opened(key, scratch) { local in try await LocalPart.read(local) }
        guard bytes == expected else { throw damaged(key, "it is not what the inventory says") }
    }

    private func documents(of collection: DumpedCollection, in database: DumpedDatabase, _ scratch: String) async throws -> CheckResult {
        let source = BackupDump(backup, database, only: nil, scratch: scratch) { _ in }
        guard let lines = try await source.lines(of: collection.restorable) else { throw damaged(collection.dataPart, "it is missing") }
        let sink = DigestSink()
        do {
            while let piece = try await lines.next() { try await sink.take(collection.name, piece) }
        } catch {
            await lines.close()
            throw damaged(collection.dataPart, Failure.wrapping(error, while: "reading it").sentence)
        }
        await lines.close()
        let digest = sink[collection.name]
        guard digest.documents == collection.documents else {
            throw damaged(
                collection.dataPart, "it holds \(digest.documents) documents, and the inventory says \(collection.documents)")
        }
        guard digest.text == collection.digest else { throw damaged(collection.dataPart, "its documents are not those that were captured") }
        return CheckResult(
            "collection \(collection.itemName)", "documents in the dump", expected: collection.documents, actual: digest.documents,
            compared: Int(max(1, digest.documents)))
    }

    private func opened<Result>(_ key: String, _ scratch: String, _ use: (LocalPart) async throws -> Result) async throws -> Result {
        guard let part = backup.manifest.artifacts.first(where: { $0.key == key }) else { throw damaged(key, "it is missing") }
        let local = try await LocalPart.open(part, of: backup, scratch: scratch) { _ in }
        do {
            let result = try await use(local)
            await local.remove()
            return result
        } catch {
            await local.remove()
            throw error
        }
    }

    private func damaged(_ key: String, _ what: String) -> Failure {
        Failure(
            .damaged, "part \(key) of backup \(backup.manifest.id) is damaged: \(what)",
            hint: "choose another backup; `lifeboat backups list` shows them")
    }
}
