internal import Documents

/// The backups that a real run restores from.
struct RunBackups: Sendable {
    let byRole: [String: BackupInHand]
    let kept: [KeptBackup]
    /// The newest usable one of what is restored; of several targets the oldest of those.
    let newest: NewestUsable?
    /// Backups that would have been taken, or counted as the newest, had they been usable.
    let passedOver: [PassedOver]

    /// - Parameter disaster: when the data was lost, if somebody has said so. What was taken later makes no loss smaller.
    static func choose(
        _ names: RunNames, from stores: BackupStores, now: Timestamp, before disaster: Timestamp? = nil
    ) async throws -> RunBackups {
        let picker = Picker(catalogs: stores.catalogs, now: now, seed: 0)
        let runbook = names.request.runbook
        var byRole: [String: BackupInHand] = [:]
        var kept: [KeptBackup] = []
        var newest: NewestUsable?
        var passedOver: [PassedOver] = []
        for role in runbook.backups.entries {
            guard let source = names.backups[role.key.text] else { continue }
            let id: BackupID
            let words: String
            switch source {
            case .named(let named): (id, words) = (named, "named")
            case .newest(let policy, let target):
                let choice = try await picker.pick(.latest, policy: policy, target: target)
                (id, words) = (choice.id, choice.words)
            }
            guard let catalog = try await stores.catalog(holding: id) else {
                throw Failure(.notFound, "there is no backup \(id) in any store", hint: "`lifeboat backups list` shows what there is")
            }
            let backup = try await catalog.hand(id, role: role.key.text, chosen: words)
            guard backup.manifest.engine.text == role.value.text else {
                throw Failure(
                    .unfit,
                    "backup \(id) is of \(backup.manifest.engine), role '\(role.key)' of runbook \(runbook.name) wants \(role.value.text)")
            }
            byRole[role.key.text] = backup
            kept.append(KeptBackup(backup, runbook: runbook.name.text))
            guard id.policy != Catalog.safety else { continue }
            let found = try await catalog.newest(policy: id.policy, target: id.target, before: disaster)
            passedOver += found.passedOver
            if let (id, manifest) = found.usable, newest.map({ manifest.recoveryPoint < $0.recoveryPoint }) ?? true {
                newest = NewestUsable(id: id, recoveryPoint: manifest.recoveryPoint)
            }
        }
        // What somebody named is not passed over, whatever is wrong with it.
        let used = Set(kept.map(\.id))
        return RunBackups(
            byRole: byRole, kept: kept, newest: newest, passedOver: passedOver.unique.filter { !used.contains($0.id) })
    }

    /// The same backups again, for a run that goes on. Throws `Failure(.damaged)` when one is no longer what it was.
    static func again(_ started: RunStarted, from stores: BackupStores) async throws -> RunBackups {
        var byRole: [String: BackupInHand] = [:]
        for kept in started.backups { byRole[kept.role] = try await stores.again(kept) }
        return RunBackups(
            byRole: byRole, kept: started.backups, newest: started.newestUsable, passedOver: started.passedOver ?? [])
    }

    var inOrder: [BackupInHand] { byRole.sorted { $0.key < $1.key }.map(\.value) }
}
