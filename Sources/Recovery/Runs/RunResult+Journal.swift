extension RunResult {
    /// The result that a journal tells. Works for a run that was cut off too: its outcome is then `interrupted`.
    ///
    /// - Parameter journalSHA256: of the journal's bytes, when the caller has hashed them.
    package init(_ history: RunHistory, journalPath: String, journalSHA256: String?) {
        let started = history.started
        let clock = RunClock(history.lines)
        var builder = StepRecordBuilder(clock: clock)
        for line in history.lines { builder.take(line) }
        let goingOn = Set(started.parts.flatMap(\.steps).filter { $0.goesOn == true }.map(\.path))

        let parts = started.parts.map { part in
            let records = part.steps.map { builder.record(of: $0) }
            return Part(
                kind: part.kind, name: part.name, title: part.title, version: part.version, owner: part.owner, reviewed: part.reviewed,
                bindings: part.bindings, tookSeconds: Self.span(of: records, builder), phases: Self.phases(of: records), steps: records,
                rtoSeconds: part.kind == .runbook ? Self.recoveryTime(of: records, builder, goingOn) : nil,
                rtoObjectiveSeconds: part.rtoObjectiveSeconds)
        }
        let records = parts.flatMap(\.steps)
        let recovery = parts.filter { $0.kind == .runbook }.flatMap(\.steps)
        let rto = Self.recoveryTime(of: recovery, builder, goingOn)
        let provisioning = builder.provisionSeconds[builder.generation(of: recovery)] ?? 0

        let end = history.end
        let last = history.lines.last?.at ?? history.lines[0].at
        let outcome = end?.outcome ?? .interrupted(.terminate)
        let newest = started.newestUsable
        let restored = started.backups.map(\.recoveryPoint).min()

        self.init(
            run: started.run.rawValue, kind: started.kind, name: started.name, title: started.title, outcome: outcome,
            exitCode: end?.exitCode ?? outcome.exitCode(inDrill: started.kind == .drill),
            rehearsal: builder.servers.contains(where: \.standIn) || started.backups.contains(where: \.standIn),
            startedAt: history.lines[0].at, endedAt: last, tookSeconds: clock.total, interruptions: clock.interruptions,
            objectives: Objectives(
                rtoSeconds: rto, rtoObjectiveSeconds: started.rtoObjectiveSeconds,
                rtoWithProvisioningSeconds: rto.map { $0 + provisioning },
                rpoSeconds: newest.map { started.referenceTime.seconds(since: $0.recoveryPoint) },
                rpoObjectiveSeconds: started.rpoObjectiveSeconds,
                restoredAgeSeconds: restored.map { started.referenceTime.seconds(since: $0) },
                newestUsableBackup: newest?.id.description, referenceTime: started.referenceTime),
            backups: started.backups.map(BackupUsed.init), sets: started.sets ?? [],
            passedOver: (started.passedOver ?? []).map { PassedOverBackup(id: $0.id.description, kind: $0.kind, why: $0.why) },
            environment: Environment(
                kind: started.environmentKind, isolation: builder.isolation ?? started.isolation, servers: builder.servers,
                provisionings: builder.provisionings),
            parts: parts, checks: CheckTally(records.flatMap(\.checks)),
            notExercised: Self.unique(
                started.notExercised + builder.notExercised + Self.idle(records)
                    + Self.notBegun(parts, started.parts, goingOn, outcome)),
            notices: builder.notices, failure: end?.failure, failedStep: end?.failedStep,
            next: end?.next ?? [],
            evidence: Evidence(
                documents: started.documents.map { .init(kind: $0.kind, path: $0.path, sha256: $0.sha256) },
                lifeboatVersion: started.host.lifeboatVersion, host: started.host.host, system: started.host.system,
                operatorName: started.host.operatorName, sudoFrom: started.host.sudoOrigin, reason: started.reason, tools: builder.tools,
                journal: journalPath, journalSHA256: journalSHA256,
                randomSeed: started.randomSeed))
    }

    /// A recovery that did not come to its end has taken no time that could be promised; nor has one that is on its way again on new
    /// servers.
    ///
    /// - Parameter goingOn: paths of the steps that keep nothing back when they fail.
    private static func recoveryTime(
        of records: [StepRecord], _ builder: StepRecordBuilder, _ goingOn: Set<String>
    ) -> Double? {
        let generation = builder.generation(of: records)
        let isThrough =
            !records.isEmpty
            && records.allSatisfy { record in
                switch record.status {
                case .skipped: return true
                case .broke where !goingOn.contains(record.path): return false
                case .passed, .failed, .broke:
                    return record.attempts.isEmpty || !builder.attempts(at: record, on: generation).isEmpty
                case .paused, .interrupted, .notReached: return false
                }
            }
        return isThrough ? span(of: records, builder) : nil
    }

    /// From the first attempt's start to the last one's end, on the newest servers that there was one on. What was done on servers that
    /// are gone was for nothing.
    private static func span(of records: [StepRecord], _ builder: StepRecordBuilder) -> Double {
        let generation = builder.generation(of: records)
        let attempts = records.flatMap { builder.attempts(at: $0, on: generation) }
        guard let first = attempts.map(\.offsetSeconds).min(), let last = attempts.map({ $0.offsetSeconds + $0.tookSeconds }).max() else {
            return 0
        }
        return last - first
    }

    private static func phases(of records: [StepRecord]) -> [PhaseTime] {
        var seconds: [Phase: Double] = [:]
        for time in records.flatMap(\.phases) { seconds[time.phase, default: 0] += time.seconds }
        return Phase.allCases.compactMap { phase in seconds[phase].map { PhaseTime(phase, seconds: $0) } }
    }

    /// A step that passed and found nothing to do has not been tried out.
    private static func idle(_ records: [StepRecord]) -> [NotExercised] {
        records.filter { $0.status == .passed && !$0.exercised }
            .map { NotExercised("\($0.path) \($0.name)", because: "there was nothing for it to do") }
            + records.filter { $0.status == .skipped }.map {
                NotExercised("\($0.path) \($0.name)", because: $0.because ?? "it was skipped")
            }
    }

    /// Runs that were kept back, while others went on, by one that did not come to its end. A signal keeps back everything.
    private static func notBegun(_ parts: [Part], _ kept: [KeptPart], _ goingOn: Set<String>, _ outcome: RunOutcome) -> [NotExercised] {
        let order = PartOrder(kept.filter { $0.kind != .always })
        if case .interrupted = outcome { return [] }
        guard order.goesSideBySide else { return [] }
        func hasBegun(_ place: Int) -> Bool { parts[place].steps.contains { $0.status != .notReached } }
        func isThrough(_ place: Int) -> Bool {
            guard let last = parts[place].steps.last else { return true }
            return [.passed, .skipped].contains(last.status) || [.failed, .broke].contains(last.status) && goingOn.contains(last.path)
        }
        return order.before.indices.filter { parts[$0].kind == .runbook && !hasBegun($0) }.compactMap { place in
            guard let obstacle = order.before[place].sorted().first(where: { hasBegun($0) && !isThrough($0) }) else { return nil }
            return NotExercised(
                "run of \(parts[place].name)", because: "it waits for the run of \(parts[obstacle].name), which did not come to its end")
        }
    }

    private static func unique(_ items: [NotExercised]) -> [NotExercised] {
        var seen: Set<NotExercised> = []
        return items.filter { seen.insert($0).inserted }
    }
}

extension RunResult.BackupUsed {
    init(_ kept: KeptBackup) {
        self.init(
            runbook: kept.runbook, role: kept.role, id: kept.id.description, policy: kept.id.policy, target: kept.id.target,
            engine: kept.engine.text,
            engineVersion: kept.engineVersion, recoveryPoint: kept.recoveryPoint, bytes: kept.bytes, artifacts: kept.artifacts,
            manifestSHA256: kept.manifestSHA256, chosen: kept.chosen)
    }
}

/// Gathers what lines say about each step.
private struct StepRecordBuilder {
    let clock: RunClock
    private var starts: [String: [Start]] = [:]
    private var ends: [String: [StepEnded]] = [:]
    private var effects: [String: [Effect]] = [:]
    private var lastOffset = 0.0
    private(set) var notices: [String] = []
    private(set) var notExercised: [NotExercised] = []
    private(set) var tools: [RunResult.Evidence.Tool] = []
    private(set) var servers: [RunResult.Environment.Server] = []
    private(set) var provisionings: [RunResult.Environment.Provisioning] = []
    /// How long the servers of each generation took to start.
    private(set) var provisionSeconds: [Int: Double] = [:]
    private(set) var isolation: String?

    private struct Start {
        let attempt: Int
        let generation: Int
        let offset: Double
        /// When the process died that had begun it: its end, if it did not live to write that down.
        var cutOff: Double?
    }

    init(clock: RunClock) { self.clock = clock }

    mutating func take(_ line: JournalLine) {
        let offset = clock.offsets[line.seq] ?? 0
        lastOffset = offset
        switch line.event {
        case .stepStarted(let step):
            starts[step.path, default: []].append(Start(attempt: step.attempt, generation: step.generation, offset: offset))
            effects[step.path] = step.effects
        case .stepEnded(let step):
            ends[step.path, default: []].append(step)
            notExercised += step.notExercised
            for tool in step.tools where !tools.contains(tool) { tools.append(tool) }
        case .environmentStarted(let environment):
            servers = environment.servers
            isolation = environment.isolation
            provisionSeconds[environment.generation] = environment.seconds
            provisionings.append(.init(offsetSeconds: max(0, offset - environment.seconds), tookSeconds: environment.seconds))
        case .notice(let notice): notices.append(notice.text)
        case .runResumed:
            for (path, begun) in starts {
                for place in begun.indices where begun[place].cutOff == nil { starts[path]?[place].cutOff = offset }
            }
        case .runStarted, .environmentStarting, .environmentAdopted, .environmentEnded, .identified, .proven, .confirmed,
            .stepRemembered,
            .runEnded:
            break
        }
    }

    /// That of the newest servers on which one of the steps began.
    func generation(of records: [StepRecord]) -> Int { records.flatMap { starts[$0.path] ?? [] }.map(\.generation).max() ?? 0 }

    /// What was attempted on servers of this generation.
    func attempts(at record: StepRecord, on generation: Int) -> [StepRecord.Attempt] {
        zip(starts[record.path] ?? [], record.attempts).filter { $0.0.generation == generation }.map(\.1)
    }

    func record(of step: KeptStep) -> StepRecord {
        let ends = ends[step.path] ?? []
        let attempts = (starts[step.path] ?? []).map { start in
            let end = ends.last { $0.attempt == start.attempt }
            return StepRecord.Attempt(
                number: start.attempt, offsetSeconds: start.offset,
                tookSeconds: end?.seconds ?? max(0, (start.cutOff ?? lastOffset) - start.offset),
                status: end?.status ?? .interrupted,
                problem: end?.failure?.problem)
        }
        guard let end = ends.last else {
            return StepRecord(
                path: step.path, id: step.id, name: step.name, kind: step.kind, status: attempts.isEmpty ? .notReached : .interrupted,
                attempts: attempts, effects: effects[step.path] ?? [])
        }
        let status = attempts.last.map { $0.number > end.attempt ? .interrupted : end.status } ?? end.status
        return StepRecord(
            path: step.path, id: step.id, name: step.name, kind: step.kind, status: status, because: end.because, exercised: end.exercised,
            attempts: attempts,
            phases: end.phases.isEmpty && !attempts.isEmpty ? [PhaseTime(step.phase, seconds: end.seconds)] : end.phases,
            effects: effects[step.path] ?? [], checks: end.checks, facts: end.facts, notes: end.notes, failure: end.failure)
    }
}
