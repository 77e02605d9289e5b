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

    /// What a step is about to do.
    package struct Act: Sendable {
        package let step: KeptStep
        package let effects: [Effect]
        /// It does what lifeboat cannot see into.
        package let isOpaque: Bool
        /// The targets it may touch.
        package let reach: [TargetBinding]

        package init(step: KeptStep, effects: [Effect], isOpaque: Bool, reach: [TargetBinding]) {
            self.step = step
            self.effects = effects
            self.isOpaque = isOpaque
            self.reach = reach
        }

        /// What somebody has to agree to before it runs on this target. An object of no target that the step reaches is everybody's.
        func toConfirm(on target: TargetBinding) -> [Effect] {
            let names = reach.map(\.name)
            var effects = Self.destroyed(effects).filter { $0.object.target == target.name || !names.contains($0.object.target) }
            // What a person does, that person answers for.
            if isOpaque, step.phase != .human { effects.append(.unseen(of: step, on: target.name)) }
            return effects
        }

        /// Whether anything may be lost by it for good: not what dies with the drill anyway.
        var mayDestroy: Bool { reach.contains { !$0.isDisposable && !toConfirm(on: $0).isEmpty } || !Self.destroyed(effects).isEmpty }

        static func destroyed(_ effects: [Effect]) -> [Effect] { effects.filter { $0.verb == .destroy && $0.amount != .absent } }
    }

    /// Called before a step looks at the targets it will touch: who they are is asked as long as it is not known.
    package func meet(_ targets: [TargetBinding]) async throws {
        for target in targets where !target.isDisposable { try await confirmations.meet(target) }
    }

    /// Returns notes for the report. Throws `Failure(.refused)`, `.damaged` or `.unfit` when the step must not run, `Paused` when
    /// somebody has to agree first and nobody is there.
    package func allow(_ act: Act, backups: [String: BackupInHand], say: @escaping @Sendable (String) -> Void) async throws -> [String] {
        var notes: [String] = []
        for effect in Act.destroyed(act.effects) {
            if acceptedUnproven.contains(effect.object.description) {
                notes.append("\(effect.object.kind) \(effect.object) destroyed without a proven backup of it: --accept-unproven")
            } else {
                try await prove(effect, backups, say)
            }
        }
        for target in act.reach where !target.isDisposable {
            let effects = act.toConfirm(on: target)
            if !effects.isEmpty { notes += try await confirmations.confirm(effects, on: target) }
        }
        return notes
    }

    /// Before an unfinished attempt is taken back: that is covered by the agreement to the attempt, as long as the target is
    /// provably the one it began on.
    ///
    /// What fills the object again is proven first, by this process. A step that had finished may have been built upon since:
    /// taking that back is destroying it, and nothing that was agreed to before covers it.
    package func allowUndo(
        of effects: [Effect], wasFinished: Bool, filledFrom backup: BackupInHand?, reach: [TargetBinding],
        say: @escaping @Sendable (String) -> Void
    ) async throws {
        if let backup, await !prover.hasProven(backup) {
            say("proving backup \(backup.manifest.id) before what was restored from it is taken back")
            try await prover.prove(backup, say: say)
        }
        for target in reach where !target.isDisposable {
            try await confirmations.meet(target)
            let isAnother = await confirmations.isAnother(target)
            guard isAnother || wasFinished else { continue }
            let touched = effects.filter { $0.object.target == target.name }
            let undone =
                wasFinished
                ? touched.map { Effect(.destroy, $0.object, .unknown(because: "it was filled, and may have changed since")) } : touched
            _ = try await confirmations.confirm(undone, on: target)
        }
    }

    /// What to do about objects that no backup is named for.
    static func hint(unproven objects: [String]) -> String {
        "name one with `refill:`, where the step has that key, or run with "
            + objects.map { "--accept-unproven \($0)" }.joined(separator: " ")
    }

    private func prove(_ effect: Effect, _ backups: [String: BackupInHand], _ say: @escaping @Sendable (String) -> Void) async throws {
        guard let refill = effect.refill, let backup = backups[refill.backupRole] else {
            throw Failure(
                .refused, "the step would destroy \(effect.object.kind) \(effect.object), and no backup is named that fills it again",
                hint: Self.hint(unproven: [effect.object.description]))
        }
        if await !prover.hasProven(backup) {
            say("proving backup \(backup.manifest.id) before \(effect.object) is destroyed")
            try await prover.prove(backup, say: say)
        }
        try await backup.mustHold(effect.object.kind, refill.nameInBackup)
    }
}

/// Asks for agreement before something on a target that is not disposable is destroyed.
package protocol Confirmations: Sendable {
    /// Finds out who the target is, if that is not known yet. An outage is no error; `Failure(.lockHeld)` when it turns out to be a server
    /// that somebody else is working on.
    func meet(_ target: TargetBinding) async throws
    /// Whether it may be another server than the one that was agreed to.
    func isAnother(_ target: TargetBinding) async -> Bool
    /// Returns how agreement was given, for the report. Throws `Failure(.refused)` or `.declined` when it was not, `Paused` when it
    /// still can be.
    func confirm(_ effects: [Effect], on target: TargetBinding) async throws -> [String]
}

/// Where nobody can be asked, nothing that is not disposable is destroyed.
package struct NoConfirmations: Confirmations {
    package init() {}

    package func meet(_ target: TargetBinding) async throws {}

    package func isAnother(_ target: TargetBinding) async -> Bool { true }

    package func confirm(_ effects: [Effect], on target: TargetBinding) async throws -> [String] {
        throw Failure(.refused, "'\(target.name)' is not disposable, and nobody can be asked whether it may be changed")
    }
}

extension Effect {
    /// What a step does that lifeboat cannot see into: guarded as the worst.
    static func unseen(of step: KeptStep, on target: String) -> Effect {
        Effect(
            .destroy, ObjectName(target: target, kind: "whatever step \(step.path) reaches on", name: "*"),
            .unknown(because: "lifeboat cannot see what \(step.kind) does"))
    }
}
