import Bindings
import Recovery

/// Reads the backup of a storage folder without a server: every file of it, and what its collections are.
struct StorageExamine: Sendable {
    let backup: BackupInHand
    let known: QdrantBackup

    func examine(scratch: String) async throws -> [CheckResult] {
        let listing = try await StorageListing.read(backup)
        let part = try StorageListing.part(of: backup)
        let contents = try await SnapshotFiles.opened(part, of: backup, scratch: scratch) { path in
            try await StorageContents.read(
                StorageArchive(
                    path: path, name: "\(part.key) of backup \(backup.manifest.id)", sha256: part.content.sha256, listing: listing))
        }
        var checks = [
            CheckResult(
                "storage folder", "files", expected: listing.files.count, actual: contents.files, compared: max(1, contents.files)
            ),
            CheckResult("storage folder", "aliases", expected: Self.words(known.aliases), actual: Self.words(contents.aliases)),
            CheckResult(
                "storage folder", "peer", expected: known.server["peer"] ?? "none", actual: contents.peer ?? "none"),
            CheckResult(
                "storage folder", "collections", expected: known.collections.keys.sorted().joined(separator: ", "),
                actual: contents.collections.keys.sorted().joined(separator: ", "), compared: max(1, known.collections.count)),
        ]
        for captured in known.collections.values.sorted(by: { $0.name < $1.name }) {
            guard let collection = contents.collections[captured.name]?.contents else { continue }
            checks += collection.checks(isOutline: false)
            let found = CapturedCollection(name: captured.name, inStorage: collection)
            let subject = "collection \(captured.name)"
            let isSame = found.config.withoutNulls == captured.config.withoutNulls
            checks.append(
                CheckResult(
                    subject, "configuration", expected: "as captured", actual: isSame ? "as captured" : "another",
                    verdict: isSame ? .held : .differed))
            checks.append(CheckResult(subject, "points at most", expected: captured.pointsInWords, actual: found.pointsInWords))
            checks += PayloadIndexes.compare(known.indexes[captured.name] ?? [:], collection.registeredIndexes, in: captured.name)
        }
        if let finding = checks.first(where: \.isFinding) {
            throw Failure(
                .damaged,
                "part \(part.key) of backup \(backup.manifest.id) is damaged: \(finding.subject): \(finding.aspect) is \(finding.actual), expected \(finding.expected)",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        return checks
    }

    private static func words(_ aliases: [String: String]) -> String {
        aliases.isEmpty ? "none" : aliases.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}
