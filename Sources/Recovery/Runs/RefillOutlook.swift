/// Looks, before anybody is asked and anything is stopped, whether what a run would destroy can be filled again. Right before the act
/// the guard asks once more, and then every byte is read.
struct RefillOutlook: Sendable {
    let backups: [String: BackupInHand]
    let acceptedUnproven: Set<String>
    let world: World

    /// Throws `Failure(.damaged)` or `.unfit` for the first backup that cannot.
    func check(_ forecast: Forecast) async throws {
        let prover = Prover(digests: world.digests, time: world.time) { _ in }
        var seen: Set<String> = []
        for effect in forecast.steps.flatMap({ $0.act.map { Guard.Act.destroyed($0.effects) } ?? [] }) {
            guard !acceptedUnproven.contains(effect.object.description), let refill = effect.refill,
                let backup = backups[refill.backupRole]
            else { continue }
            if seen.insert(refill.backupRole).inserted { try await look(at: backup, prover) }
            try await backup.mustHold(effect.object.kind, refill.nameInBackup)
        }
    }

    private func look(at backup: BackupInHand, _ prover: Prover) async throws {
        let id = backup.manifest.id
        let catalog = Catalog(store: backup.store, digests: world.digests, inventories: world.inventories)
        // What an incomplete one holds can be whole all the same; whether it holds the object is asked next.
        if let flaw = try await catalog.look(at: id).flaw, flaw.kind.isTrouble,
            flaw.kind != .incomplete || !backup.manifest.isWholeInParts
        {
            throw Failure(
                .damaged, "backup \(id) cannot be used: \(flaw.words)",
                hint: "choose another backup with --backup \(backup.role)=ID; `lifeboat backups list` shows them")
        }
        try await prover.proveInventory(of: backup)
    }
}
