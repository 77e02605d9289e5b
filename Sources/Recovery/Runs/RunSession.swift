/// One run from its folder to its reports: what drills and real runs have in common.
package struct RunSession: Sendable {
    package let world: World
    package let started: RunStarted
    package let folder: any RunFolder
    package let journal: Journal
    /// What earlier lives of the run did; nil for a new one.
    package let history: RunHistory?

    package var run: RunID { started.run }

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
            await folder.close()
            throw error
        }
        return RunSession(world: world, started: started, folder: folder, journal: journal, history: nil)
    }

    /// Takes an unfinished run up again: its lock is ours, a torn tail is cut off, and the journal says so.
    ///
    /// Throws `Failure(.lockHeld)` while the run is alive, `Failure(.refused)` for one that has ended for good.
    package static func resume(_ run: RunID, in world: World, changedDocuments: (RunStarted) -> [String]) async throws -> RunSession {
        let folder = try await world.folders.open(run)
        do {
            let contents = try JournalReader.read(try await folder.read(), of: run)
            let history = try RunHistory(contents.lines, of: run)
            if let end = history.end, !end.outcome.mayGoOn {
                throw Failure(
                    .refused, "run \(run) has ended: \(end.outcome.word)", hint: "`lifeboat report \(run)` shows it; begin a new one")
            }
            if contents.tornBytes > 0 { try await folder.truncate(to: Int64(contents.wholeBytes)) }
            let journal = Journal(folder, time: world.time, boot: world.host.boot, continuing: contents.lines)
            try await journal.record(
                .runResumed(
                    RunResumed(host: world.host, cutBytes: contents.tornBytes, changedDocuments: changedDocuments(history.started))))
            return RunSession(world: world, started: history.started, folder: folder, journal: journal, history: history)
        } catch {
            await folder.close()
            throw error
        }
    }

    /// What steps reach the world through.
    package func services(prover: Prover, scratch: String, standing: RunStanding) -> StepServices {
        let world = world
        let session = self
        return StepServices(
            time: world.time, commands: world.commands, web: world.web, people: world.people, digests: world.digests,
            inventories: world.inventories, prover: prover,
            taker: ScratchCopies(world: world, folder: "\(scratch)/kept"),
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
            do { try await folder.removeScratch() } catch { await trouble("temporary files of the run could not be removed: \(error)", &verdict) }
        }
        let outcome = verdict.outcome
        let journalHash = try? world.digests.sha256(await folder.read())
        try? await journal.record(
            .runEnded(
                RunEnded(
                    outcome: outcome, exitCode: outcome.exitCode(inDrill: started.kind == .drill), failure: verdict.failure?.record,
                    failedStep: verdict.failedStep, next: next)))
        let result = RunResult(RunHistory(started, await journal.events), journalPath: "\(folder.path)/journal.jsonl", journalSHA256: journalHash)
        var written: [String] = []
        for format in formats {
            do {
                let report = try world.render(result, format)
                try await folder.write(report.name, report.bytes)
                written.append("\(folder.path)/\(report.name)")
            } catch { world.progress.say(.warning("the \(format.rawValue) report could not be written: \(error)")) }
        }
        await folder.close()
        return Ended(result: result, reports: written)
    }

    /// A trouble that turns a passed run into an incomplete one, and is told.
    package func trouble(_ words: String, _ verdict: inout Runner.Verdict) async {
        try? await journal.record(.notice(Notice(text: words, isTrouble: true)))
        world.progress.say(.warning(words))
        verdict.outcomes.append(.incomplete)
    }
}

/// Copies that die with the run, for drills.
private struct ScratchCopies: SafetyCopies {
    let world: World
    let folder: String

    func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy {
        let store = try await world.localStore("scratch", folder)
        let taker = BackupTaker(
            store: store, digests: world.digests, inventories: world.inventories, time: world.time, host: world.host,
            say: { world.progress.say(.detail($0)) })
        let member = BackupTaker.Member(
            name: target.binding.name, target: target, engine: try world.engine(target.binding.engine), object: object)
        let taken = try await taker.take([member], into: Catalog.safety)
        guard let manifest = taken.manifests.first else { throw Failure(.bug, "a capture without a manifest") }
        return SafetyCopy(
            location: "\(store.location)/\(manifest.id)", bytes: manifest.storedBytes, totals: manifest.totals, problems: manifest.problems)
    }
}
