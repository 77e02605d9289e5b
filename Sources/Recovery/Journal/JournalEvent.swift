/// One line of a journal: what happened, when, by both clocks.
package struct JournalLine: Sendable, Codable, Equatable {
    package let seq: Int
    package let at: Timestamp
    /// Monotonic seconds; comparable only between lines with the same `boot`.
    package let uptime: Double
    package let boot: String
    package let event: JournalEvent

    package init(seq: Int, at: Timestamp, uptime: Double, boot: String, event: JournalEvent) {
        self.seq = seq
        self.at = at
        self.uptime = uptime
        self.boot = boot
        self.event = event
    }
}

/// What a run writes down: before an act, and after it.
package enum JournalEvent: Sendable, Codable, Equatable {
    case runStarted(RunStarted)
    case runResumed(RunResumed)
    case environmentStarting(EnvironmentGeneration)
    case environmentStarted(EnvironmentStarted)
    /// A later life of the run has found the servers of this generation alive and goes on with them.
    case environmentAdopted(EnvironmentGeneration)
    case environmentEnded(EnvironmentGeneration)
    /// A target has told who it is.
    case identified(Identified)
    /// Every byte of the backup in this role was hashed, by this very process.
    case proven(Proven)
    case confirmed(Confirmed)
    case stepStarted(StepStarted)
    /// Something the step must know if it is undone or done again.
    case stepRemembered(StepRemembered)
    case stepEnded(StepEnded)
    case notice(Notice)
    case runEnded(RunEnded)
}

package struct RunStarted: Sendable, Codable, Equatable {
    package static let currentFormat = 1

    package var format = RunStarted.currentFormat
    package var run: RunID
    package var kind: RunResult.Kind
    package var name: String
    package var title: String
    package var host: HostFacts
    package var reason: String?
    /// Whole texts: a resume works from these.
    package var documents: [KeptDocument]
    package var backups: [KeptBackup]
    package var inputs: [String: String]
    package var randomSeed: UInt64?
    package var environmentKind: String
    package var isolation: String
    package var referenceTime: Timestamp
    package var rtoObjectiveSeconds: Double?
    package var rpoObjectiveSeconds: Double?
    /// The newest usable backup and its recovery point, whichever is restored.
    package var newestUsable: NewestUsable?
    /// Backups that would have been taken, or counted as the newest, had they been usable; nil for none.
    package var passedOver: [PassedOver]?
    package var parts: [KeptPart]
    package var notExercised: [NotExercised]
    /// Until then start-up clean-up spares what belongs to this run.
    package var expires: Timestamp
    /// Steps that the person who started the run left out or began with.
    package var choices: StepChoices?
    /// Objects that may be destroyed without a proven backup: `--accept-unproven`.
    package var acceptedUnproven: [String]?
    /// How long the servers of a drill stay after its end: `--keep`.
    package var keepSeconds: Double?
    /// The recovery sets that its backups come from; nil for none that has several members.
    package var sets: [RecoverySet]?

    package init(
        run: RunID, kind: RunResult.Kind, name: String, title: String, host: HostFacts, reason: String?, documents: [KeptDocument],
        backups: [KeptBackup], inputs: [String: String], randomSeed: UInt64?, environmentKind: String, isolation: String,
        referenceTime: Timestamp, rtoObjectiveSeconds: Double?, rpoObjectiveSeconds: Double?, newestUsable: NewestUsable?,
        passedOver: [PassedOver] = [], parts: [KeptPart], notExercised: [NotExercised], expires: Timestamp, choices: StepChoices? = nil,
        acceptedUnproven: [String]? = nil, keepSeconds: Double? = nil, sets: [RecoverySet] = []
    ) {
        self.run = run
        self.kind = kind
        self.name = name
        self.title = title
        self.host = host
        self.reason = reason
        self.documents = documents
        self.backups = backups
        self.inputs = inputs
        self.randomSeed = randomSeed
        self.environmentKind = environmentKind
        self.isolation = isolation
        self.referenceTime = referenceTime
        self.rtoObjectiveSeconds = rtoObjectiveSeconds
        self.rpoObjectiveSeconds = rpoObjectiveSeconds
        self.newestUsable = newestUsable
        self.passedOver = passedOver.isEmpty ? nil : passedOver
        self.parts = parts
        self.notExercised = notExercised
        self.expires = expires
        self.choices = choices
        self.acceptedUnproven = acceptedUnproven
        self.keepSeconds = keepSeconds
        self.sets = sets.isEmpty ? nil : sets
    }
}

package struct NewestUsable: Sendable, Codable, Equatable {
    package let id: BackupID
    package let recoveryPoint: Timestamp

    package init(id: BackupID, recoveryPoint: Timestamp) {
        self.id = id
        self.recoveryPoint = recoveryPoint
    }
}

package struct KeptDocument: Sendable, Codable, Equatable {
    package let kind: String
    package let path: String
    package let sha256: String
    package let text: String

    package init(kind: String, path: String, sha256: String, text: String) {
        self.kind = kind
        self.path = path
        self.sha256 = sha256
        self.text = text
    }

    package var source: DocumentSource { DocumentSource(path: path, text: text, sha256: sha256) }
}

package struct KeptBackup: Sendable, Codable, Equatable {
    /// The runbook whose role it fills.
    package let runbook: String
    package let role: String
    package let store: String
    package let id: BackupID
    package let manifestSHA256: String
    package let engine: EngineName
    package let engineVersion: String
    package let standIn: Bool
    package let recoveryPoint: Timestamp
    package let bytes: Int64
    package let artifacts: Int
    package let chosen: String

    package init(_ backup: BackupInHand, runbook: String) {
        self.runbook = runbook
        role = backup.role
        store = backup.store.name
        id = backup.manifest.id
        manifestSHA256 = backup.manifestSHA256
        engine = backup.manifest.engine
        engineVersion = backup.manifest.engineVersion
        standIn = backup.manifest.standIn
        recoveryPoint = backup.manifest.recoveryPoint
        bytes = backup.manifest.storedBytes
        artifacts = backup.manifest.artifacts.count
        chosen = backup.chosen
    }
}

/// The steps of one part, as they were to be done: what a report lists even when they were not reached.
package struct KeptPart: Sendable, Codable, Equatable {
    package let kind: RunResult.Part.Kind
    package let name: String
    package let title: String
    package let version: Int?
    package let owner: String?
    package let reviewed: String?
    package let bindings: [RunResult.Part.Binding]
    package let steps: [KeptStep]
    /// How long it may take by itself, where that was promised.
    package let rtoObjectiveSeconds: Double?
    /// Of a runbook that goes side by side with others: the numbers of those that come to their end before it begins. Nil: all above it.
    package let waitsFor: [Int]?

    package init(
        kind: RunResult.Part.Kind, name: String, title: String, version: Int? = nil, owner: String? = nil, reviewed: String? = nil,
        bindings: [RunResult.Part.Binding] = [], steps: [KeptStep], rtoObjectiveSeconds: Double? = nil, waitsFor: [Int]? = nil
    ) {
        self.waitsFor = waitsFor
        self.kind = kind
        self.name = name
        self.title = title
        self.version = version
        self.owner = owner
        self.reviewed = reviewed
        self.bindings = bindings
        self.steps = steps
        self.rtoObjectiveSeconds = rtoObjectiveSeconds
    }

    /// Whether both come from one document of the run: a runbook's steps, and what it always does at the end. The same id may mean
    /// something else in another one, and the same runbook may be drilled twice.
    func sharesIds(with other: KeptPart) -> Bool { number == other.number }

    /// `1` of `1.4` and of `always-1.2`, `given` of `given.1`.
    var number: String? {
        steps.first.map { String($0.path.prefix { $0 != "." }) }.map { $0.hasPrefix("always-") ? String($0.dropFirst(7)) : $0 }
    }
}

package struct KeptStep: Sendable, Codable, Equatable {
    package let path: String
    package let id: String?
    package let name: String
    package let kind: String
    package let phase: Phase
    /// Whether what stands below it is done though it has failed: `on_failure: continue`. Nil: it is not.
    package let goesOn: Bool?

    package init(path: String, id: String?, name: String, kind: String, phase: Phase, goesOn: Bool? = nil) {
        self.goesOn = goesOn
        self.path = path
        self.id = id
        self.name = name
        self.kind = kind
        self.phase = phase
    }
}

package struct RunResumed: Sendable, Codable, Equatable {
    package let host: HostFacts
    /// Bytes of a torn last line that were cut off.
    package let cutBytes: Int
    /// Documents whose files differ from the copies that the run works from.
    package let changedDocuments: [String]
    /// Steps that the person who resumed the run left out or began with.
    package let choices: StepChoices?

    package init(host: HostFacts, cutBytes: Int, changedDocuments: [String], choices: StepChoices? = nil) {
        self.choices = choices
        self.host = host
        self.cutBytes = cutBytes
        self.changedDocuments = changedDocuments
    }
}

package struct EnvironmentGeneration: Sendable, Codable, Equatable {
    package let generation: Int

    package init(generation: Int) { self.generation = generation }
}

package struct EnvironmentStarted: Sendable, Codable, Equatable {
    package let generation: Int
    package let servers: [RunResult.Environment.Server]
    package let seconds: Double
    /// As measured, where it was.
    package let isolation: String?

    package init(generation: Int, servers: [RunResult.Environment.Server], seconds: Double, isolation: String? = nil) {
        self.generation = generation
        self.servers = servers
        self.seconds = seconds
        self.isolation = isolation
    }
}

package struct Identified: Sendable, Codable, Equatable {
    /// Of the target, as the configuration names it.
    package let target: String
    /// Only the address, when the target could not be asked.
    package let identity: SourceIdentity
    /// Why it could not be asked.
    package let unreadable: String?

    package init(target: String, identity: SourceIdentity, unreadable: String? = nil) {
        self.target = target
        self.identity = identity
        self.unreadable = unreadable
    }
}

package struct Proven: Sendable, Codable, Equatable {
    package let role: String
    package let backup: BackupID
    package let manifestSHA256: String
    package let bytes: Int64
    package let seconds: Double

    package init(role: String, backup: BackupID, manifestSHA256: String, bytes: Int64, seconds: Double) {
        self.role = role
        self.backup = backup
        self.manifestSHA256 = manifestSHA256
        self.bytes = bytes
        self.seconds = seconds
    }
}

package struct Confirmed: Sendable, Codable, Equatable {
    package let target: String
    /// `--confirm`, `typed at the terminal`.
    package let how: String
    package let effects: [Effect]

    package init(target: String, how: String, effects: [Effect]) {
        self.target = target
        self.how = how
        self.effects = effects
    }
}

package struct StepStarted: Sendable, Codable, Equatable {
    package let path: String
    package let attempt: Int
    package let generation: Int
    package let effects: [Effect]

    package init(path: String, attempt: Int, generation: Int, effects: [Effect]) {
        self.path = path
        self.attempt = attempt
        self.generation = generation
        self.effects = effects
    }
}

package struct StepRemembered: Sendable, Codable, Equatable {
    package let path: String
    package let attempt: Int
    package let key: String
    package let value: Fact

    package init(path: String, attempt: Int, key: String, value: Fact) {
        self.path = path
        self.attempt = attempt
        self.key = key
        self.value = value
    }
}

package struct StepEnded: Sendable, Codable, Equatable {
    package var path: String
    package var attempt: Int
    package var status: StepRecord.Status
    package var because: String?
    package var exercised: Bool
    package var seconds: Double
    package var phases: [PhaseTime]
    package var checks: [CheckResult]
    package var facts: [String: Fact]
    package var notes: [String]
    package var notExercised: [NotExercised]
    package var tools: [RunResult.Evidence.Tool]
    package var failure: FailureRecord?

    package init(
        path: String, attempt: Int, status: StepRecord.Status, because: String? = nil, exercised: Bool = true, seconds: Double,
        phases: [PhaseTime] = [], checks: [CheckResult] = [], facts: [String: Fact] = [:], notes: [String] = [],
        notExercised: [NotExercised] = [], tools: [RunResult.Evidence.Tool] = [], failure: FailureRecord? = nil
    ) {
        self.path = path
        self.attempt = attempt
        self.status = status
        self.because = because
        self.exercised = exercised
        self.seconds = seconds
        self.phases = phases
        self.checks = checks
        self.facts = facts
        self.notes = notes
        self.notExercised = notExercised
        self.tools = tools
        self.failure = failure
    }
}

package struct Notice: Sendable, Codable, Equatable {
    package let text: String
    /// Turns a passed run into an incomplete one.
    package let isTrouble: Bool

    package init(text: String, isTrouble: Bool) {
        self.text = text
        self.isTrouble = isTrouble
    }
}

package struct RunEnded: Sendable, Codable, Equatable {
    package let outcome: RunOutcome
    package let exitCode: Int32
    package let failure: FailureRecord?
    package let failedStep: String?
    package let next: [RunResult.NextCommand]

    package init(outcome: RunOutcome, exitCode: Int32, failure: FailureRecord?, failedStep: String?, next: [RunResult.NextCommand] = []) {
        self.outcome = outcome
        self.next = next
        self.exitCode = exitCode
        self.failure = failure
        self.failedStep = failedStep
    }
}
