/// What each step would do, read from live targets by connections that cannot write.
struct Forecast: Sendable {
    struct Step: Sendable {
        let kept: KeptStep
        /// Nil for a step that is left out.
        let act: Guard.Act?
        /// Why its effects could not be told.
        let unknown: String?
        let lacks: [Lack]
        let isAlways: Bool
        /// Whether the run ends when it fails.
        let isNeeded: Bool
    }

    let steps: [Step]

    /// Never throws: what cannot be read is unknown, and that never keeps a recovery from beginning.
    ///
    /// - Parameter silences: targets that have not answered already, by name; nobody waits for one twice.
    static func read(
        _ program: Program, _ steering: Steering, silences: [String: Failure], commands: any CommandRunner, redact: Redactor
    ) async -> Forecast {
        var readings: [String: any ReadableTarget] = [:]
        func reading(of target: any EngineTarget) -> any ReadableTarget {
            let name = target.binding.name
            let reading = readings[name] ?? target.reading(afterSilence: silences[name])
            readings[name] = reading
            return reading
        }
        var steps: [Step] = []
        for part in program.parts {
            for step in part.steps {
                guard steering.skipped[step.kept.path] == nil else {
                    steps.append(Step(kept: step.kept, act: nil, unknown: nil, lacks: [], isAlways: part.isAlways, isNeeded: false))
                    continue
                }
                steps.append(await read(step, part, reading, commands, redact))
            }
        }
        return Forecast(steps: steps)
    }

    private static func read(
        _ step: ProgramStep, _ part: Program.Part, _ readable: (any EngineTarget) -> any ReadableTarget, _ commands: any CommandRunner,
        _ redact: Redactor
    ) async -> Step {
        func end(_ effects: [Effect], _ action: (any Recovery.Step)?, unknown: String? = nil, lacks: [Lack] = []) -> Step {
            let isOpaque = action?.uses.isOpaque ?? true
            let reach = action.map { part.bindings.reach(of: $0, in: step.frame) } ?? []
            let hidden = isOpaque && step.kept.phase != .human ? "lifeboat cannot see what \(step.kept.kind) does" : nil
            return Step(
                kept: step.kept,
                act: Guard.Act(step: step.kept, effects: effects, isOpaque: isOpaque || unknown != nil, reach: reach),
                unknown: (unknown ?? hidden).map(redact.callAsFunction), lacks: lacks.map { $0.redacted(by: redact) },
                isAlways: part.isAlways,
                isNeeded: !part.isAlways && step.frame.onFailure == .stop && step.frame.when != .failed)
        }
        let known = try? step.read([:])
        let action: any Recovery.Step
        do { action = try known ?? step.foresee() } catch {
            return end([], nil, unknown: Failure.wrapping(error, while: step.kept.name).problem)
        }
        let reading = StepReading(
            isDrill: false, target: part.bindings.target(for: action, in: step.frame).map(readable), backups: part.bindings.backups,
            apps: part.bindings.apps, remembered: [:])
        var lacks = (try? await action.lacks(reading: reading, commands: commands)) ?? []
        // With placeholders in it, a step asks after things of other names.
        if known == nil { lacks = lacks.map { .remark($0.words) } }
        do {
            let effects = try await action.effects(reading: reading).map { $0.redacted(by: redact) }
            // With placeholders in it, a step can tell that it does something, and not to what.
            if known == nil, !effects.isEmpty { return end([], action, unknown: "it depends on what earlier steps find out", lacks: lacks) }
            return end(effects, action, lacks: lacks)
        } catch {
            let failure = Failure.wrapping(error, while: step.kept.name)
            return end([], action, unknown: ([failure.problem] + failure.causes).joined(separator: ": "), lacks: lacks)
        }
    }

    /// Why a step will fail that the run cannot go on without: the first there is, so that nothing is stopped or dropped for it.
    ///
    /// What only the steps before can mend is no reason: those that lifeboat cannot see into may create a role or install an extension,
    /// and those that destroy something else make room.
    var hindrance: Failure? {
        for (index, step) in steps.enumerated() where step.isNeeded {
            for case .fatal(let failure) in step.lacks where !steps[..<index].contains(where: { $0.mayMendWhat(step) }) { return failure }
        }
        return nil
    }

    /// What somebody has to agree to on a target, should it be guarded. Steps at the end, whatever happened, count as well.
    func toConfirm(on target: TargetBinding) -> [Effect] {
        steps.flatMap { step in step.act.map { $0.reach.contains { $0.name == target.name } ? $0.toConfirm(on: target) : [] } ?? [] }
    }

    /// Whether it changes anything, as far as can be told; what cannot be told counts as changing.
    var changesSomething: Bool {
        steps.contains { step in step.act.map { !$0.effects.isEmpty || $0.isOpaque && step.kept.phase != .human } ?? false }
    }

    /// Objects that would be destroyed and that no backup fills again.
    func unproven(accepted: Set<String>) -> [String] {
        var seen: Set<String> = []
        return steps.flatMap { $0.act.map { Guard.Act.destroyed($0.effects) } ?? [] }.filter { $0.refill == nil }.map(\.object.description)
            .filter { !accepted.contains($0) && seen.insert($0).inserted }
    }
}

extension Forecast.Step {
    fileprivate func mayMendWhat(_ later: Forecast.Step) -> Bool {
        guard let act, !isAlways else { return false }
        return act.isOpaque || !Set(Guard.Act.destroyed(act.effects).map(\.object)).isSubset(of: later.act?.effects.map(\.object) ?? [])
    }
}

extension Lack {
    fileprivate func redacted(by redact: Redactor) -> Lack {
        switch self {
        case .fatal(let failure): .fatal(failure.redacted(by: redact))
        case .remark(let words): .remark(redact(words))
        }
    }
}
