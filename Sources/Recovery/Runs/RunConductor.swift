internal import Documents

/// Carries a runbook out on configured targets: binds, plans, locks, asks, runs, reports.
package struct RunConductor: Sendable {
    private let request: RunRequest
    private let world: World
    private let places: ConfiguredPlaces
    private let locks: any Locks

    package init(_ request: RunRequest, in world: World, with places: ConfiguredPlaces, locks: any Locks) {
        self.request = request
        self.world = world
        self.places = places
        self.locks = locks
    }

    /// How long a copy that a run has kept is safe from every prune.
    private static let keepCopiesFor: Duration = .seconds(30 * 86400)

    /// What the run would do. Reads only, with the accounts that capture, not those that recover.
    ///
    /// Throws `Failure(.usage)` or `.configuration` with every mistake in what was asked for, `.notFound` without a backup. A target that
    /// does not answer is part of the plan.
    package func plan() async throws -> Plan {
        let names = try RunNames(request, places.configuration)
        let backups = try await RunBackups.choose(names, from: places.stores, now: world.time.now)
        let bound = try await RunBinder(world: world, places: places, isRecovering: false).bind(names, backups, met: [:])
        do {
            let plan = try await world.interruption.cancelling {
                await bound.targets.identify()
                return await lookAhead(bound).plan
            }
            await bound.targets.release()
            return plan
        } catch {
            await bound.targets.release()
            throw error
        }
    }

    private func lookAhead(_ bound: BoundRun) async -> (plan: Plan, forecast: Forecast) {
        var steering = Steering(bound.parts)
        steering.take(request.choices, finished: [])
        let forecast = await Forecast.read(
            bound.program, steering, silences: await bound.targets.silences, commands: world.commands, redact: bound.redact)
        return (await Planner(world: world, places: places).plan(bound, forecast, steering: steering), forecast)
    }

    /// Throws only while nothing has been started: roles that are not bound, a backup that is not there, a lock that somebody else holds,
    /// an agreement that was not given. From then on everything is told in the result.
    ///
    /// - Parameter show: gets the plan before anybody is asked to agree to it.
    package func conduct(show: @escaping @Sendable (Plan) async -> Void) async throws -> RunSession.Ended {
        let names = try RunNames(request, places.configuration)
        let now = world.time.now
        if let disaster = request.disasterAt, disaster > now {
            throw Failure(.usage, "--disaster-at \(disaster) lies in the future", hint: "it is \(now) now; Z stands for UTC")
        }
        let backups = try await RunBackups.choose(names, from: places.stores, now: now, before: request.disasterAt)
        RunSession.warn(of: backups.passedOver, in: world)
        warn(ofBackupsAfterTheDisaster: backups)
        let run = RunID(of: request.runbook.name.text, at: now, random: world.digests.randomName(6))
        let bound = try await RunBinder(world: world, places: places, isRecovering: true).bind(names, backups, met: [:])
        let confirmations = TargetConfirmations(
            run: run, targets: bound.targets, people: world.people, given: Set(request.confirmed), history: nil)
        var held = HeldBackups.none
        do {
            held = try await world.interruption.cancelling { try await prepare(bound, run, confirmations, show) }
            let session = try await RunSession.begin(started(run, bound, now), in: world)
            return await carryOut(session, bound, confirmations, held)
        } catch {
            await held.release()
            await bound.targets.release()
            throw error
        }
    }

    private func warn(ofBackupsAfterTheDisaster backups: RunBackups) {
        guard let disaster = request.disasterAt else { return }
        for backup in backups.kept where backup.recoveryPoint > disaster {
            world.progress.say(.warning("backup \(backup.id) was taken after the disaster of \(disaster), and may hold what that has left"))
        }
    }

    /// Everything that may keep a run from beginning.
    private func prepare(
        _ bound: BoundRun, _ run: RunID, _ confirmations: TargetConfirmations, _ show: @Sendable (Plan) async -> Void
    ) async throws -> HeldBackups {
        await bound.targets.identify()
        let (plan, forecast) = await lookAhead(bound)
        await show(plan)
        guard plan.unproven.isEmpty else { throw unproven(plan.unproven) }
        try await RefillOutlook(
            backups: bound.backups.byRole, acceptedUnproven: Set(request.acceptedUnproven), world: world
        ).check(forecast)
        // Only now: what a damaged inventory says is not to be believed.
        if let hindrance = forecast.hindrance { throw hindrance }
        try await bound.targets.lock(
            with: locks, forecast.changesSomething ? .exclusive : .shared, as: "run \(run) of runbook \(request.runbook.name)")
        for target in bound.distinctTargets {
            let effects = forecast.toConfirm(on: target)
            if !effects.isEmpty { _ = try await confirmations.confirm(effects, on: target) }
        }
        return try await hold(bound, run)
    }

    private func unproven(_ objects: [String]) -> Failure {
        Failure(
            .refused, "the runbook would destroy \(objects.joined(separator: ", ")), and no backup is named that fills it again",
            hint: Guard.hint(unproven: objects))
    }

    private func hold(_ bound: BoundRun, _ run: RunID) async throws -> HeldBackups {
        try await HeldBackups.hold(
            bound.backups.inOrder, in: places.stores, for: run, until: world.time.now.advanced(bySeconds: request.expiry.inSeconds), world)
    }

    private func started(_ run: RunID, _ bound: BoundRun, _ now: Timestamp) -> RunStarted {
        let runbook = request.runbook
        let program = RunbookProgram(runbook: runbook, number: 1, given: request.inputs)
        return RunStarted(
            run: run, kind: .run, name: runbook.name.text, title: runbook.title, host: world.host, reason: request.reason,
            documents: [runbook.source.kept(as: "runbook"), places.source.kept(as: "configuration")], backups: bound.backups.kept,
            inputs: program.inputs, randomSeed: nil, environmentKind: "real",
            isolation: "not isolated: \(bound.distinctTargets.map { "'\($0.name)' at \($0.address.text)" }.joined(separator: ", "))",
            referenceTime: request.disasterAt ?? now, rtoObjectiveSeconds: nil, rpoObjectiveSeconds: nil,
            newestUsable: bound.backups.newest, passedOver: bound.backups.passedOver,
            parts: bound.parts, notExercised: [], expires: now.advanced(bySeconds: request.expiry.inSeconds),
            choices: request.choices == .none ? nil : request.choices,
            acceptedUnproven: request.acceptedUnproven.isEmpty ? nil : request.acceptedUnproven)
    }

    /// Goes on with a run that was cut off or waits. What earlier lives have finished is repeated only when it is gone and somebody says so;
    /// targets are compared with what the journal says of them, and backups are proven again.
    ///
    /// Throws only what keeps it from going on; the run can then still be resumed.
    package func resume(_ session: RunSession) async throws -> RunSession.Ended {
        let bound: BoundRun
        do {
            let names = try RunNames(request, places.configuration)
            let backups = try await RunBackups.again(session.started, from: places.stores)
            bound = try await RunBinder(world: world, places: places, isRecovering: true).bind(
                names, backups, met: session.history?.identified ?? [:])
        } catch {
            await session.folder.close()
            throw error
        }
        let confirmations = TargetConfirmations(
            run: session.run, targets: bound.targets, people: world.people, given: Set(request.confirmed), history: session.history)
        do {
            let held = try await world.interruption.cancelling {
                await bound.targets.identify()
                try await bound.targets.lock(with: locks, .exclusive, as: "run \(session.run) of runbook \(request.runbook.name)")
                return try await hold(bound, session.run)
            }
            return await carryOut(session, bound, confirmations, held)
        } catch {
            await bound.targets.release()
            await session.folder.close()
            throw error
        }
    }

    private func carryOut(
        _ session: RunSession, _ bound: BoundRun, _ confirmations: TargetConfirmations, _ held: HeldBackups
    ) async -> RunSession.Ended {
        var verdict: Runner.Verdict
        do {
            verdict = try await world.interruption.cancelling {
                var hindrance: Failure?
                do {
                    try await bound.targets.write(to: session.journal)
                    try await confirmations.write(to: session.journal)
                } catch {
                    hindrance = Failure.wrapping(error, while: "runbook \(request.runbook.name)")
                }
                return try await held.keeping(world.time, say: { world.progress.say(.warning($0)) }) { [hindrance] in
                    await run(bound, session, confirmations, hinderedBy: hindrance)
                }
            }
        } catch {
            verdict = Runner.Verdict()
            let failure = Failure.wrapping(error, while: "runbook \(request.runbook.name)").redacted(by: bound.redact)
            verdict.failure = failure
            verdict.outcomes = [world.interruption.signal.map { .interrupted($0) } ?? RunOutcome(failure)]
        }
        await bound.targets.release()
        // A run that may go on still needs them; until it does, they expire with it.
        if !verdict.outcome.mayGoOn { await held.release() }
        for words in held.troubles { await session.trouble(words, &verdict) }
        session.judgePassedOver(&verdict)
        let lines = await session.journal.events
        let runbook = await readableRunbook(session, &verdict)
        let next = NextCommands(request: request, runbook: runbook, started: session.started, lines: lines).after(verdict)
        return await session.end(verdict, formats: request.formats, next: next)
    }

    /// A runbook that came with a backup is laid beside the journal, so that commands can name it.
    private func readableRunbook(_ session: RunSession, _ verdict: inout Runner.Verdict) async -> String {
        let source = request.runbook.source
        guard !source.isFile, verdict.outcome != .passed else { return source.path }
        let name = "runbook.yaml"
        do { try await session.folder.write(name, Array(source.text.utf8)) } catch {
            await session.trouble("a copy of the runbook could not be written: \(error)", &verdict)
        }
        return "\(session.folder.path)/\(name)"
    }

    private func run(
        _ bound: BoundRun, _ session: RunSession, _ confirmations: TargetConfirmations, hinderedBy hindrance: Failure?
    ) async -> Runner.Verdict {
        let prover = session.prover()
        let gate = Guard(prover: prover, confirmations: confirmations, acceptedUnproven: Set(request.acceptedUnproven))
        let copies = copies(bound)
        return await session.carryOut(
            bound.program, gate: gate, prover: prover, copies: { _ in copies }, redact: bound.redact, hinderedBy: hindrance)
    }

    /// Safety copies go where the targets' backups go, else to the store that the run restores from.
    private func copies(_ bound: BoundRun) -> any SafetyCopies {
        let policies = bound.distinctTargets.flatMap { places.policies(capturing: $0.name) }
        let store =
            policies.compactMap { places.stores.catalog(of: $0)?.store.name }.first.flatMap { places.stores.store(named: $0) }
            ?? bound.backups.inOrder.first.flatMap { places.stores.store(named: $0.store.name) }
        guard let store else { return NoCopies() }
        return StoreCopies(world: world, store: store, holdFor: Self.keepCopiesFor)
    }
}

/// Where no store is known for what a run keeps.
private struct NoCopies: SafetyCopies {
    func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy {
        throw Failure(
            .configuration, "there is no store for a copy of '\(target.binding.name)'",
            hint: "let a policy capture it, or leave `backup.take` out with --skip \(path)")
    }
}
