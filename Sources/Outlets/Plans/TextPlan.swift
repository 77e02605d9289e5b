import Recovery

/// A plan for people: what is at hand, what would happen line by line, what is missing, what will be asked, and the sum.
package struct TextPlan: Sendable {
    package let style: TerminalStyle
    /// Columns to stay within; words longer than a line are not broken.
    package let width: Int

    /// - Parameter width: below 60 it counts as 60.
    package init(style: TerminalStyle = .plain, width: Int = 100) {
        self.style = style
        self.width = max(width, 60)
    }

    /// The plan, ending in a line end.
    package func text(_ plan: Plan) -> String {
        var page = TextPage(style: style, width: width)
        page.atHand(plan)
        page.steps(plan)
        page.list("Missing", plan.missing)
        page.questions(plan)
        page.list(
            "Will be refused, unless it is accepted by name",
            plan.unproven.map { "\($0) would be destroyed, and no backup fills it again: --accept-unproven \($0)" })
        page.line()
        page.line(TerminalText(plan.sum).styled(.bold, style))
        return page.text
    }
}

extension Plan {
    /// `Plan: 3 to create, 1 to change, 2 to destroy.`
    package var sum: String {
        let unknown = unknownSteps == 0 ? "" : "; \(Readable.count(unknownSteps, "step", "steps")) unknown"
        return "Plan: \(count(.create)) to create, \(count(.change)) to change, \(count(.destroy)) to destroy\(unknown)."
    }
}

extension TextPage {
    private static let label = 10

    private mutating func row(_ label: TerminalText, _ words: String, look: TerminalStyle.Look? = nil) {
        entry(label, words.shortened(to: 1000), labelWidth: Self.label, indent: 0, look: look)
    }

    fileprivate mutating func atHand(_ plan: Plan) {
        let runbook = plan.runbook
        row("Plan of", "\(runbook.name): \(runbook.title)", look: .bold)
        let owner = runbook.owner.map { ", owner \($0)" } ?? ""
        row(
            "Runbook",
            "\(runbook.path), version \(runbook.version)\(owner), \(runbook.reviewed.map { "reviewed \($0)" } ?? "never reviewed")")
        for contact in runbook.contacts {
            row("Contact", ([contact.name] + [contact.phone, contact.mail].compactMap { $0 }).joined(separator: ", "))
        }
        for target in plan.targets { self.target(target) }
        for app in plan.apps.sorted(by: { $0.key < $1.key }) {
            row("App", "\(app.key): \(app.value)")
            if let words = plan.containers[app.key] { row("", words) }
        }
        for input in plan.inputs.sorted(by: { $0.key < $1.key }) { row("Input", "\(input.key) = \(input.value)") }
        for backup in plan.backups { self.backup(backup) }
        row("Takes", plan.duration.map { "\($0.words) of \(Readable.count($0.runs, "run or drill", "runs and drills"))" } ?? "no history")
    }

    private mutating func target(_ target: Plan.TargetShown) {
        let system = target.system.map { ", system \($0)" } ?? ""
        row("Target", "\(target.role): \(target.name), \(target.engine) at \(target.address)\(system), \(target.stage ?? "no stage")")
        if let reason = target.unreachable { row("", "unknown (\(reason))", look: .bad) }
        if target.unreachable == nil, target.system == nil {
            row("", "unknown (it does not say which server it is; its account may not know)", look: .bad)
        }
        if let reason = target.guarded { row("", "guarded: \(reason)", look: .doubtful) }
    }

    private mutating func backup(_ backup: Plan.BackupShown) {
        row("Backup", "\(backup.role): \(backup.id), \(backup.chosen)")
        row(
            "",
            "\(backup.engine) \(backup.engineVersion), \(Readable.bytes(backup.bytes)) (\(Readable.totals(backup.totals))), \(Readable.duration(backup.ageSeconds)) old"
        )
        if let proof = backup.proof {
            row("", "proven \(Readable.moment(proof.at)) by \(proof.words)\(proof.run.map { " (run \($0))" } ?? "")")
        } else {
            row("", "not proven: no drill has restored and verified it", look: .doubtful)
        }
    }

    fileprivate mutating func steps(_ plan: Plan) {
        let width = max(plan.steps.map { $0.path.visible.columns }.max() ?? 0, 3)
        for part in plan.parts where !part.steps.isEmpty {
            heading(TerminalText(part.kind == .always ? "Always at the end" : "Steps"))
            for step in part.steps { self.step(step, width) }
        }
    }

    private mutating func step(_ step: Plan.StepShown, _ pathWidth: Int) {
        let took = step.duration.map { "  (\($0.words))" } ?? ""
        let person = step.needsPerson ? "  waits for a person" : ""
        let head = "  " + TerminalText(step.path).padded(to: pathWidth) + "  "
        line(head + TerminalText("\(step.name)\(took)\(person)".visible.fitted(to: max(width - head.columns, 16))))
        let indent = pathWidth + 4
        if let reason = step.skipped { entry("", "left out: \(reason)", labelWidth: 0, indent: indent, look: .doubtful) }
        for effect in step.effects { self.effect(effect, indent: indent) }
        if let reason = step.unknown {
            entry(
                TerminalText("?").styled(.doubtful, style), "unknown (\(reason.shortened(to: 600)))", labelWidth: 2, indent: indent,
                look: .doubtful)
        }
    }

    private mutating func effect(_ effect: Effect, indent: Int) {
        let (symbol, look): (String, TerminalStyle.Look) =
            switch effect.verb {
            case .create: ("+", .good)
            case .change: ("~", .doubtful)
            case .destroy: ("-", .bad)
            }
        let refill = effect.refill.map { ", filled again from \($0.backupRole)" } ?? ""
        entry(
            TerminalText(symbol).styled(look, style),
            "\(effect.object.kind) \(effect.object)\(effect.amount.remark)\(refill)".shortened(to: 600), labelWidth: 2, indent: indent)
    }

    fileprivate mutating func questions(_ plan: Plan) {
        let people = plan.steps.filter { $0.needsPerson && $0.skipped == nil }
        guard !plan.confirmations.isEmpty || !people.isEmpty else { return }
        heading("Will be asked")
        for confirmation in plan.confirmations {
            item(
                "the name '\(confirmation.target)', typed or with --confirm \(confirmation.target): \(confirmation.because)".shortened(
                    to: 600))
            for effect in confirmation.effects {
                item("\(effect.object.kind) \(effect.object)\(effect.amount.remark)".shortened(to: 600), indent: 6)
            }
        }
        for step in people { item("somebody at step \(step.path), \(step.name)".shortened(to: 600)) }
    }

    fileprivate mutating func list(_ title: TerminalText, _ words: [String]) {
        guard !words.isEmpty else { return }
        heading(title)
        for word in words { item(word.shortened(to: 1000)) }
    }
}

extension Effect.Amount {
    /// ` (12 tables, 1.2 GiB)`, `, unknown (unreachable: …)`; nothing, when there is nothing to say.
    fileprivate var remark: String {
        switch self {
        case .known(let count, let unit, let bytes):
            let parts = [count.map { Readable.count($0, of: unit ?? "objects") }, bytes.map { Readable.bytes($0) }].compactMap { $0 }
            return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
        case .unknown(let because): return ", unknown (\(because))"
        case .absent: return " (not there: nothing to do)"
        }
    }
}

extension Plan.Expectation {
    fileprivate var words: String {
        runs == 1
            ? "last \(Readable.duration(lastSeconds))"
            : "last \(Readable.duration(lastSeconds)), median \(Readable.duration(medianSeconds))"
    }
}
