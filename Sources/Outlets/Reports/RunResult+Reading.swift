import Recovery

/// What reports ask of a result.
extension RunResult {
    var steps: [StepRecord] { parts.flatMap(\.steps) }

    func step(at path: String?) -> StepRecord? {
        guard let path else { return nil }
        return steps.first { $0.path == path }
    }

    /// Steps with findings, in order.
    var stepsWithFindings: [StepRecord] { steps.filter { $0.checks.contains(where: \.isFinding) } }

    /// The failure as something to explain; nil where the list of findings already is the explanation.
    var failureToExplain: FailureRecord? {
        guard let failure, failure.kind != .differs || stepsWithFindings.isEmpty else { return nil }
        return failure
    }

    /// The word for what this was.
    var noun: String { kind == .drill ? "drill" : "run" }

    /// What the words of a stand-in's report must begin with.
    static var rehearsalBanner: String { "REHEARSAL, NOT EVIDENCE" }

    /// Which servers were stand-ins, as a sentence; nil when none was.
    var standIns: String? {
        let names = environment.servers.filter(\.standIn).map { "\($0.name) (\($0.engine) \($0.version))" }
        guard !names.isEmpty else { return nil }
        return "\(names.joined(separator: ", ")) \(names.count == 1 ? "was a stand-in" : "were stand-ins") and not the real engine"
    }

    /// Where on the run's own clock, which stands still meanwhile, an interruption lies.
    func offsetSeconds(of interruption: Interruption) -> Double {
        let earlier = interruptions.filter { $0.from < interruption.from }
        return interruption.from.seconds(since: startedAt) - earlier.reduce(0) { $0 + $1.to.seconds(since: $1.from) }
    }

    var operatorLine: String { evidence.operatorName + (evidence.sudoFrom.map { " (sudo by \($0))" } ?? "") }
}

extension RecoverySet {
    /// `nightly/20261130T224800Z-4f1c9a of library, vectors: recovery point 2026-11-30 22:48:00 UTC, spread 1.2 s`.
    package var words: String {
        "\(id) of \(targets.joined(separator: ", ")): recovery point \(Readable.moment(recoveryPoint)), \(spread)"
            + (complete ? "" : "; INCOMPLETE")
    }

    /// How far its members are apart.
    package var spread: String { "spread \(Readable.duration(spreadSeconds))" }
}

extension StepRecord.Status {
    /// As people read it; capitals where something went wrong, so that it shows without colour.
    var word: String {
        switch self {
        case .passed: "passed"
        case .failed: "FAILED"
        case .broke: "BROKE"
        case .skipped: "skipped"
        case .paused: "PAUSED"
        case .interrupted: "INTERRUPTED"
        case .notReached: "not reached"
        }
    }

    var tone: Verdict.Tone {
        switch self {
        case .passed: .good
        case .failed, .broke: .bad
        case .skipped, .paused, .interrupted, .notReached: .doubtful
        }
    }
}

extension StepRecord {
    /// What is worth a line below its name.
    var remarks: [String] {
        var remarks: [String] = []
        if let because { remarks.append(because) }
        if !exercised, status == .passed { remarks.append("not exercised: it found nothing to do") }
        for attempt in attempts.dropLast() {
            let why = attempt.problem.map { ": \($0)" } ?? ""
            remarks.append("attempt \(attempt.number) \(attempt.status.word) after \(Readable.duration(attempt.tookSeconds))\(why)")
        }
        if !checks.isEmpty { remarks.append(CheckTally(checks).words) }
        return remarks + notes
    }
}

extension Effect {
    /// `destroys database db/app: 12 480 rows, 7.0 MiB`.
    var words: String {
        let what = "\(verb.rawValue)s \(object.kind) \(object)"
        switch amount {
        case .absent: return verb == .create ? what : "\(what): not there"
        case .unknown(let reason): return "\(what): how much is unknown (\(reason))"
        case .known(let count, let unit, let bytes):
            let parts = [count.map { Readable.count($0, of: unit ?? "objects") }, bytes.map(Readable.bytes)].compactMap { $0 }
            return parts.isEmpty ? what : "\(what): \(parts.joined(separator: ", "))"
        }
    }
}

extension CheckResult.Verdict {
    var word: String {
        switch self {
        case .held: "held"
        case .differed: "DIFFERS"
        case .undetermined: "NOT DETERMINED"
        }
    }
}

extension CheckResult {
    /// The two values as people can tell them apart: an empty one is named, and one that begins or ends with a space
    /// stands in quotation marks.
    var expectedShown: String { Self.shown(expected) }
    var actualShown: String { Self.shown(actual) }

    private static func shown(_ value: String) -> String {
        if value.isEmpty { return "(empty)" }
        return value.hasPrefix(" ") || value.hasSuffix(" ") ? "\"\(value)\"" : value
    }
}

extension RunResult.Objectives {
    /// An objective as every report words it.
    struct Line: Equatable {
        enum Judgement: String {
            case met, missed
            case notStated = "not stated"
            case notMeasured = "not measured"
        }

        let name: String
        let meaning: String
        /// `3 min 12 s`; nil when nothing could be measured.
        let achieved: String?
        /// `1 h`; nil when nothing was promised.
        let promised: String?
        let judgement: Judgement
        let remark: String?
    }

    /// Recovery time and recovery point, for a run whose noun is `drill` or `run`.
    func lines(_ noun: String) -> [Line] {
        [
            Line(
                name: "RTO", meaning: "time to recover", achieved: rtoSeconds.map(Readable.duration),
                promised: rtoObjectiveSeconds.map(Readable.period),
                judgement: Self.judge(rtoSeconds, rtoObjectiveSeconds, rtoMet),
                remark: rtoWithProvisioningSeconds.flatMap {
                    $0 == rtoSeconds ? nil : "\(Readable.duration($0)) with provisioning of the servers"
                }),
            Line(
                name: "RPO", meaning: "data that would have been lost", achieved: rpoSeconds.map(Readable.duration),
                promised: rpoObjectiveSeconds.map(Readable.period),
                judgement: Self.judge(rpoSeconds, rpoObjectiveSeconds, rpoMet),
                remark: restoredAgeSeconds.map { "the restored backup was from \(Readable.age($0, before: "the \(noun)"))" }),
        ]
    }

    fileprivate static func judge(_ achieved: Double?, _ promised: Double?, _ met: Bool?) -> Line.Judgement {
        guard promised != nil else { return .notStated }
        guard achieved != nil, let met else { return .notMeasured }
        return met ? .met : .missed
    }
}

extension RunResult {
    /// The recovery time of each runbook, where there are several or something was promised of one: told beside that of all together.
    var recoveries: [Objectives.Line] {
        let runbooks = parts.filter { $0.kind == .runbook }
        guard runbooks.count > 1 || runbooks.contains(where: { $0.rtoObjectiveSeconds != nil }) else { return [] }
        return runbooks.map { part in
            Objectives.Line(
                name: part.name, meaning: part.title, achieved: part.rtoSeconds.map(Readable.duration),
                promised: part.rtoObjectiveSeconds.map(Readable.period),
                judgement: Objectives.judge(part.rtoSeconds, part.rtoObjectiveSeconds, part.rtoMet), remark: servers(of: part))
        }
    }

    /// `postgres on 'db'`: which engines a runbook was about.
    private func servers(of part: Part) -> String? {
        let words = part.bindings.filter { $0.kind == .target }.map { binding in
            let engine = environment.servers.first { $0.name == binding.value }?.engine
            return [engine, "'\(binding.value)'"].compactMap(\.self).joined(separator: " on ")
        }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}
