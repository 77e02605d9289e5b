internal import Documents

/// One life of a drill: on servers of one generation, from their start to their end. A drill that is resumed, or whose servers were taken
/// from it, has several.
struct DrillLife: Sendable {
    let drill: Drill
    let world: World
    let started: RunStarted
    let backups: DrillBackups
    let plan: DrillEnvironmentPlan
    let provider: any EnvironmentProvider
    let held: HeldBackups

    struct End: Sendable {
        var verdict = Runner.Verdict()
        /// What went wrong while the servers were removed.
        var leaving: [Failure] = []
        /// Why it came to nothing, if that comes and goes by itself: another life may do better, and nobody was told yet of this one.
        var obstacle: Failure?
    }

    /// Never throws: what went wrong is in the end.
    ///
    /// - Parameter mayBeTriedAgain: whether an obstacle is worth leaving out what is always done at a run's end.
    func lived(by session: RunSession, mayBeTriedAgain: Bool) async -> End {
        // While it may be resumed nobody else may want its servers, and the time for a look begins only after that.
        let request = plan.request(
            run: session.run, drill: drill.document.name.text, generation: (session.history?.generation ?? 0) + 1,
            expires: started.expires.advanced(bySeconds: started.keepSeconds ?? 0), keep: started.keepSeconds.map { .seconds($0) })
        let leaving = Troubles()
        var end = End()
        do {
            end = try await world.interruption.cancelling {
                let adopted = try await adopt(request, session, leaving)
                let request = adopted?.request ?? request
                let generation = EnvironmentGeneration(generation: request.generation)
                if adopted == nil { try await session.journal.record(.environmentStarting(generation)) }
                let start = world.time.uptime
                var end = try await held.keeping(world.time, say: { world.progress.say(.warning($0)) }) {
                    try await provider.withEnvironment(
                        request, adopted: adopted?.environment, whenLeaving: { await leaving.add($0) }
                    ) { servers in
                        try await run(
                            on: servers, session, request, isAdopted: adopted != nil, since: start, mayBeTriedAgain: mayBeTriedAgain)
                    }
                }
                // What could not be removed is still there for the next life to find.
                guard !request.isKept, await leaving.all.isEmpty else { return end }
                // What the drill found out stands, whatever can still be written down.
                do { try await session.journal.record(.environmentEnded(generation)) } catch {
                    let failure = Failure.wrapping(error, while: "drill \(drill.document.name)")
                    end.verdict.add(RunOutcome(failure), failure)
                }
                return end
            }
        } catch {
            let failure = Failure.wrapping(error, while: "drill \(drill.document.name)")
            end.verdict.failure = failure
            end.verdict.outcomes = [world.interruption.signal.map { .interrupted($0) } ?? RunOutcome(failure)]
            if failure.mayPass, mayBeTriedAgain, world.interruption.signal == nil { end.obstacle = failure }
        }
        end.leaving = await leaving.all
        return end
    }

    /// The servers of the run's last life, if they still live. Nothing of those is left that were being started when it was cut off:
    /// nobody has looked yet whether they are as they should be.
    private func adopt(
        _ request: EnvironmentRequest, _ session: RunSession, _ leaving: Troubles
    ) async throws -> (request: EnvironmentRequest, environment: any RunningEnvironment)? {
        guard let history = session.history else { return nil }
        var old = request
        old.generation = history.generation
        switch history.environment {
        case .none: return nil
        case .starting:
            try await provider.clear(old)
            return nil
        // On servers that are thrown away anyway, nobody has to judge how far a step got, unless somebody just did.
        case .up
        where !history.unfinished.intersection(DrillProgram(drill: drill, world: world).unrepeatable())
            .subtracting(history.steering.again).subtracting(history.steering.skipped.keys).isEmpty:
            await session.warn("only a person could tell how far a step got, so that the drill begins again with new servers")
            try await provider.clear(old)
            return nil
        case .up:
            do { return try await provider.adopt(old).map { (old, $0) } } catch let left as LeftBehind {
                await leaving.add(left.leaving)
                throw left.why
            }
        }
    }

    private func run(
        on servers: DisposableServers, _ session: RunSession, _ request: EnvironmentRequest, isAdopted: Bool, since start: Duration,
        mayBeTriedAgain: Bool
    ) async throws -> End {
        var hindrance: Failure?
        do { try await session.journal.record(event(of: servers, request, isAdopted: isAdopted, since: start)) } catch {
            hindrance = Failure.wrapping(error, while: "drill \(drill.document.name)")
        }
        if await servers.diskUse() == nil {
            let words = "what the drill's servers take of their disk cannot be measured"
            if servers.diskLimits.most != nil {
                hindrance =
                    hindrance
                    ?? Failure(
                        .environmentUnavailable, "\(words), and `disk:` is to limit it",
                        hint: "their image has to have `sh`, `du`, `df` and `cut`, and volumes for its data; or leave `disk:` out")
            } else {
                await session.warn("\(words): nothing ends the drill before that disk is full")
            }
        }
        let prover = session.prover()
        let program = try DrillProgram(drill: drill, world: world).bind(
            started.parts, to: servers, backups, generation: request.generation, appsAreNew: isAdopted)
        let obstacles = Troubles()
        let isSetAside = { (verdict: Runner.Verdict) async -> Bool in
            // What was found wrong on a server that lived stays found.
            let hasFindings = verdict.outcomes.contains { if case .failed = $0 { true } else { false } }
            guard mayBeTriedAgain, !hasFindings, verdict.outcomes.contains(where: \.isBroken),
                let obstacle = await servers.deaths().first(where: \.mayPass)
            else { return false }
            await obstacles.add(obstacle)
            return true
        }
        let watch = DiskWatch(limits: servers.diskLimits, time: world.time) { await servers.diskUse() }
        var verdict = await session.carryOut(
            program, gate: Guard(prover: prover, confirmations: NoConfirmations(), acceptedUnproven: []), prover: prover,
            copies: { ScratchCopies(world: world, folder: "\($0)/kept") },
            redact: Redactor(servers.servers.values.compactMap(\.address.password)), hinderedBy: hindrance, watch: watch,
            isSetAside: isSetAside)
        for target in program.parts.flatMap({ $0.bindings.targets.values }) { await target.close() }
        let obstacle = await obstacles.all.first
        // Looked for only where something is to be explained.
        var deaths = obstacle.map { [$0] } ?? []
        if deaths.isEmpty, verdict.outcomes.contains(where: \.isBroken) { deaths = await servers.deaths() }
        for death in deaths { verdict.explain(by: death) }
        if request.isKept {
            for way in servers.waysIn { await session.tell(way) }
        }
        return End(verdict: verdict, obstacle: obstacle)
    }

    private func event(of servers: DisposableServers, _ request: EnvironmentRequest, isAdopted: Bool, since start: Duration) -> JournalEvent
    {
        guard !isAdopted else { return .environmentAdopted(EnvironmentGeneration(generation: request.generation)) }
        return .environmentStarted(
            EnvironmentStarted(
                generation: request.generation,
                servers: servers.servers.values.sorted { $0.name < $1.name }.map {
                    .init(
                        name: $0.name, engine: $0.engine.text, version: $0.identity.version, standIn: $0.identity.standIn, image: $0.image)
                }, seconds: (world.time.uptime - start).inSeconds, isolation: servers.isolation))
    }
}

/// Failures from clean-up, gathered where they arise.
private actor Troubles {
    private(set) var all: [Failure] = []

    func add(_ failure: Failure) { all.append(failure) }
}
