internal import Documents

/// The backups that a drill restores, chosen before anything is started.
package struct DrillBackups: Sendable {
    /// By index of the run in the drill, then by role.
    package let byRun: [[String: BackupInHand]]
    package let kept: [KeptBackup]
    /// The newest usable backup; of several targets the oldest of those, since the application needs all of them.
    package let newest: NewestUsable?
    /// Backups that would have been taken, or counted as the newest, had they been usable.
    package let passedOver: [PassedOver]
    package let usedSeed: Bool
    /// Those of the backups' recovery sets that have several members.
    package let sets: [RecoverySet]

    static func pick(for drill: Drill, from stores: BackupStores, now: Timestamp, seed: UInt64) async throws -> DrillBackups {
        let picker = Picker(catalogs: stores.catalogs, now: now, seed: seed)
        var byRun: [[String: BackupInHand]] = []
        var kept: [KeptBackup] = []
        var newest: NewestUsable?
        var passedOver: [PassedOver] = []
        var usedSeed = false
        var setOfPolicy: [String: String] = [:]
        var sets: [RecoverySet] = []
        for (run, runbook) in zip(drill.document.runs, drill.runbooks) {
            var roles: [String: BackupInHand] = [:]
            for entry in run.backups.entries {
                let pick = entry.value
                let policy = pick.policy.value.text
                var choice = try await picker.pick(pick.rule, policy: policy, target: pick.target.text)
                passedOver += choice.passedOver
                // Picks that name one policy in one drill get one recovery set.
                if let set = setOfPolicy[policy], set != choice.id.set {
                    choice = .init(id: BackupID(policy: policy, set: set, target: pick.target.text), words: choice.words, passedOver: [])
                }
                let isFirst = setOfPolicy.updateValue(choice.id.set, forKey: policy) == nil
                if case .random = pick.rule { usedSeed = true }
                guard let catalog = stores.catalog(of: policy) else { throw Failure(.bug, "policy '\(policy)' has no store") }
                if isFirst, let set = try await catalog.end(of: policy, choice.id.set).map(RecoverySet.init), set.hasSeveral {
                    sets.append(set)
                }
                let backup = try await catalog.hand(choice.id, role: entry.key.text, chosen: choice.words)
                // None that is picked is incomplete; the other half of a recovery set can be. A drill of half a backup proves nothing.
                if let incompleteness = backup.manifest.incompleteness {
                    throw Failure(
                        .damaged, "the drill cannot be run: \(incompleteness)",
                        hint: "it belongs to the recovery set that was picked for the other targets; take the policy's backup again")
                }
                try fits(backup, runbook.backups[entry.key]?.text, runbook)
                roles[entry.key.text] = backup
                kept.append(KeptBackup(backup, runbook: runbook.name.text))
                let found = try await catalog.newest(policy: policy, target: pick.target.text)
                passedOver += found.passedOver
                if let (id, manifest) = found.usable, newest.map({ manifest.recoveryPoint < $0.recoveryPoint }) ?? true {
                    newest = NewestUsable(id: id, recoveryPoint: manifest.recoveryPoint)
                }
            }
            byRun.append(roles)
        }
        return DrillBackups(byRun: byRun, kept: kept, newest: newest, passedOver: passedOver.unique, usedSeed: usedSeed, sets: sets)
    }

    /// The same backups again, for a drill that goes on. Throws `Failure(.damaged)` when one is no longer what it was.
    static func again(_ started: RunStarted, for drill: Drill, from stores: BackupStores) async throws -> DrillBackups {
        var left = started.backups[...]
        var byRun: [[String: BackupInHand]] = []
        for run in drill.document.runs {
            var roles: [String: BackupInHand] = [:]
            for _ in run.backups.entries {
                guard let kept = left.popFirst() else { throw Failure(.damaged, "the journal of run \(started.run) names too few backups") }
                roles[kept.role] = try await stores.again(kept)
            }
            byRun.append(roles)
        }
        return DrillBackups(
            byRun: byRun, kept: started.backups, newest: started.newestUsable, passedOver: started.passedOver ?? [],
            usedSeed: started.randomSeed != nil, sets: started.sets ?? [])
    }

    private static func fits(_ backup: BackupInHand, _ engine: String?, _ runbook: Runbook) throws {
        guard let engine, backup.manifest.engine.text != engine else { return }
        throw Failure(
            .unfit,
            "backup \(backup.manifest.id) is of \(backup.manifest.engine), role '\(backup.role)' of runbook \(runbook.name) wants \(engine)"
        )
    }

    /// Each backup once.
    package var distinct: [BackupInHand] {
        var seen: Set<String> = []
        return byRun.flatMap { $0.values }.filter { seen.insert("\($0.store.name)/\($0.manifest.id)").inserted }
    }
}
