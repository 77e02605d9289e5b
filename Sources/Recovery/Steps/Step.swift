package import Documents

/// One typed action of a runbook: how it reads, what it would do, whether it may be repeated, what it does.
///
/// The runner calls, in this order: `effects` (for the plan, for the guard, and again before the act), `run`; after a
/// crash `reconcile`, then by its answer and by `rerun` either nothing, `undo` and `run`, `run`, or a person.
package protocol Step: DocumentMapping {
    /// The word that selects it in a runbook: `postgres.drop-database`.
    static var kind: String { get }
    /// One sentence for the reference.
    static var summary: String { get }
    /// Where its time counts; a step that knows better says so in its result.
    static var phase: Phase { get }

    /// The roles it acts on. Lint and binding use this; a step reaches nothing it has not named here.
    var uses: StepUses { get }
    var rerun: Rerun { get }
    /// For a step that empties something: what fills it again. Lint holds it against the steps that follow.
    var refill: RefillDeclaration? { get }
    /// The backup role that this step restores from, if it restores.
    var fills: String? { get }
    /// Why no drill may begin with it, nil if one may. Lint tells.
    var obstacleToDrills: Mistake? { get }

    /// What running it would create, change, destroy. Reads only; what cannot be read is an unknown amount, not an error.
    func effects(reading: StepReading) async throws -> [Effect]
    /// What it needs and will not find, or may not; for plans, and to begin nothing that cannot end well. Reads only.
    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack]
    /// Whether its effect is there, looked up after a crash or on resume. What it remembered stands for its facts when it is done.
    func reconcile(reading: StepReading) async throws -> Reconciliation
    /// Takes back what an unfinished attempt did, exactly that and nothing else.
    func undo(in context: StepContext) async throws
    func run(in context: StepContext) async throws -> StepResult
}

extension Step {
    package var refill: RefillDeclaration? { nil }
    package var fills: String? { nil }
    package var obstacleToDrills: Mistake? { nil }

    package func effects(reading: StepReading) async throws -> [Effect] { [] }
    package func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] { [] }
    package func reconcile(reading: StepReading) async throws -> Reconciliation { .unknown }
    package func undo(in context: StepContext) async throws {}
}

/// Whether an attempt that did not end may be followed by another.
package enum Rerun: Sendable, Equatable {
    /// Doing it twice is doing it once.
    case safe
    /// After `undo` it is as if it had never begun.
    case afterUndo
    /// Only a person can tell.
    case never
}

/// What a step needs and will not find.
package enum Lack: Sendable {
    /// For all that is known it will fail for this reason, as long as nothing before it mends that.
    case fatal(Failure)
    /// It may matter; in words.
    case remark(String)

    package var words: String {
        switch self {
        case .fatal(let failure): ([failure.problem] + [failure.hint].compactMap(\.self)).joined(separator: "; ")
        case .remark(let words): words
        }
    }
}

/// What fills again what a destructive step empties.
package enum RefillDeclaration: Sendable, Equatable {
    case role(String)
    /// A step before has restored it from that backup already, beside what is destroyed.
    case restoredBefore(String)
    /// Said out loud: nothing does.
    case none
}

package enum Reconciliation: Sendable, Equatable {
    case done
    case notDone
    case partial(String)
    case unknown
}

/// What a step refers to, by role.
package struct StepUses: Sendable, Equatable {
    package enum TargetUse: Sendable, Equatable {
        case none
        /// The target in the step's frame, or the only one of this engine.
        case one(EngineName)
        /// The target in the step's frame, or the only one there is.
        case any
        /// This one.
        case role(String)
    }

    package var target: TargetUse
    package var backups: [String]
    package var apps: [String]
    package var alerts: [String]
    /// Does what lifeboat cannot see into: a command, SQL, a person.
    package var isOpaque: Bool
    /// Places, also of several targets, whose identifiers it reads and does not change.
    package var places: [IdentifierPlace]

    package init(
        target: TargetUse = .none, backups: [String] = [], apps: [String] = [], alerts: [String] = [], isOpaque: Bool = false,
        places: [IdentifierPlace] = []
    ) {
        self.target = target
        self.backups = backups
        self.apps = apps
        self.alerts = alerts
        self.isOpaque = isOpaque
        self.places = places
    }
}

/// What a step that went through has to tell.
package struct StepResult: Sendable {
    /// Everything compared, held or not. The runner decides by these whether the step passed.
    package var checks: [CheckResult]
    package var facts: [String: Fact]
    /// The parts of its time, when it is not all of the step's own phase.
    package var phases: [PhaseTime]
    package var notes: [String]
    /// False: there was nothing to do.
    package var exercised: Bool
    package var notExercised: [NotExercised]
    package var tools: [RunResult.Evidence.Tool]

    package init(
        checks: [CheckResult] = [], facts: [String: Fact] = [:], phases: [PhaseTime] = [], notes: [String] = [], exercised: Bool = true,
        notExercised: [NotExercised] = [], tools: [RunResult.Evidence.Tool] = []
    ) {
        self.checks = checks
        self.facts = facts
        self.phases = phases
        self.notes = notes
        self.exercised = exercised
        self.notExercised = notExercised
        self.tools = tools
    }
}

/// Thrown by a step that has to wait for a person: the run stops with its journal intact, and `resume` goes on from here.
package struct Paused: Error, Sendable {
    package let words: String

    package init(_ words: String) { self.words = words }
}

/// Thrown by a step that was not to run here; the report says why.
package struct Skipped: Error, Sendable {
    package let because: String

    package init(because: String) { self.because = because }
}
