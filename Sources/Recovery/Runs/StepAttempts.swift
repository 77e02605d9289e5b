/// One step through all its attempts.
struct StepAttempts: Sendable {
    let runner: Runner
    let part: Program.Part
    let step: ProgramStep
    let history: RunHistory?
    let verdict: Runner.Verdict

    struct End: Sendable {
        /// Nil: the run goes on as if nothing had happened.
        var problem: RunOutcome?
        var failure: Failure?
    }

    func carryOut() async -> End {
        if let reason = runner.steering.skipped[step.kept.path] {
            return isLeftOutAlready ? End() : await skip(because: reason)
        }
        if let reason = reasonNotToRun() { return await skip(because: reason) }
        let done = history?.begun[step.kept.path]?.last?.attempt ?? 0
        if let end = await standing(afterAttempt: done) { return end }
        var last = End()
        for number in 1...max(1, step.frame.attempts) {
            last = await attempt(done + number)
            guard let failure = last.failure, failure.isWorthRetrying, number < step.frame.attempts, signal == nil
            else {
                return last
            }
            let pause = step.frame.pause(beforeAttempt: number + 1)
            runner.progress.say(.warning("\(step.kept.path) \(failure.problem); trying again in \(Int(pause.inSeconds)) s"))
            guard (try? await services.time.sleep(for: pause)) != nil else { return last }
            if let end = await takeBack(done + number) { return end }
        }
        return last
    }

    /// What is told within a step says which one it is of, where others can be under way.
    var services: StepServices {
        var services = runner.services
        if runner.program.order.goesSideBySide {
            services.say = { [path = step.kept.path, say = runner.services.say] in say("\(path): \($0)") }
        }
        return services
    }

    /// The signal that has stopped this step, if one has. What is always done at the end goes on after the first one.
    var signal: RunOutcome.Signal? {
        part.isAlways && runner.interruption.count < 2 ? nil : runner.interruption.signal
    }

    /// Before a step that is not safe to repeat is tried again: an end when what it did cannot be taken back.
    private func takeBack(_ number: Int) async -> End? {
        do {
            let action = try step.read(await facts())
            if action.rerun == .afterUndo { try await action.undo(in: await context(for: action, attempt: number)) }
            return nil
        } catch {
            return broken(by: error)
        }
    }

    private func reasonNotToRun() -> String? {
        switch step.frame.when {
        case .always: nil
        case .failed: verdict.hasFailed ? nil : "nothing has failed"
        case .passed: verdict.hasFailed ? "something has failed" : nil
        }
    }

    /// An earlier life has written it down.
    private var isLeftOutAlready: Bool {
        guard let history, let ended = history.ended[step.kept.path]?.last, ended.status == .skipped else { return false }
        return ended.attempt > (history.begun[step.kept.path]?.last?.attempt ?? 0)
    }

    private func skip(because reason: String) async -> End {
        let attempt = (history?.begun[step.kept.path]?.last?.attempt ?? 0) + 1
        runner.progress.say(.stepEnded(path: step.kept.path, name: step.kept.name, status: .skipped, seconds: 0, summary: reason))
        do {
            try await record(
                .stepEnded(
                    StepEnded(path: step.kept.path, attempt: attempt, status: .skipped, because: reason, exercised: false, seconds: 0)))
            return End()
        } catch {
            return broken(by: error)
        }
    }

    func broken(by error: any Error) -> End {
        let failure = Failure.wrapping(error, while: step.kept.name).redacted(by: runner.redact)
        return End(problem: RunOutcome(failure), failure: failure)
    }

    // MARK: One attempt

    private func attempt(_ number: Int) async -> End {
        let path = step.kept.path
        let start = services.time.uptime
        runner.progress.say(.stepStarted(path: path, name: step.kept.name, attempt: number))
        var notes: [String] = []
        do {
            let action = try step.read(await facts())
            let reach = part.bindings.reach(of: action, in: step.frame)
            if action.uses.target != .none || !action.uses.places.isEmpty || action.uses.isOpaque && step.kept.phase != .human {
                try await runner.gate.meet(reach)
            }
            let effects = try await action.effects(reading: await reading(for: action)).map { $0.redacted(by: runner.redact) }
            let act = Guard.Act(step: step.kept, effects: effects, isOpaque: action.uses.isOpaque, reach: reach)
            if let failure = await runner.journal.failure, !part.isAlways || act.mayDestroy { throw failure }
            notes = try await runner.gate.allow(act, backups: part.bindings.backups, say: services.say)
            try await record(
                .stepStarted(StepStarted(path: path, attempt: number, generation: runner.program.generation, effects: effects)))
            // What may destroy something is written down before, also when it is always to be done.
            if act.mayDestroy, let failure = await runner.journal.failure { throw failure }
            let context = await context(for: action, attempt: number, agreed: effects)
            let result = try await withTimeout(step.frame.timeout, services.time, "'\(step.kept.name)'") {
                guard let watch = runner.watch, !part.isAlways else { return try await action.run(in: context) }
                return try await watch.during { try await action.run(in: context) }
            }
            return await finish(number, result, notes: notes, since: start)
        } catch {
            return await finish(number, error, notes: notes, since: start)
        }
    }

    private func finish(_ number: Int, _ result: StepResult, notes: [String], since start: Duration) async -> End {
        let seconds = (services.time.uptime - start).inSeconds
        let findings = result.checks.filter(\.isFinding)
        let status: StepRecord.Status = findings.isEmpty ? .passed : .failed
        let end = StepEnded(
            path: step.kept.path, attempt: number, status: status, exercised: result.exercised, seconds: seconds,
            phases: completed(result.phases, seconds), checks: result.checks.map(redacted), facts: result.facts.mapValues(redacted),
            notes: (notes + result.notes).map(runner.redact.callAsFunction), notExercised: result.notExercised, tools: result.tools)
        runner.progress.say(
            .stepEnded(path: step.kept.path, name: step.kept.name, status: status, seconds: seconds, summary: summary(result, findings)))
        do { try await record(.stepEnded(end)) } catch { return broken(by: error) }
        guard let first = findings.first else { return End() }
        let others = findings.count == 1 ? "" : ", and \(findings.count - 1) more"
        return End(
            problem: .failed,
            failure: Failure(
                .differs,
                runner.redact(
                    "verification found differences: \(first.subject), \(first.aspect): expected \(first.expected), found \(first.actual)\(others)"
                ),
                hint: "the report lists every finding"))
    }

    private func finish(_ number: Int, _ error: any Error, notes: [String], since start: Duration) async -> End {
        let seconds = (services.time.uptime - start).inSeconds
        var (status, end, because) = judge(error)
        end.failure = end.failure?.redacted(by: runner.redact)
        because = because.map(runner.redact.callAsFunction)
        let record = StepEnded(
            path: step.kept.path, attempt: number, status: status, because: because, exercised: false, seconds: seconds,
            phases: [PhaseTime(step.kept.phase, seconds: seconds)], notes: notes.map(runner.redact.callAsFunction),
            failure: end.failure?.record)
        runner.progress.say(
            .stepEnded(
                path: step.kept.path, name: step.kept.name, status: status, seconds: seconds,
                summary: end.failure?.problem ?? because ?? ""))
        do { try await self.record(.stepEnded(record)) } catch {
            return end.problem == nil ? broken(by: error) : end
        }
        return end
    }

    private func judge(_ error: any Error) -> (StepRecord.Status, End, String?) {
        if let signal { return (.interrupted, End(problem: .interrupted(signal)), "stopped by a signal") }
        switch error {
        case let skipped as Skipped: return (.skipped, End(), skipped.because)
        case let paused as Paused: return (.paused, End(problem: .paused, failure: Failure(.declined, paused.words)), paused.words)
        case is CancellationError:
            let failure = Failure(.bug, "'\(step.kept.name)' was cancelled by nobody")
            return (.broke, End(problem: .broke(.bug), failure: failure), nil)
        default:
            let failure = Failure.wrapping(error, while: step.kept.name)
            let outcome = RunOutcome(failure)
            return (outcome == .failed ? .failed : .broke, End(problem: outcome, failure: failure), nil)
        }
    }

    /// `always` is done though the journal takes nothing any more; the run as a whole ends with that failure.
    private func record(_ event: JournalEvent) async throws {
        do { try await runner.journal.record(event) } catch { guard part.isAlways else { throw error } }
    }

    // MARK: What the step is given

    func facts() async -> [String: [String: Fact]] {
        guard let now = try? RunHistory(await runner.journal.events, of: runner.run) else { return [:] }
        return now.facts(of: runner.program.parts.map(\.kept).filter { $0.sharesIds(with: part.kept) })
    }

    private func target(for action: any Step) -> (any EngineTarget)? { part.bindings.target(for: action, in: step.frame) }

    /// What all attempts have written down, in this life and in earlier ones, on servers that still live.
    func remembered() async -> [String: Fact] {
        (try? RunHistory(await runner.journal.events, of: runner.run))?.remembered[step.kept.path] ?? [:]
    }

    func reading(for action: any Step) async -> StepReading {
        StepReading(
            isDrill: runner.isDrill, target: target(for: action)?.reading, backups: part.bindings.backups, apps: part.bindings.apps,
            remembered: await remembered())
    }

    func context(for action: any Step, attempt: Int, agreed: [Effect] = []) async -> StepContext {
        let path = step.kept.path
        let journal = runner.journal
        return StepContext(
            run: runner.run, path: path, attempt: attempt, isDrill: runner.isDrill, target: target(for: action),
            backups: part.bindings.backups, apps: part.bindings.apps, alerts: part.bindings.alerts, agreed: agreed,
            remembered: await remembered(), services: services,
            places: part.bindings.places(of: action).mapValues(\.reading),
            remember: { key, value in
                try await journal.record(.stepRemembered(StepRemembered(path: path, attempt: attempt, key: key, value: value)))
            })
    }

    // MARK: Words

    /// The step's own phase gets what its named phases leave of the time.
    private func completed(_ phases: [PhaseTime], _ seconds: Double) -> [PhaseTime] {
        let rest = seconds - phases.reduce(0) { $0 + $1.seconds }
        return rest > 0.0005 || phases.isEmpty ? phases + [PhaseTime(step.kept.phase, seconds: max(0, rest))] : phases
    }

    private func summary(_ result: StepResult, _ findings: [CheckResult]) -> String {
        if !findings.isEmpty { return findings.count == 1 ? "1 finding" : "\(findings.count) findings" }
        let tally = CheckTally(result.checks)
        if tally.compared > 0 { return "\(tally.compared) compared, all held" }
        return runner.redact(result.notes.first ?? (result.exercised ? "" : "nothing to do"))
    }

    private func redacted(_ check: CheckResult) -> CheckResult {
        CheckResult(
            runner.redact(check.subject), check.aspect, expected: runner.redact(check.expected), actual: runner.redact(check.actual),
            verdict: check.verdict, compared: check.compared, tolerance: check.tolerance)
    }

    private func redacted(_ fact: Fact) -> Fact {
        if case .text(let text) = fact { .text(runner.redact(text)) } else { fact }
    }
}
