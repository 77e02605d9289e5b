/// What became of one step, over all its attempts.
package struct StepRecord: Sendable, Codable, Equatable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        case passed
        /// It compared, and something differed; or the backup it used is damaged.
        case failed
        case broke
        /// Left out on purpose; `because` says why.
        case skipped
        /// Waits for a person.
        case paused
        case interrupted
        /// The run ended before its turn.
        case notReached = "not-reached"
    }

    package struct Attempt: Sendable, Codable, Equatable {
        package let number: Int
        /// Seconds since the start of the run, pauses between interruption and resume left out.
        package let offsetSeconds: Double
        package let tookSeconds: Double
        package let status: Status
        /// Why this attempt did not pass, in one sentence; the step's own failure is that of its last attempt.
        package let problem: String?

        package init(number: Int, offsetSeconds: Double, tookSeconds: Double, status: Status, problem: String? = nil) {
            self.number = number
            self.offsetSeconds = offsetSeconds
            self.tookSeconds = tookSeconds
            self.status = status
            self.problem = problem
        }
    }

    /// Its place: `1.4` is the fourth step of the first runbook, `given.1`, `always.2`.
    package var path: String
    package var id: String?
    package var name: String
    package var kind: String
    package var status: Status
    package var because: String?
    /// False: it found nothing to do, so the drill has not tried it out.
    package var exercised: Bool
    package var attempts: [Attempt]
    /// How the last attempt's time divides, in the order of the phases' beginnings.
    package var phases: [PhaseTime]
    package var effects: [Effect]
    package var checks: [CheckResult]
    package var facts: [String: Fact]
    /// Short lines worth keeping: what was done, in the step's own words.
    package var notes: [String]
    package var failure: FailureRecord?

    package init(
        path: String, id: String?, name: String, kind: String, status: Status, because: String? = nil, exercised: Bool = true,
        attempts: [Attempt] = [], phases: [PhaseTime] = [], effects: [Effect] = [], checks: [CheckResult] = [],
        facts: [String: Fact] = [:], notes: [String] = [], failure: FailureRecord? = nil
    ) {
        self.path = path
        self.id = id
        self.name = name
        self.kind = kind
        self.status = status
        self.because = because
        self.exercised = exercised
        self.attempts = attempts
        self.phases = phases
        self.effects = effects
        self.checks = checks
        self.facts = facts
        self.notes = notes
        self.failure = failure
    }

    /// Time spent in all attempts.
    package var tookSeconds: Double { attempts.reduce(0) { $0 + $1.tookSeconds } }
}
