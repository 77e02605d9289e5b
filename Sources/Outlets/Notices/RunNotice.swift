import Recovery

/// What is told to the outside about a run: how it went, where to look. Never what is in the data: no expected or
/// actual values, and no words of a server, which may quote rows.
package struct RunNotice: Sendable, Equatable {
    package var run: String
    package var kind: RunResult.Kind
    /// Name of the drill or runbook.
    package var name: String
    /// Nil while the run is still going on.
    package var outcome: RunOutcome?
    package var rehearsal: Bool
    /// Path and name of the step it ended at.
    package var failedStep: String?
    /// Results that did not hold, and comparisons that could not be made.
    package var findings: Int
    package var tookSeconds: Double
    package var at: Timestamp
    /// What the runbook's author wanted to have said.
    package var words: String?
    package var host: String
    /// Where the report lies, for people: a path or an address.
    package var report: String?

    package init(
        run: String, kind: RunResult.Kind, name: String, outcome: RunOutcome?, rehearsal: Bool = false, failedStep: String? = nil,
        findings: Int = 0, tookSeconds: Double, at: Timestamp, host: String, words: String? = nil, report: String? = nil
    ) {
        self.run = run
        self.kind = kind
        self.name = name
        self.outcome = outcome
        self.rehearsal = rehearsal
        self.failedStep = failedStep
        self.findings = findings
        self.tookSeconds = tookSeconds
        self.at = at
        self.words = words
        self.host = host
        self.report = report
    }

    package init(_ result: RunResult, words: String? = nil, report: String? = nil) {
        self.init(
            run: result.run, kind: result.kind, name: result.name, outcome: result.outcome, rehearsal: result.rehearsal,
            failedStep: result.step(at: result.failedStep).map { "\($0.path) \($0.name)" },
            findings: result.checks.differed + result.checks.undetermined, tookSeconds: result.tookSeconds, at: result.endedAt,
            host: result.evidence.host, words: words, report: report)
    }
}
