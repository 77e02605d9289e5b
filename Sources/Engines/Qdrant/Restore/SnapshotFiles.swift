import Bindings
import Documents
import Recovery

/// Snapshots of a backup, read without a server.
enum SnapshotFiles {
    /// Throws when a server of that version cannot recover it. Reads all of it: only its segments tell which servers can.
    static func check(
        _ part: Artifact, of backup: BackupInHand, for version: QdrantVersion, scratch: String, say: @Sendable (String) -> Void
    ) async throws {
        try await opened(part, of: backup, scratch: scratch, say: say) { path in
            let snapshot = try await QdrantSnapshot.read(path)
            try refuse(snapshot.checks.filter(\.isFinding), part, backup)
            if case .unreadable(let reason, let instead) = snapshot.readable(by: version) {
                throw Failure(
                    .unfit, "snapshot \(part.key) of backup \(backup.manifest.id) does not fit the server: \(reason)", hint: instead)
            }
        }
    }

    static func refuse(_ findings: [CheckResult], _ part: Artifact, _ backup: BackupInHand) throws {
        guard let finding = findings.first else { return }
        throw Failure(
            .damaged,
            "snapshot \(part.key) of backup \(backup.manifest.id) is not whole: \(finding.subject): \(finding.aspect) is \(finding.actual), expected \(finding.expected)",
            hint: "choose another backup; `lifeboat backups list` shows them")
    }

    static func opened<Result>(
        _ part: Artifact, of backup: BackupInHand, scratch: String, say: @Sendable (String) -> Void = { _ in },
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let file = try await LocalPart.open(part, of: backup, scratch: scratch, say: say)
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(file.path)) } catch { outcome = .failure(error) }
        await uncancelled { await file.remove() }
        return try outcome.get()
    }
}
