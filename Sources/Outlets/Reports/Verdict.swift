import Recovery

/// A run in one word and one sentence, the same in every report. The sentence may hold names from elsewhere: every
/// outlet escapes it.
package struct Verdict: Sendable, Equatable {
    /// Whether it is good news: for a colour that repeats what the word says.
    package enum Tone: String, Sendable { case good, doubtful, bad }

    package let word: String
    package let sentence: String
    package let tone: Tone

    package init(_ result: RunResult) {
        switch result.outcome {
        case .passed: self.init("PASSED", Self.passed(result), result.rehearsal ? .doubtful : .good)
        case .failed: self.init("FAILED", Self.failed(result), .bad)
        case .broke: self.init("BROKE", Self.stopped("broke off", result), .bad)
        case .paused: self.init("PAUSED", Self.paused(result), .doubtful)
        case .unverified:
            self.init("NOT VERIFIED", "everything was done, and nothing was compared: whether the data is right is not known", .doubtful)
        case .objectiveMissed: self.init("OBJECTIVE MISSED", Self.missed(result), .doubtful)
        case .incomplete: self.init("INCOMPLETE", Self.incomplete(result), .doubtful)
        case .interrupted(let signal):
            self.init("INTERRUPTED", Self.stopped("stopped by \(signal == .interrupt ? "SIGINT" : "SIGTERM")", result), .doubtful)
        }
    }

    private init(_ word: String, _ sentence: String, _ tone: Tone) {
        self.word = word
        self.sentence = sentence
        self.tone = tone
    }

    private static func passed(_ result: RunResult) -> String {
        guard let rto = result.objectives.rtoSeconds else { return "\(held(result)) held" }
        return "\(held(result)) held, recovered in \(Readable.duration(rto))"
    }

    private static func failed(_ result: RunResult) -> String {
        let findings = result.checks.differed + result.checks.undetermined
        // A failure that only repeats the first finding says less than the count of all of them.
        if let failure = result.failure, failure.kind != .differs || findings == 0 {
            let also = findings > 0 ? "; besides, \(differing(result))" : ""
            return failure.problem + also
        }
        return "\(differing(result)), out of \(Readable.count(findings + result.checks.held, "check", "checks"))"
    }

    private static func differing(_ result: RunResult) -> String {
        let differed = result.checks.differed
        let undetermined = result.checks.undetermined
        var parts: [String] = []
        if differed > 0 || undetermined == 0 {
            parts.append("\(Readable.count(differed)) \(differed == 1 ? "check differs" : "checks differ")")
        }
        if undetermined > 0 { parts.append("\(Readable.count(undetermined)) could not be made") }
        return parts.joined(separator: ", ")
    }

    private static func paused(_ result: RunResult) -> String {
        guard let step = result.step(at: result.failedStep) else { return "waits for a person" }
        return "waits for a person at step \(step.path) '\(step.name)'" + (step.because.map { ": \($0)" } ?? "")
    }

    private static func stopped(_ how: String, _ result: RunResult) -> String {
        var sentence = how
        if let step = result.step(at: result.failedStep) { sentence += " at step \(step.path) '\(step.name)'" }
        if let failure = result.failure { sentence += ": \(failure.problem)" }
        return sentence
    }

    private static func missed(_ result: RunResult) -> String {
        let objectives = result.objectives
        var parts: [String] = []
        if objectives.rtoMet == false, let achieved = objectives.rtoSeconds, let promised = objectives.rtoObjectiveSeconds {
            parts.append("recovery took \(Readable.duration(achieved)), \(Readable.period(promised)) was promised")
        }
        for part in result.parts where part.rtoMet == false {
            guard let achieved = part.rtoSeconds, let promised = part.rtoObjectiveSeconds else { continue }
            parts.append("\(part.name) took \(Readable.duration(achieved)), \(Readable.period(promised)) was promised")
        }
        if objectives.rpoMet == false, let achieved = objectives.rpoSeconds, let promised = objectives.rpoObjectiveSeconds {
            parts.append("the newest usable backup was \(Readable.duration(achieved)) old, \(Readable.period(promised)) was promised")
        }
        return "\(held(result)) held, but " + (parts.isEmpty ? "an objective was missed" : parts.joined(separator: ", and "))
    }

    private static func incomplete(_ result: RunResult) -> String {
        let left = result.steps.filter { $0.status == .skipped || $0.status == .notReached }.count
        let wrong = result.steps.filter { $0.status == .broke || $0.status == .failed }.count
        var parts: [String] = []
        if wrong > 0 { parts.append("\(Readable.count(wrong, "step", "steps")) did not succeed") }
        if left > 0 { parts.append("\(Readable.count(left, "step was", "steps were")) left out") }
        let unusable = result.passedOver.filter(\.kind.isTrouble).count
        if unusable > 0 { parts.append("\(Readable.count(unusable, "backup", "backups")) had to be passed over") }
        if !result.notices.isEmpty { parts.append("see the \(result.notices.count == 1 ? "notice" : "notices")") }
        return "\(held(result)) held" + (parts.isEmpty ? "" : "; " + parts.joined(separator: ", "))
    }

    private static func held(_ result: RunResult) -> String {
        let checks = result.checks
        let all = checks.held + checks.differed + checks.undetermined
        guard checks.held != all else { return checks.held == 1 ? "the one check" : "all \(Readable.count(checks.held)) checks" }
        return "\(Readable.count(checks.held)) of \(Readable.count(all)) checks"
    }
}
