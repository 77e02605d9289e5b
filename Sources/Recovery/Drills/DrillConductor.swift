internal import Documents

/// Carries a drill out: picks backups, starts disposable servers, runs the runbooks on them, judges, writes proofs and reports.
package struct DrillConductor: Sendable {
    private let drill: Drill
    private let world: World
    private let choice: EnvironmentChoice
    private let stores: BackupStores
    private let options: Options

    package struct Options: Sendable {
        /// `--reason`.
        package var reason: String?
        /// Repeats a random choice.
        package var seed: UInt64?
        /// Formats beside those that the drill names.
        package var formats: [ReportWord]
        /// How long an unfinished drill may be resumed.
        package var expiry: Duration
        /// How long its servers stay after its end, for somebody to look around; nil: not at all.
        package var keep: Duration?

        package init(
            reason: String? = nil, seed: UInt64? = nil, formats: [ReportWord] = [], expiry: Duration = .seconds(24 * 3600),
            keep: Duration? = nil
        ) {
            self.keep = keep
            self.reason = reason
            self.seed = seed
            self.formats = formats
            self.expiry = expiry
        }
    }

    package init(_ drill: Drill, in world: World, on choice: EnvironmentChoice, from stores: BackupStores, _ options: Options) {
        self.drill = drill
        self.world = world
        self.choice = choice
        self.stores = stores
        self.options = options
    }

    /// Throws only while nothing has been started: a backup that is not there, a tool that is missing, a journal that cannot
    /// be made. From then on everything is told in the result.
    package func conduct() async throws -> RunSession.Ended {
        await Sweeper(folders: world.folders, providers: choice.all, now: world.time.now).quietly { world.progress.say(.warning($0)) }
        let referenceTime = world.time.now
        let seed = options.seed ?? Self.randomSeed(world.digests)
        let backups = try await DrillBackups.pick(for: drill, from: stores, now: referenceTime, seed: seed)
        RunSession.warn(of: backups.passedOver, in: world)
        let plan = try await DrillEnvironmentPlan(drill, backups, world.engines)
        let provider = try await choice.choose(
            for: plan.servers, stopping: plan.stoppable.map(\.server), world.time, say: { world.progress.say(.detail($0)) },
            warn: { world.progress.say(.warning($0)) })
        try requireKeeping(provider)
        let run = RunID(of: drill.document.name.text, at: referenceTime, random: world.digests.randomName(6))
        let started = RunStarted(
            run: run, kind: .drill, name: drill.document.name.text, title: drill.title, host: world.host, reason: options.reason,
            documents: documents, backups: backups.kept, inputs: [:], randomSeed: backups.usedSeed ? seed : nil,
            environmentKind: provider.kind, isolation: provider.isolation, referenceTime: referenceTime,
            rtoObjectiveSeconds: drill.document.objectives.rto?.value.inSeconds,
            rpoObjectiveSeconds: drill.document.objectives.rpo?.value.inSeconds, newestUsable: backups.newest,
            passedOver: backups.passedOver, parts: DrillProgram(drill: drill, world: world).keptParts(), notExercised: notDrilled(),
            expires: referenceTime.advanced(bySeconds: options.expiry.inSeconds), keepSeconds: options.keep?.inSeconds, sets: backups.sets)
        let held = try await hold(backups, for: started)
        do {
            let session = try await RunSession.begin(started, in: world)
            return await carryOut(session, started, backups, plan, on: provider, held)
        } catch {
            await held.release()
            throw error
        }
    }

    /// The servers that it would start, with the versions that its backups ask for. Starts and writes nothing.
    package func servers() async throws -> [(name: String, recipe: any ServerRecipe)] {
        let seed = options.seed ?? Self.randomSeed(world.digests)
        let backups = try await DrillBackups.pick(for: drill, from: stores, now: world.time.now, seed: seed)
        return try await DrillEnvironmentPlan(drill, backups, world.engines).servers
    }

    /// Goes on with a drill that was cut off. Its servers died with it, so they are provisioned again and every step that
    /// touched them runs again as a new attempt; a person's answers and sent notices stand.
    package func resume(_ session: RunSession) async throws -> RunSession.Ended {
        do {
            let backups = try await DrillBackups.again(session.started, for: drill, from: stores)
            let plan = try await DrillEnvironmentPlan(drill, backups, world.engines)
            let provider = try choice.ofKind(session.started.environmentKind)
            // What lives needs nothing more, and a registry may be what is down.
            if try await !livesStill(session, plan, on: provider) { try await provider.prepare(plan.servers) }
            let held = try await hold(backups, for: session.started)
            return await carryOut(session, session.started, backups, plan, on: provider, held)
        } catch {
            await session.folder.close()
            throw error
        }
    }

    private func livesStill(_ session: RunSession, _ plan: DrillEnvironmentPlan, on provider: any EnvironmentProvider) async throws -> Bool
    {
        guard let history = session.history, case .up = history.environment else { return false }
        return try await provider.lives(
            plan.request(
                run: session.run, drill: drill.document.name.text, generation: history.generation, expires: session.started.expires,
                keep: nil))
    }

    private func requireKeeping(_ provider: any EnvironmentProvider) throws {
        guard options.keep != nil, !provider.canKeepServers else { return }
        throw Failure(
            .usage, "--keep: the drill's servers would be of the kind '\(provider.kind)', which end with the drill",
            hint: "start it with --environment docker, or without --keep")
    }

    private func hold(_ backups: DrillBackups, for started: RunStarted) async throws -> HeldBackups {
        try await HeldBackups.hold(backups.distinct, in: stores, for: started.run, until: started.expires, world)
    }

    private func carryOut(
        _ session: RunSession, _ started: RunStarted, _ backups: DrillBackups, _ plan: DrillEnvironmentPlan,
        on provider: any EnvironmentProvider, _ held: HeldBackups
    ) async -> RunSession.Ended {
        let life = DrillLife(
            drill: drill, world: world, started: started, backups: backups, plan: plan, provider: provider, held: held)
        var end = await life.lived(by: session, mayBeTriedAgain: true)
        for attempt in 2...Infrastructure.attempts {
            guard let obstacle = end.obstacle else { break }
            let pause = Infrastructure.pause(before: attempt)
            await session.tell("\(obstacle.problem); the drill begins again with new servers in \(Int(pause.inSeconds)) s")
            guard (try? await world.interruption.cancelling({ [world] in try await world.time.sleep(for: pause) })) != nil else { break }
            end = await life.lived(by: await session.goingOn(), mayBeTriedAgain: attempt < Infrastructure.attempts)
        }
        var verdict = end.verdict
        // Nothing that belongs to its end was done: it goes on when it is resumed.
        if end.obstacle != nil, let signal = world.interruption.signal { verdict.outcomes.append(.interrupted(signal)) }
        // A drill that may go on still needs them; until it does, they expire with it.
        if !verdict.outcome.mayGoOn { await held.release() }
        for words in held.troubles { await session.trouble(words, &verdict) }
        for failure in end.leaving { await session.trouble("clean-up: \(failure.problem)", &verdict) }
        judgeObjectives(started, await session.journal.events, &verdict)
        await writeProofs(session, backups, &verdict)
        session.judgePassedOver(&verdict)
        await tell(session, started, &verdict)
        let formats = drill.document.report + options.formats.filter { !drill.document.report.contains($0) }
        return await session.end(verdict, formats: formats, next: next(session.run, verdict))
    }

    private var documents: [KeptDocument] {
        var seen: Set<String> = []
        return [drill.source.kept(as: "drill")]
            + drill.runbooks.map { $0.source.kept(as: "runbook") }.filter { seen.insert($0.path).inserted }
    }

    private func notDrilled() -> [NotExercised] {
        drill.document.runs.flatMap { run in
            run.apps.entries.compactMap { entry in
                guard case .notDrilled(let reason) = entry.value else { return nil }
                return NotExercised("application '\(entry.key)'", because: reason)
            }
        }
    }

    private func judgeObjectives(_ started: RunStarted, _ lines: [JournalLine], _ verdict: inout Runner.Verdict) {
        guard verdict.outcome == .passed || verdict.outcome == .incomplete, let history = try? RunHistory(lines, of: started.run) else {
            return
        }
        let result = RunResult(history, journalPath: "", journalSHA256: nil)
        let met = [result.objectives.rtoMet, result.objectives.rpoMet] + result.parts.map(\.rtoMet)
        if met.contains(false) { verdict.outcomes.append(.objectiveMissed) }
    }

    /// A proof only when every verification passed on the real engine; anything less that ran through is a rehearsal.
    private func writeProofs(_ session: RunSession, _ backups: DrillBackups, _ verdict: inout Runner.Verdict) async {
        let outcome = verdict.outcome
        guard [.passed, .incomplete, .objectiveMissed, .unverified].contains(outcome) else { return }
        let verified = await verified(in: session, backups)
        for backup in backups.distinct {
            let id = backup.manifest.id
            let counts =
                backup.manifest.complete && !backup.manifest.standIn && [.passed, .objectiveMissed].contains(outcome)
                && verified.contains(id)
            let kind: Note.Kind = counts ? .proof : .rehearsal
            let note = Note(
                kind: kind, writtenAt: world.time.now, host: world.host.host, run: session.run.rawValue,
                manifests: [id.target: backup.manifestSHA256], text: "drill \(drill.document.name): \(outcome.word)")
            do {
                guard let store = stores.store(named: backup.store.name) else { throw Failure(.bug, "no store '\(backup.store.name)'") }
                try await SetNotes(store: store, digests: world.digests).write(note, of: id)
            } catch {
                await session.trouble("the \(kind.rawValue) could not be written beside backup \(id): \(error)", &verdict)
            }
        }
    }

    /// Backups that their own runbook compared with what it restored: every verifying step passed and compared something, on the
    /// servers that the run ended with, none of which was a stand-in.
    private func verified(in session: RunSession, _ backups: DrillBackups) async -> Set<BackupID> {
        let events = await session.journal.events
        let start = events.lastIndex { if case .environmentStarting = $0.event { true } else { false } } ?? 0
        let passed = Set(
            events[start...].compactMap { line -> String? in
                guard case .stepEnded(let end) = line.event, end.status == .passed, end.checks.contains(where: { $0.compared > 0 }) else {
                    return nil
                }
                return end.path
            })
        let standIns = Set(
            events.flatMap { line -> [String] in
                if case .environmentStarted(let environment) = line.event { environment.servers.filter(\.standIn).map(\.name) } else { [] }
            })
        var verified: Set<BackupID> = []
        for (index, steps) in DrillProgram(drill: drill, world: world).verifications().enumerated() {
            guard !steps.isEmpty, steps.allSatisfy({ passed.contains($0.path) }) else { continue }
            let servers = drill.document.runs[index].targets.entries.map(\.value.value.text)
            guard standIns.isDisjoint(with: servers) else { continue }
            // A runbook can restore several backups and compare with one of them: the others are not proven by that.
            let roles = Set(steps.flatMap(\.backups))
            let all = backups.byRun[index]
            verified.formUnion(all.filter { roles.contains($0.key) || all.count == 1 }.values.map(\.manifest.id))
        }
        return verified
    }

    private func tell(_ session: RunSession, _ started: RunStarted, _ verdict: inout Runner.Verdict) async {
        guard let notice = drill.document.notify, notice.when == .always || verdict.outcome != .passed else { return }
        do {
            guard let alert = stores.alerts[notice.to.value.text] else {
                throw Failure(.configuration, "there is no alert '\(notice.to.value)' in the configuration", hint: "add it under `alerts:`")
            }
            try await world.notify(alert, await session.result(verdict), nil)
        } catch {
            await session.trouble("the notice to '\(notice.to.value)' did not get through: \(error)", &verdict)
        }
    }

    private func next(_ run: RunID, _ verdict: Runner.Verdict) -> [RunResult.NextCommand] {
        switch verdict.outcome {
        case .interrupted, .paused: [.init("lifeboat resume \(run)", "to go on where the drill stopped")]
        default: []
        }
    }

    /// Below 2^53, so that every reader of JSON keeps it exact.
    private static func randomSeed(_ digests: any Digesting) -> UInt64 {
        digests.randomBytes(6).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
