internal import Documents

/// The backups that a real run restores from.
struct RunBackups: Sendable {
    let byRole: [String: BackupInHand]
    let kept: [KeptBackup]
    /// The newest usable one of what is restored; of several targets the oldest of those.
    let newest: NewestUsable?

    static func choose(_ names: RunNames, from stores: BackupStores, now: Timestamp) async throws -> RunBackups {
        let picker = Picker(catalogs: stores.catalogs, now: now, seed: 0)
        let runbook = names.request.runbook
        var byRole: [String: BackupInHand] = [:]
        var kept: [KeptBackup] = []
        var newest: NewestUsable?
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
            if let usable = try await newestUsable(like: id, in: catalog), newest.map({ usable.recoveryPoint < $0.recoveryPoint }) ?? true {
                newest = usable
            }
        }
        return RunBackups(byRole: byRole, kept: kept, newest: newest)
    }

    private static func newestUsable(like id: BackupID, in catalog: Catalog) async throws -> NewestUsable? {
        guard id.policy != Catalog.safety, let newest = try await catalog.newestUsable(policy: id.policy, target: id.target) else {
            return nil
        }
        return NewestUsable(id: newest, recoveryPoint: try await catalog.manifest(newest).manifest.recoveryPoint)
    }

    /// The same backups again, for a run that goes on. Throws `Failure(.damaged)` when one is no longer what it was.
    static func again(_ started: RunStarted, from stores: BackupStores) async throws -> RunBackups {
        var byRole: [String: BackupInHand] = [:]
        for kept in started.backups { byRole[kept.role] = try await stores.again(kept) }
        return RunBackups(byRole: byRole, kept: started.backups, newest: started.newestUsable)
    }

    var inOrder: [BackupInHand] { byRole.sorted { $0.key < $1.key }.map(\.value) }
}
