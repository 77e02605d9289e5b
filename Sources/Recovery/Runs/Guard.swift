/// Judges what a step would destroy, right before it does. Not the runbook but the runner asks.
package struct Guard: Sendable {
    private let prover: Prover
    private let confirmations: any Confirmations
    /// Objects that may be destroyed though no backup of them is proven: `app-db/app`.
    private let acceptedUnproven: Set<String>

    package init(prover: Prover, confirmations: any Confirmations, acceptedUnproven: Set<String>) {
        self.prover = prover
        self.confirmations = confirmations
        self.acceptedUnproven = acceptedUnproven
    }

    /// Returns notes for the report. Throws `Failure(.refused)`, `.damaged` or `.unfit` when the step must not run.
    package func allow(
        _ effects: [Effect], binding: TargetBinding?, backups: [String: BackupInHand], say: @escaping @Sendable (String) -> Void
    ) async throws -> [String] {
        let destroyed = effects.filter { $0.verb == .destroy && $0.amount != .absent }
        guard !destroyed.isEmpty else { return [] }
        var notes: [String] = []
        for effect in destroyed {
            if acceptedUnproven.contains(effect.object.description) {
                notes.append("\(effect.object.kind) \(effect.object) destroyed without a proven backup of it: --accept-unproven")
            } else {
                try await prove(effect, backups, say)
            }
        }
        if let binding, !binding.isDisposable { notes += try await confirmations.confirm(destroyed, on: binding) }
        return notes
    }

    private func prove(_ effect: Effect, _ backups: [String: BackupInHand], _ say: @escaping @Sendable (String) -> Void) async throws {
        guard let refill = effect.refill, let backup = backups[refill.backupRole] else {
            throw Failure(
                .refused, "the step would destroy \(effect.object.kind) \(effect.object), and no backup is named that fills it again",
                hint: "name one with `refill:`, or run with --accept-unproven \(effect.object)")
        }
        if await !prover.hasProven(backup) {
            say("proving backup \(backup.manifest.id) before \(effect.object) is destroyed")
            try await prover.prove(backup, say: say)
        }
        guard try await holds(backup, kind: effect.object.kind, name: refill.nameInBackup) else {
            throw Failure(
                .unfit, "backup \(backup.manifest.id) does not hold \(effect.object.kind) '\(refill.nameInBackup)', which the step would destroy",
                hint: "choose the backup of that \(effect.object.kind), or say what it is called in the backup with `name_in_backup:`")
        }
    }

    private func holds(_ backup: BackupInHand, kind: String, name: String) async throws -> Bool {
        let inventory = try await backup.inventory()
        do {
            while let item = try await inventory.next() {
                if item.kind == kind && item.name == name {
                    await inventory.close()
                    return true
                }
            }
        } catch {
            await inventory.close()
            throw error
        }
        await inventory.close()
        return false
    }
}

/// Asks for agreement before something on a target that is not disposable is destroyed.
package protocol Confirmations: Sendable {
    /// Returns how it was given, for the report. Throws `Failure(.refused)` when it was not.
    func confirm(_ effects: [Effect], on binding: TargetBinding) async throws -> [String]
}

/// Until somebody can be asked, nothing that is not disposable is destroyed.
package struct NoConfirmations: Confirmations {
    package init() {}

    package func confirm(_ effects: [Effect], on binding: TargetBinding) async throws -> [String] {
        throw Failure(.refused, "'\(binding.name)' is not disposable, and nobody can be asked whether it may be changed")
    }
}
