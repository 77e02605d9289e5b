/// What a step may look at without changing anything.
package struct StepReading: Sendable {
    package let isDrill: Bool
    /// The target in the step's frame; nil for steps without one.
    package let target: (any ReadableTarget)?
    package let backups: [String: BackupInHand]
    package let apps: [String: AppBinding]
    /// What the last attempt remembered.
    package let remembered: [String: Fact]

    package init(
        isDrill: Bool, target: (any ReadableTarget)?, backups: [String: BackupInHand], apps: [String: AppBinding],
        remembered: [String: Fact]
    ) {
        self.isDrill = isDrill
        self.target = target
        self.backups = backups
        self.apps = apps
        self.remembered = remembered
    }

    /// The target as the engine knows it. A binding of another engine is our own mistake: lint has compared them.
    package func target<Target>(as type: Target.Type) throws -> Target {
        guard let typed = target as? Target else { throw Failure(.bug, "the step's target is not a \(Target.self)") }
        return typed
    }
}

/// What a step acts through.
package struct StepContext: Sendable {
    package let run: RunID
    package let path: String
    package let attempt: Int
    package let isDrill: Bool
    /// The target in the step's frame; nil for steps without one.
    package let target: (any EngineTarget)?
    package let backups: [String: BackupInHand]
    package let apps: [String: AppBinding]
    package let alerts: [String: AlertBinding]
    /// What the step said it would do, as it was judged and agreed to right before. What has appeared since is in nobody's agreement.
    package let agreed: [Effect]
    /// What earlier attempts remembered, then this one.
    package let remembered: [String: Fact]
    package let services: StepServices
    /// The targets of the step's places by role, through connections that cannot write.
    package let places: [String: any ReadableTarget]
    /// Written to the journal, on disk, before the act that needs it to be undone.
    package let remember: @Sendable (String, Fact) async throws -> Void

    package init(
        run: RunID, path: String, attempt: Int, isDrill: Bool, target: (any EngineTarget)?, backups: [String: BackupInHand],
        apps: [String: AppBinding], alerts: [String: AlertBinding], agreed: [Effect], remembered: [String: Fact], services: StepServices,
        places: [String: any ReadableTarget] = [:],
        remember: @escaping @Sendable (String, Fact) async throws -> Void
    ) {
        self.run = run
        self.path = path
        self.attempt = attempt
        self.isDrill = isDrill
        self.target = target
        self.backups = backups
        self.apps = apps
        self.alerts = alerts
        self.agreed = agreed
        self.remembered = remembered
        self.services = services
        self.places = places
        self.remember = remember
    }

    package func target<Target>(as type: Target.Type) throws -> Target {
        guard let typed = target as? Target else { throw Failure(.bug, "the step's target is not a \(Target.self)") }
        return typed
    }

    /// Throws `Failure(.refused)` when an object was not there as the step was judged, so that nobody has agreed to its destruction and
    /// nothing has proven what fills it again.
    package func mustHaveAgreed(toDestroy kind: String, _ name: String) throws {
        let isAgreed = agreed.contains {
            $0.verb == .destroy && $0.amount != .absent && $0.object.kind == kind && $0.object.name == name
        }
        guard !isAgreed else { return }
        throw Failure(
            .refused, "\(kind) '\(name)' has appeared since step \(path) was judged, and nobody has agreed to its destruction",
            hint: "see who made it and what is in it; then run the runbook again, which shows it and asks")
    }

    /// The target that a place is on. One whose engine cannot read identifiers is our own mistake: lint has asked the engine.
    package func place(_ place: IdentifierPlace) throws -> any IdentifierReading {
        guard let target = places[place.target] as? any IdentifierReading else {
            throw Failure(.bug, "identifiers cannot be read on '\(place.target)'")
        }
        return target
    }

    package func backup(_ role: String) throws -> BackupInHand {
        guard let backup = backups[role] else { throw Failure(.bug, "no backup is bound to the role '\(role)'") }
        return backup
    }

    /// Times a part of a step.
    package func timed<Result>(_ phase: Phase, _ phases: inout [PhaseTime], _ body: () async throws -> Result) async rethrows -> Result {
        let start = services.time.uptime
        let result = try await body()
        phases.append(PhaseTime(phase, seconds: (services.time.uptime - start).inSeconds))
        return result
    }
}

/// The rest of the world, for steps.
package struct StepServices: Sendable {
    package let time: any TimeSource
    package let commands: any CommandRunner
    package let web: any WebCaller
    package let people: any People
    package let digests: any Digesting
    package let inventories: any InventoryOpening
    package let prover: Prover
    package let taker: any SafetyCopies
    /// Reads a backup as only its engine can: `Engine.examine`.
    package let examine: @Sendable (_ backup: BackupInHand, _ scratch: String) async throws -> [CheckResult]
    /// Sends a notice. Throws `Failure` when it did not get through.
    package let notify: @Sendable (_ alert: AlertBinding, _ standing: RunResult, _ words: String?) async throws -> Void
    /// This run's folder for temporary files.
    package let scratch: String
    /// How the run stands at this moment; for notices.
    package let standing: @Sendable () async -> RunResult
    package var say: @Sendable (String) -> Void

    package init(
        time: any TimeSource, commands: any CommandRunner, web: any WebCaller, people: any People, digests: any Digesting,
        inventories: any InventoryOpening, prover: Prover, taker: any SafetyCopies,
        examine: @escaping @Sendable (_ backup: BackupInHand, _ scratch: String) async throws -> [CheckResult],
        notify: @escaping @Sendable (_ alert: AlertBinding, _ standing: RunResult, _ words: String?) async throws -> Void, scratch: String,
        standing: @escaping @Sendable () async -> RunResult, say: @escaping @Sendable (String) -> Void
    ) {
        self.time = time
        self.commands = commands
        self.web = web
        self.people = people
        self.digests = digests
        self.inventories = inventories
        self.prover = prover
        self.taker = taker
        self.examine = examine
        self.notify = notify
        self.scratch = scratch
        self.standing = standing
        self.say = say
    }
}

/// An application role in one run.
package enum AppBinding: Sendable {
    /// A stand-in that the drill's environment runs, or the real one in a real run.
    case control(any AppControl)
    /// Named in the report as not exercised.
    case notDrilled(because: String)
}

/// Where a notice goes in one run.
package struct AlertBinding: Sendable {
    package enum Way: Sendable {
        case webhook(Secret)
        case command([String])
    }

    package let name: String
    package let way: Way

    package init(name: String, way: Way) {
        self.name = name
        self.way = way
    }
}
