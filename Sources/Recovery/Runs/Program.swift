internal import Documents

/// What a run will do, with every role bound. Made from documents by a drill or a run; executed by the runner.
package struct Program: Sendable {
    package let parts: [Part]
    /// Which of the run's environments the roles are bound to; 0 for configured targets, which do not come and go.
    package var generation: Int
    /// Whether its applications were started anew beside servers that have lived on.
    package var appsAreNew: Bool
    /// Of the parts that are not always done at the end.
    let order: PartOrder

    package init(parts: [Part], generation: Int, appsAreNew: Bool = false) {
        self.parts = parts
        self.generation = generation
        self.appsAreNew = appsAreNew
        order = PartOrder(parts.filter { !$0.isAlways }.map(\.kept))
    }

    package struct Part: Sendable {
        package let kept: KeptPart
        package let steps: [ProgramStep]
        package let bindings: RoleBindings

        package init(kept: KeptPart, steps: [ProgramStep], bindings: RoleBindings) {
            self.kept = kept
            self.steps = steps
            self.bindings = bindings
        }

        package var isAlways: Bool { kept.kind == .always }
    }
}

/// What the roles of one runbook stand for in this run.
package struct RoleBindings: Sendable {
    package var targets: [String: any EngineTarget]
    package var backups: [String: BackupInHand]
    package var apps: [String: AppBinding]
    package var alerts: [String: AlertBinding]

    package init(
        targets: [String: any EngineTarget] = [:], backups: [String: BackupInHand] = [:], apps: [String: AppBinding] = [:],
        alerts: [String: AlertBinding] = [:]
    ) {
        self.targets = targets
        self.backups = backups
        self.apps = apps
        self.alerts = alerts
    }

    /// The target that a step acts on: the one in its frame, or the only one that fits.
    func target(for action: any Step, in frame: StepFrame) -> (any EngineTarget)? {
        switch action.uses.target {
        case .none: return nil
        case .role(let role): return targets[role]
        case .any:
            if let role = frame.targetRole { return targets[role] }
            return targets.count == 1 ? targets.first?.value : nil
        case .one(let engine):
            if let role = frame.targetRole { return targets[role] }
            let fitting = targets.values.filter { $0.binding.engine == engine }
            return fitting.count == 1 ? fitting.first : nil
        }
    }

    /// The targets whose identifiers a step reads, by role.
    func places(of action: any Step) -> [String: any EngineTarget] {
        let roles = Set(action.uses.places.map(\.target))
        return targets.filter { roles.contains($0.key) }
    }

    /// What a step may reach: its target, or for one that lifeboat cannot see into and that names none, all of them.
    func reach(of action: any Step, in frame: StepFrame) -> [TargetBinding] {
        if let target = target(for: action, in: frame) { return [target.binding] }
        if let role = frame.targetRole { return [targets[role]?.binding].compactMap { $0 } }
        var seen: Set<String> = []
        let places = places(of: action)
        return (places.isEmpty ? targets : places).values.map(\.binding).filter { seen.insert($0.name).inserted }.sorted {
            $0.name < $1.name
        }
    }
}

/// One step in its place.
package struct ProgramStep: Sendable {
    package let kept: KeptStep
    package let frame: StepFrame
    /// Reads the step with the facts that earlier steps have found. Throws `Failure(.document)`.
    package let read: @Sendable (_ facts: [String: [String: Fact]]) throws -> any Step
    /// Reads the step with placeholders for facts, which are not known before the run. Throws `Failure(.document)`.
    package let foresee: @Sendable () throws -> any Step

    package init(
        kept: KeptStep, frame: StepFrame, read: @escaping @Sendable (_ facts: [String: [String: Fact]]) throws -> any Step,
        foresee: @escaping @Sendable () throws -> any Step
    ) {
        self.kept = kept
        self.frame = frame
        self.read = read
        self.foresee = foresee
    }
}

/// What every step may say beside its own fields.
package struct StepFrame: Sendable, Equatable {
    package enum OnFailure: String, Choice {
        /// The rest is not reached; `always` runs.
        case stop
        /// Goes on; the run still ends as failed.
        case `continue`
    }

    package enum When: String, Choice {
        case always
        /// Only once something has failed.
        case failed
        /// Only while nothing has failed.
        case passed
    }

    package var targetRole: String?
    package var timeout: Duration?
    package var attempts: Int
    /// Before the second attempt; doubled before each further one, at most five minutes.
    package var backoff: Duration
    package var onFailure: OnFailure
    package var when: When

    package init(
        targetRole: String? = nil, timeout: Duration? = nil, attempts: Int = 1, backoff: Duration = .seconds(5),
        onFailure: OnFailure = .stop,
        when: When = .always
    ) {
        self.targetRole = targetRole
        self.timeout = timeout
        self.attempts = attempts
        self.backoff = backoff
        self.onFailure = onFailure
        self.when = when
    }

    /// How long to wait before an attempt.
    package func pause(beforeAttempt attempt: Int) -> Duration {
        guard attempt > 1 else { return .zero }
        return min(backoff * (1 << min(attempt - 2, 10)), .seconds(300))
    }
}
