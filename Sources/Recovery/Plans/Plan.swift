/// What a run would do, as far as can be told without doing it. Made with connections that cannot write.
package struct Plan: Sendable, Codable, Equatable {
    package static let currentSchema = "lifeboat.plan/1"

    package var schema = Plan.currentSchema
    package var runbook: RunbookShown
    package var madeAt: Timestamp
    package var targets: [TargetShown]
    package var apps: [String: String]
    /// Of applications that are containers: how these stand, in words, by role.
    package var containers: [String: String]
    package var inputs: [String: String]
    package var backups: [BackupShown]
    package var parts: [Part]
    /// From earlier runs and drills of the runbook; nil: there is no history.
    package var duration: Expectation?
    /// What is not there, or could not be found out, and how that matters.
    package var missing: [String]
    /// What somebody will be asked to agree to.
    package var confirmations: [Confirmation]
    /// Objects that would be destroyed and that nothing fills again: refused unless each is accepted by name.
    package var unproven: [String]

    package init(
        runbook: RunbookShown, madeAt: Timestamp, targets: [TargetShown], apps: [String: String],
        containers: [String: String] = [:], inputs: [String: String], backups: [BackupShown], parts: [Part], duration: Expectation?,
        missing: [String], confirmations: [Confirmation], unproven: [String]
    ) {
        self.runbook = runbook
        self.madeAt = madeAt
        self.targets = targets
        self.apps = apps
        self.containers = containers
        self.inputs = inputs
        self.backups = backups
        self.parts = parts
        self.duration = duration
        self.missing = missing
        self.confirmations = confirmations
        self.unproven = unproven
    }

    /// How many effects there are of a kind; what is not there is not destroyed.
    package func count(_ verb: Effect.Verb) -> Int {
        steps.flatMap(\.effects).count { $0.verb == verb && !(verb == .destroy && $0.amount == .absent) }
    }

    /// Steps of which nobody can say what they will do.
    package var unknownSteps: Int { steps.count { $0.unknown != nil } }

    package var steps: [StepShown] { parts.flatMap(\.steps) }
}

extension Plan {
    package struct RunbookShown: Sendable, Codable, Equatable {
        package var name: String
        package var title: String
        package var path: String
        package var sha256: String
        package var version: Int
        package var owner: String?
        package var reviewed: String?
        package var contacts: [Contact]

        package init(
            name: String, title: String, path: String, sha256: String, version: Int, owner: String?, reviewed: String?, contacts: [Contact]
        ) {
            self.name = name
            self.title = title
            self.path = path
            self.sha256 = sha256
            self.version = version
            self.owner = owner
            self.reviewed = reviewed
            self.contacts = contacts
        }
    }

    package struct Contact: Sendable, Codable, Equatable {
        package var name: String
        package var phone: String?
        package var mail: String?

        package init(name: String, phone: String?, mail: String?) {
            self.name = name
            self.phone = phone
            self.mail = mail
        }
    }

    package struct TargetShown: Sendable, Codable, Equatable {
        package var role: String
        package var name: String
        package var engine: String
        package var stage: String?
        package var address: String
        /// What the server calls itself, when it says so.
        package var system: String?
        /// Why it could not be asked.
        package var unreachable: String?
        /// Why somebody has to agree before something on it is destroyed; nil when nobody has to.
        package var guarded: String?

        package init(
            role: String, name: String, engine: String, stage: String?, address: String, system: String?, unreachable: String?,
            guarded: String?
        ) {
            self.role = role
            self.name = name
            self.engine = engine
            self.stage = stage
            self.address = address
            self.system = system
            self.unreachable = unreachable
            self.guarded = guarded
        }
    }

    package struct BackupShown: Sendable, Codable, Equatable {
        package var role: String
        package var id: String
        package var engine: String
        package var engineVersion: String
        package var recoveryPoint: Timestamp
        /// Seconds from its recovery point to the plan.
        package var ageSeconds: Double
        package var bytes: Int64
        package var totals: [String: Int64]
        package var chosen: String
        /// Nil: no drill has restored and verified it.
        package var proof: Proof?

        package struct Proof: Sendable, Codable, Equatable {
            package var at: Timestamp
            package var run: String?
            /// `drill monthly: passed`.
            package var words: String

            package init(at: Timestamp, run: String?, words: String) {
                self.at = at
                self.run = run
                self.words = words
            }
        }

        package init(
            role: String, id: String, engine: String, engineVersion: String, recoveryPoint: Timestamp, ageSeconds: Double, bytes: Int64,
            totals: [String: Int64], chosen: String, proof: Proof?
        ) {
            self.role = role
            self.id = id
            self.engine = engine
            self.engineVersion = engineVersion
            self.recoveryPoint = recoveryPoint
            self.ageSeconds = ageSeconds
            self.bytes = bytes
            self.totals = totals
            self.chosen = chosen
            self.proof = proof
        }
    }

    package struct Part: Sendable, Codable, Equatable {
        package var kind: RunResult.Part.Kind
        package var title: String
        package var steps: [StepShown]

        package init(kind: RunResult.Part.Kind, title: String, steps: [StepShown]) {
            self.kind = kind
            self.title = title
            self.steps = steps
        }
    }

    package struct StepShown: Sendable, Codable, Equatable {
        package var path: String
        package var name: String
        package var kind: String
        package var effects: [Effect]
        /// Why nobody can say what it will do: `unreachable: …`, `lifeboat cannot see what exec does`.
        package var unknown: String?
        /// Why it is left out.
        package var skipped: String?
        /// A person does it, or is asked.
        package var needsPerson: Bool
        package var duration: Expectation?

        package init(
            path: String, name: String, kind: String, effects: [Effect] = [], unknown: String? = nil, skipped: String? = nil,
            needsPerson: Bool = false, duration: Expectation? = nil
        ) {
            self.path = path
            self.name = name
            self.kind = kind
            self.effects = effects
            self.unknown = unknown
            self.skipped = skipped
            self.needsPerson = needsPerson
            self.duration = duration
        }
    }

    /// How long something took before.
    package struct Expectation: Sendable, Codable, Equatable {
        package var lastSeconds: Double
        package var medianSeconds: Double
        package var runs: Int

        /// Nil for no times at all.
        init?(newestFirst times: [Double]) {
            guard let last = times.first else { return nil }
            let sorted = times.sorted()
            let middle = sorted.count / 2
            self.init(
                lastSeconds: last,
                medianSeconds: sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle],
                runs: times.count)
        }

        package init(lastSeconds: Double, medianSeconds: Double, runs: Int) {
            self.lastSeconds = lastSeconds
            self.medianSeconds = medianSeconds
            self.runs = runs
        }
    }

    package struct Confirmation: Sendable, Codable, Equatable {
        package var target: String
        package var because: String
        package var effects: [Effect]

        package init(target: String, because: String, effects: [Effect]) {
            self.target = target
            self.because = because
            self.effects = effects
        }
    }
}
