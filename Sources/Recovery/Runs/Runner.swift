internal import Synchronization

/// Carries a program out: the steps of a part in order, each written down before and after, `always` at the end whatever happened.
package struct Runner: Sendable {
    package let program: Program
    package let journal: Journal
    package let services: StepServices
    package let gate: Guard
    package let interruption: Interruption
    package let progress: any Progress
    package let run: RunID
    package let isDrill: Bool
    package let redact: Redactor
    package let standing: RunStanding
    package let steering: Steering
    let watch: DiskWatch?

    /// How the steps of a run went, before objectives and clean-up are looked at.
    package struct Verdict: Sendable {
        package var outcomes: [RunOutcome] = []
        /// The failure that decided the outcome; of several alike the first.
        package var failure: Failure?
        package var failedStep: String?

        package init() {}

        /// Several in one, in the order of the document. What is told is the failure that decided the outcome.
        init(_ verdicts: [Verdict]) {
            outcomes = verdicts.flatMap(\.outcomes)
            let decisive = verdicts.first { !$0.outcomes.isEmpty && $0.outcome == outcome }
            (failure, failedStep) = (decisive?.failure, decisive?.failedStep)
        }

        package var outcome: RunOutcome { RunOutcome.worst(outcomes) }

        /// One more outcome; what led to it is told if it is worse than all before it. A signal is no reason for what broke before.
        mutating func add(_ outcome: RunOutcome, _ failure: Failure?, at step: String? = nil) {
            let isTold = failure != nil || self.failure == nil
            if isTold, RunOutcome.worst([self.outcome, outcome]) != self.outcome { (self.failure, failedStep) = (failure, step) }
            outcomes.append(outcome)
        }

        /// A server that died is the reason of what broke, and what broke is no fault of the backup's.
        mutating func explain(by death: Failure) {
            guard let failure, outcomes.contains(where: \.isBroken) else { return }
            let explained = Failure(death.kind, death.problem, hint: death.hint, cause: death.cause ?? failure)
            // What was found out beside it stands, and decides.
            if outcome.isBroken { self.failure = explained }
            outcomes = outcomes.map { $0.isBroken ? RunOutcome(explained) : $0 }
        }
        /// Whether a step has gone wrong, so that `when: failed` applies.
        package var hasFailed: Bool { outcomes.contains { $0 != .passed && $0 != .incomplete } }
    }

    /// Goes through all parts. Never throws: what went wrong is in the verdict.
    ///
    /// - Parameters:
    ///   - history: what earlier lives of this run did; steps they finished and whose effect still stands are not repeated.
    ///   - hindrance: why no step can be taken; then only `always` is.
    ///   - isSetAside: whether it is not over, so that `always` is not done yet.
    func carryOut(
        after history: RunHistory?, hinderedBy hindrance: Failure? = nil, isSetAside: (Verdict) async -> Bool
    ) async -> Verdict {
        var verdict = Verdict()
        if let hindrance {
            verdict.failure = hindrance.redacted(by: redact)
            verdict.outcomes.append(RunOutcome(hindrance))
        } else {
            verdict = await carryOutParts(after: history)
        }
        if let signal = interruption.signal {
            verdict.outcomes.append(.interrupted(signal))
        } else if verdict.outcomes.isEmpty, await !verifiedSomething() {
            verdict.outcomes.append(.unverified)
        }
        standing.end(with: verdict)
        // A run that waits for a person is not over: `always` belongs to its end.
        guard verdict.outcome != .paused, await !isSetAside(verdict) else { return verdict }
        for part in program.parts where part.isAlways { await carryOutAlways(part, after: history, &verdict) }
        return verdict
    }

    /// Clean-up that a person asked for: runs after failure and cancellation alike, and its own failures are notices.
    private func carryOutAlways(_ part: Program.Part, after history: RunHistory?, _ verdict: inout Verdict) async {
        let soFar = verdict
        let troubles = await withCheckedContinuation { (done: CheckedContinuation<[RunOutcome], Never>) in
            // A task of its own, so that the cancellation that ended the run does not reach it; a second signal does.
            let task = Task {
                var troubles: [RunOutcome] = []
                for step in part.steps {
                    if await wasDoneAtTheEnd(step, of: history) { continue }
                    let end = await StepAttempts(runner: self, part: part, step: step, history: history, verdict: soFar).carryOut()
                    guard end.problem != nil else { continue }
                    troubles.append(.incomplete)
                    let words = end.failure?.problem ?? "it did not pass"
                    try? await journal.record(
                        .notice(Notice(text: redact("'\(step.kept.name)' (always) did not succeed: \(words)"), isTrouble: true)))
                }
                done.resume(returning: troubles)
            }
            interruption.onArrival { count in if count > 1 { task.cancel() } }
        }
        verdict.outcomes += troubles
    }

    /// Whether an earlier life has come so far that it did this step, and nothing was done since: then its end is still the end.
    private func wasDoneAtTheEnd(_ step: ProgramStep, of history: RunHistory?) async -> Bool {
        guard let history, history.finished.contains(step.kept.path) else { return false }
        let isAlways = Set(program.parts.filter(\.isAlways).flatMap { $0.steps.map(\.kept.path) }).contains
        let last = await journal.events.last { line in
            switch line.event {
            case .stepStarted(let start): !isAlways(start.path) || start.path == step.kept.path
            case .stepEnded(let end): !isAlways(end.path) || end.path == step.kept.path
            case .runEnded: true
            default: false
            }
        }
        guard case .stepEnded(let end)? = last?.event else { return false }
        return end.path == step.kept.path
    }

    /// Whether any recovery step of this run has compared anything. That stores belong together says nothing of what is in them.
    private func verifiedSomething() async -> Bool {
        let recovery = Set(program.parts.filter { $0.kept.kind == .runbook }.flatMap { $0.steps.map(\.kept.path) })
        return await journal.events.contains { line in
            guard case .stepEnded(let end) = line.event, end.status == .passed, recovery.contains(end.path) else { return false }
            return end.phases.contains { $0.phase == .verify } && end.checks.contains { $0.compared > 0 }
        }
    }
}

/// How the run stands, for steps that tell somebody.
package final class RunStanding: Sendable {
    private struct State {
        /// By place of the part.
        var parts: [Int: Runner.Verdict] = [:]
        /// Of the whole run, once all parts have come to their ends.
        var whole: Runner.Verdict?
    }
    private let state = Mutex(State())

    package init() {}

    package var verdict: Runner.Verdict {
        state.withLock { $0.whole ?? Runner.Verdict($0.parts.sorted { $0.key < $1.key }.map(\.value)) }
    }

    func note(_ verdict: Runner.Verdict, of place: Int) { state.withLock { $0.parts[place] = verdict } }
    func end(with verdict: Runner.Verdict) { state.withLock { $0.whole = verdict } }
}
