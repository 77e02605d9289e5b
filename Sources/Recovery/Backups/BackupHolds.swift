/// Keeps backups from being removed while a run uses them: first the hold, then a look whether somebody has already decided to remove them.
struct BackupHolds: Sendable {
    let stores: DrillStores
    let world: World
    let run: RunID

    /// Returns troubles: a store that takes no notes must not keep a recovery from beginning.
    ///
    /// Throws `Failure(.refused)` for a backup that is marked for deletion.
    func hold(_ backups: [BackupInHand], until expires: Timestamp) async throws -> [String] {
        var troubles: [String] = []
        var seen: Set<String> = []
        for backup in backups where seen.insert("\(backup.store.name)/\(backup.manifest.id.setPath)").inserted {
            do { try await writeHold(backup, expires) } catch {
                troubles.append("backup \(backup.manifest.id) could not be held against being removed meanwhile: \(error)")
            }
            let id = backup.manifest.id
            let notes = try await Catalog(store: backup.store, digests: world.digests, inventories: world.inventories).notes(of: id.policy, id.set)
            guard !notes.contains(where: { $0.kind == .deletion }) else {
                throw Failure(
                    .refused, "backup \(id) is marked for deletion, and the next prune may take it away under the run",
                    hint: "choose another with --backup \(backup.role)=ID; `lifeboat backups list` shows them")
            }
        }
        return troubles
    }

    private func writeHold(_ backup: BackupInHand, _ expires: Timestamp) async throws {
        guard let store = stores.store(named: backup.store.name) else { throw Failure(.bug, "no store '\(backup.store.name)'") }
        let note = Note(
            kind: .hold, writtenAt: world.time.now, host: world.host.host, run: run.rawValue, expires: expires,
            manifests: [backup.manifest.id.target: backup.manifestSHA256], text: "in use by run \(run)")
        try await store.create(
            "\(backup.manifest.id.setPath)/notes/\(note.fileName(random: world.digests.randomName(6)))", CanonicalJSON.encode(note, pretty: true))
    }
}
