import Recovery

extension TextPage {
    mutating func verdict(_ result: RunResult) {
        let verdict = Verdict(result)
        let words = "\(result.noun) \(result.name.shortened(to: 100)): \(verdict.sentence.shortened(to: 600))".visible.wrapped(
            to: width - verdict.word.columns - 1)
        for (index, part) in words.enumerated() {
            let head = TerminalText(verdict.word).styled(verdict.tone.look, style)
            line((index == 0 ? head : .spaces(verdict.word.columns)) + " " + TerminalText(part))
        }
        guard result.rehearsal else { return }
        line(TerminalText(RunResult.rehearsalBanner).styled(.doubtful, style) + TerminalText(result.standIns.map { ": \($0)" } ?? ""))
    }

    mutating func summary(_ result: RunResult) {
        line()
        let label = 10
        entry(
            "Run", "\(result.run), \(Readable.moment(result.startedAt)), took \(Readable.duration(result.tookSeconds))", labelWidth: label,
            indent: 0)
        for pause in result.interruptions {
            entry("", "interrupted \(Readable.moment(pause.from)), resumed \(Readable.moment(pause.to))", labelWidth: label, indent: 0)
        }
        for (index, objective) in result.objectives.lines(result.noun).enumerated() {
            self.objective(objective, label)
            // Right below that of all together.
            if index == 0 { for recovery in result.recoveries { self.recovery(recovery, label) } }
        }
        for backup in result.backups {
            let age = Readable.age(result.objectives.referenceTime.seconds(since: backup.recoveryPoint), before: "the \(result.noun)")
            entry(
                "Backup",
                "\(backup.id): \(backup.target), \(backup.engine) \(backup.engineVersion), \(Readable.bytes(backup.bytes)), from \(age), \(backup.chosen)",
                labelWidth: label, indent: 0)
        }
        for set in result.sets { entry("Set", set.words, labelWidth: label, indent: 0) }
        for backup in result.passedOver {
            entry(
                "", "passed over \(backup.id): \(backup.why.shortened(to: 600))", labelWidth: label, indent: 0,
                look: backup.kind.isTrouble ? .bad : nil)
        }
        entry("Servers", "\(result.environment.kind), \(result.environment.isolation)", labelWidth: label, indent: 0)
        for server in result.environment.servers {
            if let image = server.image { entry("", "\(server.name): image \(image.shortened(to: 400))", labelWidth: label, indent: 0) }
        }
    }

    private mutating func objective(_ line: RunResult.Objectives.Line, _ label: Int) {
        var words = line.achieved ?? "not measured"
        switch line.judgement {
        case .met: words += " of \(line.promised ?? "") promised: met"
        case .missed: words += ", promised was \(line.promised ?? ""): MISSED"
        case .notStated: words += ", no objective stated"
        case .notMeasured: words += ", promised was \(line.promised ?? "")"
        }
        if let remark = line.remark { words += " (\(remark))" }
        entry(TerminalText(line.name), words, labelWidth: label, indent: 0, look: line.judgement == .missed ? .bad : nil)
    }

    /// One runbook's own time; that nothing was promised of it is worth no word.
    private mutating func recovery(_ line: RunResult.Objectives.Line, _ label: Int) {
        var words = "\(line.name): \(line.achieved ?? "not carried through")"
        switch line.judgement {
        case .met: words += " of \(line.promised ?? "") promised: met"
        case .missed: words += ", promised was \(line.promised ?? ""): MISSED"
        case .notMeasured: words += ", promised was \(line.promised ?? "")"
        case .notStated: break
        }
        if let remark = line.remark { words += " (\(remark))" }
        entry("", words, labelWidth: label, indent: 0, look: line.judgement == .missed ? .bad : nil)
    }

    mutating func failure(_ result: RunResult) {
        guard let failure = result.failureToExplain else { return }
        heading(result.outcome == .paused ? "What it waits for" : "What went wrong")
        if let step = result.step(at: result.failedStep) { entry("at step", "\(step.path) \(step.name)", labelWidth: 11) }
        entry("what", failure.problem.shortened(to: 2000), labelWidth: 11)
        for cause in failure.causes { entry("why", cause.shortened(to: 2000), labelWidth: 11) }
        if let hint = failure.hint { entry("what next", hint.shortened(to: 2000), labelWidth: 11) }
    }

    mutating func findings(_ result: RunResult, limit: Int) {
        let total = result.checks.differed + result.checks.undetermined
        guard total > 0 else { return }
        heading("Findings (\(Readable.count(total)))")
        var left = limit
        for step in result.stepsWithFindings where left > 0 {
            line("  \(step.path) \(step.name.visible.fitted(to: width - 10))")
            for finding in step.checks.filter(\.isFinding).prefix(left) {
                self.finding(finding)
                left -= 1
            }
        }
        if total > limit { line("    and \(Readable.count(total - limit)) more, which the other reports list") }
    }

    private mutating func finding(_ finding: CheckResult) {
        let tolerance = finding.tolerance.map { " (\($0))" } ?? ""
        entry("", "\(finding.subject.shortened(to: 200)): \(finding.aspect)\(tolerance) \(finding.verdict.word)", labelWidth: 0, indent: 4)
        entry("expected", finding.expectedShown.shortened(to: 400), labelWidth: 10, indent: 6)
        entry(
            finding.verdict == .undetermined ? "because" : "actual", finding.actualShown.shortened(to: 400), labelWidth: 10, indent: 6,
            look: .bold)
    }

    mutating func notExercised(_ result: RunResult) {
        guard !result.notExercised.isEmpty else { return }
        heading("Not exercised")
        for thing in result.notExercised { item("\(thing.what): \(thing.why)".shortened(to: 1000)) }
    }

    mutating func notices(_ result: RunResult) {
        guard !result.notices.isEmpty else { return }
        heading("Notices")
        for notice in result.notices { item(notice.shortened(to: 1000)) }
    }

    mutating func next(_ result: RunResult) {
        guard !result.next.isEmpty else { return }
        heading("What you can do now")
        for next in result.next {
            entry("", "\(next.purpose):", labelWidth: 0, indent: 2)
            line("    \(next.command)")
        }
    }

    mutating func files(_ result: RunResult, reports: [String]) {
        line()
        for report in reports { entry("Report", report, labelWidth: 10, indent: 0) }
        entry("Journal", result.evidence.journal, labelWidth: 10, indent: 0)
    }
}
