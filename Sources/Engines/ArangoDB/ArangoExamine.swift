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
            }
            checks += try await documents(of: database, scratch)
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

    /// Every line of every file, in one pass: what `lifeboat arangodb verify-dump` tells of a folder, and that it is what was captured.
    private func documents(of database: DumpedDatabase, _ scratch: String) async throws -> [CheckResult] {
        var verification = DumpVerification(BackupDumpFiles(backup, database, scratch: scratch), scratch: scratch)
        // Servers let edges lead nowhere, and a backup has what its server had.
        verification.danglingEdges = .allowed
        verification.expected = Dictionary(
            database.collections.map { ($0.name, DumpVerification.Expected(documents: $0.documents)) }
        ) { first, _ in first }
        let report = try await verification.run()
        let graphs = Set(database.definitions.filter { $0.kind == .graph }.map { "graph \($0.name)" })
        // So with graphs: those that named collections which are not here were left out of the inventory.
        let checks = report.checks.filter { !$0.isFinding || !$0.subject.hasPrefix("graph ") || graphs.contains($0.subject) }
        if let finding = checks.first(where: \.isFinding) {
            let part = database.collections.first { "collection \($0.name)" == finding.subject }?.dataPart ?? database.folder
            throw damaged(part, "\(finding.subject), \(finding.aspect): expected \(finding.expected), found \(finding.actual)")
        }
        return checks.map { check in
            CheckResult(
                "\(database.name): \(check.subject)", check.aspect, expected: check.expected, actual: check.actual, verdict: check.verdict,
                compared: check.compared, tolerance: check.tolerance)
        }
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
