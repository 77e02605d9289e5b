/// One run from its folder to its reports: what drills and real runs have in common.
package struct RunSession: Sendable {
    package let world: World
    package let started: RunStarted
    package let folder: any RunFolder
    package let journal: Journal
    /// What earlier lives of the run did; nil for a new one.
    package let history: RunHistory?

    package var run: RunID { started.run }

    /// What was said about single steps, in this life and earlier ones.
    package var steering: Steering { history?.steering ?? RunHistory(started, []).steering }

    /// What is left when a run has ended.
    package struct Ended: Sendable {
        package let result: RunResult
        /// Paths of the reports that were written.
        package let reports: [String]
    }

    /// Starts a run: its folder exists, is ours, and holds the first event.
    package static func begin(_ started: RunStarted, in world: World) async throws -> RunSession {
        let folder = try await world.folders.create(started.run)
        let journal = Journal(folder, time: world.time, boot: world.host.boot)
        do { try await journal.record(.runStarted(started)) } catch {
            await folder.discard()
            throw Failure(
                .journal, "run \(started.run) cannot begin without a journal",
                hint: "make room, or point `state:` (or $LIFEBOAT_STATE) at another disk", cause: (error as? Failure)?.cause ?? error)
        }
        return RunSession(world: world, started: started, folder: folder, journal: journal, history: nil)
    }

    /// Takes an unfinished run up again: its lock is ours, a torn tail is cut off, and the journal says so.
    ///
    /// Throws `Failure(.lockHeld)` while the run is alive, `Failure(.refused)` for one that has ended for good, `Failure(.usage)` for
    /// choices of steps that it does not have.
    package static func resume(
        _ run: RunID, in world: World, choosing choices: StepChoices = .none, changedDocuments: (RunStarted) -> [String]
    ) async throws -> RunSession {
        let folder = try await world.folders.open(run)
        do {
            let contents = try JournalReader.read(try await folder.read(), of: run)
            let history = try RunHistory(contents.lines, of: run)
            if let end = history.end, !end.outcome.mayGoOn {
                throw Failure(
                    .refused, "run \(run) has ended: \(end.outcome.word)", hint: "`lifeboat report \(run)` shows it; begin a new one")
            }
            let mistakes = choices.mistakes(in: history.started.parts)
            guard mistakes.isEmpty else { throw Failure(.usage, mistakes: mistakes, in: "run \(run) cannot be resumed like this") }
            if contents.tornBytes > 0 { try await folder.truncate(to: Int64(contents.wholeBytes)) }
            let journal = Journal(folder, time: world.time, boot: world.host.boot, continuing: contents.lines)
            let changed = changedDocuments(history.started)
            for path in changed {
                world.progress.say(.warning("\(path) has changed since the run began; it goes on with the text that it began with"))
            }
            try await journal.record(
                .runResumed(
                    RunResumed(
                        host: world.host, cutBytes: contents.tornBytes, changedDocuments: changed,
                        choices: choices == .none ? nil : choices)))
            return RunSession(
                world: world, started: history.started, folder: folder, journal: journal,
                history: RunHistory(history.started, await journal.events))
        } catch {
            await folder.close()
            throw error
        }
    }

    /// The same run with all that it has done so far as its history, to go on on new servers.
    func goingOn() async -> RunSession {
        RunSession(world: world, started: started, folder: folder, journal: journal, history: RunHistory(started, await journal.events))
    }

    /// Carries a program out in this run's name. Copies that steps keep go to `copies`, which is told the folder for temporary files.
    ///
    /// - Parameters:
    ///   - hindrance: why no step can be taken; `always` is all the same.
    ///   - watch: ends steps when the disk of disposable servers runs full.
    ///   - isSetAside: whether the run is not over but begins again, so that `always` does not belong here.
    func carryOut(
        _ program: Program, gate: Guard, prover: Prover, copies: (String) -> any SafetyCopies, redact: Redactor,
        hinderedBy hindrance: Failure? = nil, watch: DiskWatch? = nil,
        isSetAside: (Runner.Verdict) async -> Bool = { _ in false }
    ) async -> Runner.Verdict {
        let standing = RunStanding()
        var hindrance = hindrance
        var scratch = "\(folder.path)/scratch"
        do { scratch = try await folder.scratch() } catch {
            hindrance = hindrance ?? Failure.wrapping(error, while: "making a folder for temporary files")
        }
        let runner = Runner(
            program: program, journal: journal, services: services(prover, copies(scratch), scratch, standing), gate: gate,
            interruption: world.interruption, progress: world.progress, run: run, isDrill: started.kind == .drill, redact: redact,
            standing: standing, steering: steering, watch: watch)
        return await runner.carryOut(after: history, hinderedBy: hindrance, isSetAside: isSetAside)
    }

    /// What steps reach the world through.
    private func services(_ prover: Prover, _ copies: any SafetyCopies, _ scratch: String, _ standing: RunStanding) -> StepServices {
        let world = world
        let session = self
        return StepServices(
            time: world.time, commands: world.commands, web: world.web, people: world.people, digests: world.digests,
            inventories: world.inventories, prover: prover, taker: copies,
            examine: { backup, scratch in try await world.engine(backup.manifest.engine).examine(backup, scratch: scratch) },
            notify: world.notify, scratch: scratch,
            standing: { await session.result(standing.verdict) },
            say: { world.progress.say(.detail($0)) })
    }

    /// The result as it would be if the run ended now.
    package func result(_ verdict: Runner.Verdict) async -> RunResult {
        let outcome = verdict.outcome
        var result = RunResult(RunHistory(started, await journal.events), journalPath: "\(folder.path)/journal.jsonl", journalSHA256: nil)
        result.outcome = outcome
        result.exitCode = outcome.exitCode(inDrill: started.kind == .drill)
        result.failure = verdict.failure?.record
        result.failedStep = verdict.failedStep
        return result
    }

    /// A prover whose proofs are written down.
    package func prover() -> Prover {
        Prover(digests: world.digests, time: world.time) { [journal] proven in try await journal.record(.proven(proven)) }
    }

    /// Writes the end, the reports, and gives the folder back. Never throws: what goes wrong here is told in the result.
    package func end(_ verdict: Runner.Verdict, formats: [ReportWord], next: [RunResult.NextCommand]) async -> Ended {
        await uncancelled { await finish(verdict, formats: formats, next: next) }
    }

    private func finish(_ verdict: Runner.Verdict, formats: [ReportWord], next: [RunResult.NextCommand]) async -> Ended {
        var verdict = verdict
        if verdict.outcome != .paused, verdict.outcome != .interrupted(.interrupt), verdict.outcome != .interrupted(.terminate) {
            do { try await folder.removeScratch() } catch {
                await trouble("temporary files of the run could not be removed: \(error)", &verdict)
            }
        }
        var journalHash: String?
        do { journalHash = world.digests.sha256(try await folder.read()) } catch {
            await trouble("the journal could not be read for its hash: \(error)", &verdict)
        }
        var result = await writeEnd(&verdict, journalHash, next)
        var written = await write(formats, result, &verdict)
        if written.count < formats.count {
            // Those that could be written are not to say that all is well.
            result = await writeEnd(&verdict, journalHash, next)
            written = await write(written.map(\.format), result, &verdict)
        }
        await folder.close()
        return Ended(result: result, reports: written.map(\.path))
    }

    private func writeEnd(_ verdict: inout Runner.Verdict, _ journalHash: String?, _ next: [RunResult.NextCommand]) async -> RunResult {
        let outcome = verdict.outcome
        try? await journal.record(
            .runEnded(
                RunEnded(
                    outcome: outcome, exitCode: outcome.exitCode(inDrill: started.kind == .drill), failure: verdict.failure?.record,
                    failedStep: verdict.failedStep, next: next)))
        var result = RunResult(
            RunHistory(started, await journal.events), journalPath: "\(folder.path)/journal.jsonl", journalSHA256: journalHash)
        // An end that is not on disk is no end: whoever looks there finds a run that can be resumed.
        if let broken = await journal.failure {
            verdict.add(RunOutcome(broken), broken)
            result.outcome = verdict.outcome
            result.exitCode = verdict.outcome.exitCode(inDrill: started.kind == .drill)
            result.failure = verdict.failure?.record ?? broken.record
            result.failedStep = verdict.failedStep
        }
        return result
    }

    /// Returns those that were written.
    private func write(
        _ formats: [ReportWord], _ result: RunResult, _ verdict: inout Runner.Verdict
    ) async -> [(format: ReportWord, path: String)] {
        var written: [(ReportWord, String)] = []
        for format in formats {
            do {
                let report = try world.render(result, format)
                try await folder.write(report.name, report.bytes)
                written.append((format, "\(folder.path)/\(report.name)"))
            } catch { await trouble("the \(format.rawValue) report could not be written: \(error)", &verdict) }
        }
        return written
    }

    /// Says at the start which backups are damaged or incomplete; the run goes on with one that is not.
    package static func warn(of passedOver: [PassedOver], in world: World) {
        for backup in passedOver where backup.isTrouble { world.progress.say(.warning(backup.words)) }
    }

    /// A newer backup that is damaged or incomplete turns a passed run into an incomplete one: at the very end, since the backup that
    /// was restored instead has earned its proof.
    package func judgePassedOver(_ verdict: inout Runner.Verdict) {
        guard !verdict.outcome.mayGoOn, (started.passedOver ?? []).contains(where: \.isTrouble) else { return }
        verdict.outcomes.append(.incomplete)
    }

    /// Something worth knowing that is no trouble.
    func tell(_ words: String) async {
        try? await journal.record(.notice(Notice(text: words, isTrouble: false)))
        world.progress.say(.detail(words))
    }

    /// Something that somebody should look into, and that says nothing against what the run found.
    func warn(_ words: String) async {
        try? await journal.record(.notice(Notice(text: words, isTrouble: false)))
        world.progress.say(.warning(words))
    }

    /// A trouble that turns a passed run into an incomplete one, and is told.
    package func trouble(_ words: String, _ verdict: inout Runner.Verdict) async {
        try? await journal.record(.notice(Notice(text: words, isTrouble: true)))
        world.progress.say(.warning(words))
        verdict.outcomes.append(.incomplete)
    }
}
