import Recovery

/// The steps of a run as bars over its own clock, which stands still between an interruption and its resume.
struct Timeline: Equatable {
    struct Bar: Equatable {
        let start: Double
        let seconds: Double
        let phase: Phase
        /// An attempt that should have passed and did not: drawn apart, and marked with its word at its end.
        let trouble: StepRecord.Status?
        /// For whoever points at it or has it read aloud.
        let label: String
    }

    struct Row: Equatable {
        let label: String
        /// `19.3 s`, `not reached`, `FAILED 19.3 s`.
        let remark: String
        let bars: [Bar]
    }

    struct Pause: Equatable {
        let at: Double
        let seconds: Double
    }

    let rows: [Row]
    let pauses: [Pause]
    let axis: TimeAxis

    init(_ result: RunResult) {
        var rows: [Row] = []
        let provisionings = result.environment.provisionings
        if !provisionings.isEmpty {
            rows.append(
                Row(
                    label: "Provisioning of the servers", remark: Readable.duration(result.environment.provisionSeconds),
                    bars: provisionings.enumerated().map { number, provisioning in
                        Bar(
                            start: provisioning.offsetSeconds, seconds: provisioning.tookSeconds, phase: .provision, trouble: nil,
                            label: "provisioning \(number + 1): \(Readable.duration(provisioning.tookSeconds))")
                    }))
        }
        rows += result.steps.map(Row.init)
        self.rows = rows
        pauses = result.interruptions.map { Pause(at: result.offsetSeconds(of: $0), seconds: $0.to.seconds(since: $0.from)) }
        let ends = rows.flatMap(\.bars).map { $0.start + $0.seconds } + pauses.map(\.at)
        axis = TimeAxis(seconds: max(ends.max() ?? 0, result.tookSeconds))
    }

    /// The phases there are bars of, in the order of a recovery.
    var phases: [Phase] {
        let used = Set(rows.flatMap(\.bars).map(\.phase))
        return Phase.allCases.filter(used.contains)
    }
}

extension Timeline.Row {
    init(_ step: StepRecord) {
        label = "\(step.path) \(step.name)"
        let took = step.attempts.isEmpty ? nil : Readable.duration(step.tookSeconds)
        remark = [step.status == .passed ? nil : step.status.word, took].compactMap { $0 }.joined(separator: " ")
        bars = step.attempts.enumerated().flatMap { index, attempt in
            Timeline.Bar.bars(of: attempt, in: step, isLast: index == step.attempts.count - 1)
        }
    }
}

extension Timeline.Bar {
    /// The last attempt divides into the phases of the step; of earlier ones only the whole is known.
    fileprivate static func bars(of attempt: StepRecord.Attempt, in step: StepRecord, isLast: Bool) -> [Timeline.Bar] {
        let trouble = attempt.status == .passed || attempt.status == .skipped ? nil : attempt.status
        let phases = step.phases.filter { $0.seconds > 0 }
        let sum = phases.reduce(0) { $0 + $1.seconds }
        let count = step.attempts.count > 1 ? "attempt \(attempt.number), " : ""
        let outcome = trouble.map { ", \($0.word)" } ?? ""
        guard isLast, sum > 0 else {
            let phase = phases.max { $0.seconds < $1.seconds }?.phase ?? .other
            return [
                Timeline.Bar(
                    start: attempt.offsetSeconds, seconds: attempt.tookSeconds, phase: phase, trouble: trouble,
                    label: "\(count)\(phase.rawValue): \(Readable.duration(attempt.tookSeconds))\(outcome)")
            ]
        }
        // Phases that ran side by side add up to more than the attempt took; they share its bar by their weight.
        let scale = min(attempt.tookSeconds / sum, 1)
        var start = attempt.offsetSeconds
        return phases.enumerated().map { index, phase in
            let bar = Timeline.Bar(
                start: start, seconds: phase.seconds * scale, phase: phase.phase, trouble: index == phases.count - 1 ? trouble : nil,
                label: "\(count)\(phase.phase.rawValue): \(Readable.duration(phase.seconds))\(index == phases.count - 1 ? outcome : "")")
            start += bar.seconds
            return bar
        }
    }
}
