/// Everything a report says about one run or drill. Built from the journal alone, written as JSON with a
/// published schema; text and HTML are drawn from it.
package struct RunResult: Sendable, Codable, Equatable {
    package static let currentSchema = "lifeboat.result/1"

    package enum Kind: String, Sendable, Codable { case drill, run }

    package var schema = RunResult.currentSchema
    package var run: String
    package var kind: Kind
    /// The drill's or runbook's name.
    package var name: String
    package var title: String
    package var outcome: RunOutcome
    package var exitCode: Int32
    /// Rests on a stand-in of an engine: a rehearsal, not evidence.
    package var rehearsal: Bool
    package var startedAt: Timestamp
    package var endedAt: Timestamp
    /// From start to end without the time between an interruption and its resume.
    package var tookSeconds: Double
    package var interruptions: [Interruption]
    package var objectives: Objectives
    package var backups: [BackupUsed]
    /// The recovery sets of several targets that they come from.
    package var sets: [RecoverySet]
    /// Backups that would have been taken, or counted as the newest, had they been usable.
    package var passedOver: [PassedOverBackup]
    package var environment: Environment
    package var parts: [Part]
    package var checks: CheckTally
    package var notExercised: [NotExercised]
    /// What a person should know and that did not decide the outcome: failing clean-up, a proof that could not be written.
    package var notices: [String]
    /// Why the run did not pass, when it did not.
    package var failure: FailureRecord?
    /// The path of the step the failure arose in.
    package var failedStep: String?
    /// What a person can do now, most useful first: resume, put a safety copy back. Empty when nothing is left to do.
    package var next: [NextCommand]
    package var evidence: Evidence

    package init(
        run: String, kind: Kind, name: String, title: String, outcome: RunOutcome, exitCode: Int32, rehearsal: Bool,
        startedAt: Timestamp, endedAt: Timestamp, tookSeconds: Double, interruptions: [Interruption], objectives: Objectives,
        backups: [BackupUsed], sets: [RecoverySet] = [], passedOver: [PassedOverBackup] = [], environment: Environment, parts: [Part],
        checks: CheckTally,
        notExercised: [NotExercised],
        notices: [String], failure: FailureRecord?, failedStep: String?, next: [NextCommand] = [], evidence: Evidence
    ) {
        self.run = run
        self.kind = kind
        self.name = name
        self.title = title
        self.outcome = outcome
        self.exitCode = exitCode
        self.rehearsal = rehearsal
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.tookSeconds = tookSeconds
        self.interruptions = interruptions
        self.objectives = objectives
        self.backups = backups
        self.sets = sets
        self.passedOver = passedOver
        self.environment = environment
        self.parts = parts
        self.checks = checks
        self.notExercised = notExercised
        self.notices = notices
        self.failure = failure
        self.failedStep = failedStep
        self.next = next
        self.evidence = evidence
    }
}

extension RunResult {
    /// A command line to type, and what it is good for.
    package struct NextCommand: Sendable, Codable, Equatable {
        /// `to go on where the run stopped`.
        package let purpose: String
        /// `lifeboat resume 20261201T020000Z-7f3a`; never with a secret in it.
        package let command: String

        package init(_ command: String, _ purpose: String) {
            self.purpose = purpose
            self.command = command
        }
    }

    package struct Interruption: Sendable, Codable, Equatable {
        package let from: Timestamp
        package let to: Timestamp

        package init(from: Timestamp, to: Timestamp) {
            self.from = from
            self.to = to
        }
    }

    /// What was promised and what was achieved. An objective that was not stated is nil and judges nothing.
    package struct Objectives: Sendable, Codable, Equatable {
        /// Recovery time: from the first to the last step of the runbooks, without provisioning of the environment. Of a drill that began
        /// again on new servers, on these alone.
        package var rtoSeconds: Double?
        package var rtoObjectiveSeconds: Double?
        /// The same with the provisioning of those servers.
        package var rtoWithProvisioningSeconds: Double?
        /// Recovery point: reference time minus the recovery point of the newest usable backup.
        package var rpoSeconds: Double?
        package var rpoObjectiveSeconds: Double?
        /// Age of the backup that was in fact restored, at the reference time.
        package var restoredAgeSeconds: Double?
        /// The id of the newest usable backup, which the recovery point is judged by, whichever one was restored.
        package var newestUsableBackup: String?
        /// The moment losses are counted back from: the start of the drill, or the disaster.
        package var referenceTime: Timestamp

        package init(
            rtoSeconds: Double? = nil, rtoObjectiveSeconds: Double? = nil, rtoWithProvisioningSeconds: Double? = nil,
            rpoSeconds: Double? = nil, rpoObjectiveSeconds: Double? = nil, restoredAgeSeconds: Double? = nil,
            newestUsableBackup: String? = nil, referenceTime: Timestamp
        ) {
            self.rtoSeconds = rtoSeconds
            self.rtoObjectiveSeconds = rtoObjectiveSeconds
            self.rtoWithProvisioningSeconds = rtoWithProvisioningSeconds
            self.rpoSeconds = rpoSeconds
            self.rpoObjectiveSeconds = rpoObjectiveSeconds
            self.restoredAgeSeconds = restoredAgeSeconds
            self.newestUsableBackup = newestUsableBackup
            self.referenceTime = referenceTime
        }

        /// Nil when nothing was promised or nothing could be measured.
        package var rtoMet: Bool? { Self.isMet(rtoSeconds, rtoObjectiveSeconds) }
        package var rpoMet: Bool? { Self.isMet(rpoSeconds, rpoObjectiveSeconds) }

        fileprivate static func isMet(_ achieved: Double?, _ objective: Double?) -> Bool? {
            guard let achieved, let objective else { return nil }
            return achieved <= objective
        }
    }

    package struct BackupUsed: Sendable, Codable, Equatable {
        /// The name of the runbook whose role it fills; the same backup appears once for each.
        package var runbook: String
        package var role: String
        package var id: String
        package var policy: String
        package var target: String
        package var engine: String
        package var engineVersion: String
        package var recoveryPoint: Timestamp
        package var bytes: Int64
        package var artifacts: Int
        package var manifestSHA256: String
        /// How it was chosen: `latest`, `random within 30d, seed 81`, `named`.
        package var chosen: String

        package init(
            runbook: String, role: String, id: String, policy: String, target: String, engine: String, engineVersion: String,
            recoveryPoint: Timestamp, bytes: Int64, artifacts: Int, manifestSHA256: String, chosen: String
        ) {
            self.runbook = runbook
            self.role = role
            self.id = id
            self.policy = policy
            self.target = target
            self.engine = engine
            self.engineVersion = engineVersion
            self.recoveryPoint = recoveryPoint
            self.bytes = bytes
            self.artifacts = artifacts
            self.manifestSHA256 = manifestSHA256
            self.chosen = chosen
        }
    }

    package struct PassedOverBackup: Sendable, Codable, Equatable {
        package var id: String
        package var kind: BackupFlaw.Kind
        /// Why it could not be used.
        package var why: String

        package init(id: String, kind: BackupFlaw.Kind, why: String) {
            self.id = id
            self.kind = kind
            self.why = why
        }
    }

    package struct Environment: Sendable, Codable, Equatable {
        /// `process`, `docker`, or `real` for a run against configured targets.
        package var kind: String
        /// How far the servers were cut off, in words, or that they were not.
        package var isolation: String
        package var servers: [Server]
        /// One per generation of the environment, in order; empty for a run against configured targets. More than one
        /// means that an environment died with an interruption and was provisioned again.
        package var provisionings: [Provisioning]

        package init(kind: String, isolation: String, servers: [Server], provisionings: [Provisioning]) {
            self.kind = kind
            self.isolation = isolation
            self.servers = servers
            self.provisionings = provisionings
        }

        package var provisionSeconds: Double { provisionings.reduce(0) { $0 + $1.tookSeconds } }

        package struct Provisioning: Sendable, Codable, Equatable {
            /// Seconds since the start of the run, pauses between interruption and resume left out.
            package var offsetSeconds: Double
            package var tookSeconds: Double

            package init(offsetSeconds: Double, tookSeconds: Double) {
                self.offsetSeconds = offsetSeconds
                self.tookSeconds = tookSeconds
            }
        }

        package struct Server: Sendable, Codable, Equatable {
            package var name: String
            package var engine: String
            package var version: String
            package var standIn: Bool
            /// Of a container: the image it ran, with its digest.
            package var image: String?

            package init(name: String, engine: String, version: String, standIn: Bool, image: String? = nil) {
                self.name = name
                self.engine = engine
                self.version = version
                self.standIn = standIn
                self.image = image
            }
        }
    }

    /// One stretch of the run with its own clock: the state given before, a runbook, what holds across stores, what always runs.
    package struct Part: Sendable, Codable, Equatable {
        package enum Kind: String, Sendable, Codable, CaseIterable { case given, runbook, across, always }

        package var kind: Kind
        package var name: String
        package var title: String
        package var version: Int?
        package var owner: String?
        package var reviewed: String?
        /// What its roles and inputs stood for.
        package var bindings: [Binding]
        /// From its first step to its last, on the newest servers that it was under way on.
        package var tookSeconds: Double
        package var phases: [PhaseTime]
        package var steps: [StepRecord]
        /// Of a runbook that was carried through: its recovery time, from its first step to its last.
        package var rtoSeconds: Double?
        /// What was promised of it alone.
        package var rtoObjectiveSeconds: Double?

        package init(
            kind: Kind, name: String, title: String, version: Int? = nil, owner: String? = nil, reviewed: String? = nil,
            bindings: [Binding] = [], tookSeconds: Double, phases: [PhaseTime], steps: [StepRecord], rtoSeconds: Double? = nil,
            rtoObjectiveSeconds: Double? = nil
        ) {
            self.rtoSeconds = rtoSeconds
            self.rtoObjectiveSeconds = rtoObjectiveSeconds
            self.kind = kind
            self.name = name
            self.title = title
            self.version = version
            self.owner = owner
            self.reviewed = reviewed
            self.bindings = bindings
            self.tookSeconds = tookSeconds
            self.phases = phases
            self.steps = steps
        }

        /// Nil when nothing was promised or nothing could be measured.
        package var rtoMet: Bool? { Objectives.isMet(rtoSeconds, rtoObjectiveSeconds) }

        /// A role or input of the runbook and what it was bound to. Never holds a secret.
        package struct Binding: Sendable, Codable, Equatable {
            package enum Kind: String, Sendable, Codable { case target, app, backup, input }

            package let kind: Kind
            package let name: String
            package let value: String

            package init(_ kind: Kind, _ name: String, _ value: String) {
                self.kind = kind
                self.name = name
                self.value = value
            }
        }
    }

    package struct Evidence: Sendable, Codable, Equatable {
        package var documents: [Document]
        package var lifeboatVersion: String
        package var host: String
        package var system: String
        package var operatorName: String
        /// Who called `sudo`, when somebody did.
        package var sudoFrom: String?
        package var reason: String?
        package var tools: [Tool]
        package var journal: String
        /// Of the journal up to the event before the one that ends the run.
        package var journalSHA256: String?
        /// Below 2^53, so that every reader of JSON keeps it exact.
        package var randomSeed: UInt64?

        package init(
            documents: [Document], lifeboatVersion: String, host: String, system: String, operatorName: String, sudoFrom: String? = nil,
            reason: String?, tools: [Tool], journal: String, journalSHA256: String?, randomSeed: UInt64?
        ) {
            self.documents = documents
            self.lifeboatVersion = lifeboatVersion
            self.host = host
            self.system = system
            self.operatorName = operatorName
            self.sudoFrom = sudoFrom
            self.reason = reason
            self.tools = tools
            self.journal = journal
            self.journalSHA256 = journalSHA256
            self.randomSeed = randomSeed
        }

        /// A file whose text decided what happened.
        package struct Document: Sendable, Codable, Equatable {
            /// `drill`, `runbook`, `configuration`.
            package var kind: String
            package var path: String
            package var sha256: String

            package init(kind: String, path: String, sha256: String) {
                self.kind = kind
                self.path = path
                self.sha256 = sha256
            }
        }

        package struct Tool: Sendable, Codable, Equatable {
            package var name: String
            package var version: String

            package init(name: String, version: String) {
                self.name = name
                self.version = version
            }
        }
    }
}
