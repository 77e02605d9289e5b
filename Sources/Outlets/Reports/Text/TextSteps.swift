import Recovery

/// The list of the steps: place, status, time, name, and below it what is worth a line.
extension TextPage {
    mutating func steps(_ result: RunResult) {
        let pathWidth = max(result.steps.map { $0.path.visible.columns }.max() ?? 0, 3)
        let statusWidth = result.steps.map { $0.status.word.columns }.max() ?? 0
        for part in result.parts where !part.steps.isEmpty {
            heading(TerminalText(title(of: part).visible.fitted(to: width)))
            for step in part.steps { self.step(step, pathWidth: pathWidth, statusWidth: statusWidth) }
        }
    }

    private func title(of part: RunResult.Part) -> String {
        switch part.kind {
        case .given: return "Given before the disaster (not part of the recovery time)"
        case .across: return "Across stores (not part of the recovery time)"
        case .always: return "Always at the end"
        case .runbook:
            let version = part.version.map { ", version \($0)" } ?? ""
            return "Steps of \(part.name)\(version) (\(Readable.duration(part.tookSeconds)))"
        }
    }

    private mutating func step(_ step: StepRecord, pathWidth: Int, statusWidth: Int) {
        let took = step.attempts.isEmpty ? "" : Readable.duration(step.tookSeconds)
        let status = TerminalText(step.status.word).padded(to: statusWidth)
        let head =
            "  " + TerminalText(step.path).padded(to: pathWidth) + "  "
            + (step.status == .passed ? status : status.styled(step.status.tone.look, style)) + "  "
            + TerminalText(took).rightAligned(to: 11) + "  "
        line(head + TerminalText(step.name.visible.fitted(to: max(width - head.columns, 16))))
        let indent = pathWidth + 4
        for remark in step.remarks { entry("", remark.shortened(to: 600), labelWidth: 0, indent: indent) }
    }
}

extension CheckTally {
    /// `310 checks held`, `310 checks held, 2 differ, 1 not determined`.
    var words: String {
        var parts = ["\(Readable.count(held, "check", "checks")) held"]
        if differed > 0 { parts.append("\(Readable.count(differed)) \(differed == 1 ? "differs" : "differ")") }
        if undetermined > 0 { parts.append("\(Readable.count(undetermined)) not determined") }
        return parts.joined(separator: ", ")
    }
}
