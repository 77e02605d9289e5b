/// What an earlier life of the run has left of a step, and what follows from that.
extension StepAttempts {
    /// An end when nothing is to be done any more, nil when the step is to be attempted.
    func standing(afterAttempt done: Int) async -> End? {
        // What is always done at the end is done at each end.
        guard let history, done > 0, !part.isAlways else { return nil }
        let path = step.kept.path
        if runner.steering.again.contains(path) { return await doAgain(done) }
        let ended = history.ended[path]?.last
        let touchesDeadServers =
            history.begun[path]?.last?.generation != runner.program.generation
            || (runner.program.appsAreNew && step.kept.kind.hasPrefix("app."))
        if let ended, ended.attempt == done, ended.status == .passed || ended.status == .skipped {
            // What was done on servers that are gone has to be done again; a person's answer and a sent notice stand.
            if touchesDeadServers { return actsOnServers ? nil : End() }
            return runner.isDrill || ended.status == .skipped ? End() : await judgeFinished(done)
        }
        // A person who was asked and has not answered is asked again.
        if let ended, ended.attempt == done, ended.status == .paused { return nil }
        return await judgeUnfinished(done, touchesDeadServers: touchesDeadServers, ended?.attempt == done ? ended : nil)
    }

    private var actsOnServers: Bool { step.kept.phase != .human && step.kept.kind != "notify" }

    // MARK: Unfinished

    /// An attempt began and did not pass, so that it may be half done.
    ///
    /// - Parameter ended: how it ended, if it lived to say so: stopped by a signal, too slow, or failed.
    private func judgeUnfinished(_ done: Int, touchesDeadServers: Bool, _ ended: StepEnded?) async -> End? {
        if touchesDeadServers && actsOnServers { return nil }
        do {
            let action = try step.read(await facts())
            switch try await action.reconcile(reading: await reading(for: action)) {
            case .done:
                try await runner.journal.record(
                    .stepEnded(
                        StepEnded(
                            path: step.kept.path, attempt: done, status: .passed, seconds: 0, facts: await remembered(),
                            notes: ["found done after the interruption; not repeated"])))
                return End()
            case .notDone: return nil
            case .partial, .unknown: break
            }
            switch action.rerun {
            case .safe: return nil
            case .afterUndo:
                try await undo(action, done, wasFinished: false)
                return nil
            case .never:
                let words = ended.flatMap(\.failure).map { "did not succeed (\($0.problem))" } ?? "was interrupted"
                return pause(
                    "step \(step.kept.path) '\(step.kept.name)' \(words), and only a person can tell how far it got",
                    whenDone: "when it is done")
            }
        } catch {
            return stopped(by: error)
        }
    }

    /// Takes an unfinished attempt back. On a target that may not be the one it began on, somebody is asked first.
    private func undo(_ action: any Step, _ done: Int, wasFinished: Bool) async throws {
        let effects = history?.begun[step.kept.path]?.last?.effects ?? []
        try await runner.gate.allowUndo(
            of: effects, wasFinished: wasFinished, filledFrom: action.fills.flatMap { part.bindings.backups[$0] },
            reach: part.bindings.reach(of: action, in: step.frame), say: services.say)
        try await action.undo(in: await context(for: action, attempt: done))
    }

    /// Somebody has said that the step is to be done again, finished or not.
    private func doAgain(_ done: Int) async -> End? {
        do {
            let action = try step.read(await facts())
            if action.rerun == .afterUndo { try await undo(action, done, wasFinished: true) }
            return nil
        } catch {
            return stopped(by: error)
        }
    }

    // MARK: Finished, on targets that outlive the run

    /// A finished step is repeated only when its effect is gone, and then somebody is asked.
    private func judgeFinished(_ done: Int) async -> End? {
        let action: any Step
        do { action = try step.read(await facts()) } catch { return stopped(by: error) }
        if step.kept.kind == BackupTakeStep.kind {
            // The target may have changed since the copy was taken; once it is being destroyed, the old copy is the better one.
            return wasDestroyedSince(action) ? End() : nil
        }
        guard !isSuperseded(action) else { return End() }
        let words: String
        do {
            switch try await action.reconcile(reading: await reading(for: action)) {
            case .done, .unknown: return End()
            case .notDone: words = "what it did is gone"
            case .partial(let found): words = found
            }
        } catch {
            let failure = Failure.wrapping(error, while: step.kept.name)
            return pause(
                "whether step \(step.kept.path) '\(step.kept.name)' still stands cannot be told: \(failure.problem)",
                whenDone: "when it does")
        }
        do { return try await askAboutRepeating(action, done, because: words) } catch { return stopped(by: error) }
    }

    private func askAboutRepeating(_ action: any Step, _ done: Int, because words: String) async throws -> End? {
        let problem = "step \(step.kept.path) '\(step.kept.name)' was finished before the interruption, and now: \(words)"
        let people = services.people
        guard people.canAnswer else { return pause(problem, whenDone: "to leave it as it is") }
        switch try await people.ask("\(problem)\nType 'again' to do it again, 'leave' to go on without: ") {
        case "again":
            // Whoever types this has just been told what is there, and agrees to that.
            if action.rerun == .afterUndo { try await undo(action, done, wasFinished: false) }
            return nil
        case "leave": return End()
        default: return pause(problem, whenDone: "to leave it as it is")
        }
    }

    /// Whether a later step has begun that destroys something on the step's target, or that lifeboat cannot see into.
    private func wasDestroyedSince(_ action: any Step) -> Bool {
        let names = part.bindings.reach(of: action, in: step.frame).map(\.name)
        return laterSteps.contains { later in
            guard let starts = history?.begun[later.kept.path] else { return false }
            if let uses = try? later.foresee().uses, uses.isOpaque, later.kept.phase != .human { return true }
            return starts.contains { Guard.Act.destroyed($0.effects).contains { names.contains($0.object.target) } }
        }
    }

    /// A later step has begun to work on the same object, or with the same application: what is there now is that step's doing.
    private func isSuperseded(_ action: any Step) -> Bool {
        let objects = Set((history?.begun[step.kept.path]?.last?.effects ?? []).map(\.object))
        return laterSteps.contains { later in
            guard let start = history?.begun[later.kept.path]?.last else { return false }
            if !objects.isDisjoint(with: start.effects.map(\.object)) { return true }
            guard !action.uses.apps.isEmpty, let apps = try? later.foresee().uses.apps else { return false }
            return !Set(apps).isDisjoint(with: action.uses.apps)
        }
    }

    private var laterSteps: ArraySlice<ProgramStep> {
        let steps = runner.program.parts.filter { !$0.isAlways }.flatMap(\.steps)
        guard let place = steps.firstIndex(where: { $0.kept.path == step.kept.path }) else { return [] }
        return steps[(place + 1)...]
    }

    // MARK: Ends

    private func pause(_ words: String, whenDone purpose: String) -> End {
        let path = step.kept.path
        return End(
            problem: .paused,
            failure: Failure(
                .refused, runner.redact(words),
                hint: "look, then `lifeboat resume \(runner.run) --skip \(path)` \(purpose), or `--from \(path)` to do it again"))
    }

    private func stopped(by error: any Error) -> End {
        if let signal { return End(problem: .interrupted(signal)) }
        guard let paused = error as? Paused else { return broken(by: error) }
        return End(problem: .paused, failure: Failure(.declined, runner.redact(paused.words)))
    }
}
