import Recovery

/// What was compared, findings first; what held is evidence too, and folded away where it is much.
struct HTMLChecks {
    let result: RunResult
    let rowLimit: Int

    /// So many that held are shown without being asked for.
    private static let unfolded = 12

    var markup: HTMLText {
        let tally = result.checks
        guard result.steps.contains(where: { !$0.checks.isEmpty }) else {
            return .section("checks", "What was checked", "<p><strong>Nothing was compared.</strong></p>")
        }
        return .section(
            "checks", "What was checked",
            """
            <p>\(tally.words), which stand for \(Readable.count(tally.compared, "single comparison", "single comparisons")).</p>
            \(ordered(result.parts.filter { $0.kind != .across }).map(step).joined())
            """) + across
    }

    /// Each store can be as it was captured, and still not belong to the others: that is told on its own.
    private var across: HTMLText {
        let steps = ordered(result.parts.filter { $0.kind == .across })
        guard !steps.isEmpty else { return .none }
        return .section("across", "Across stores", "\(steps.map(step).joined())")
    }

    /// Steps with findings before those without.
    private func ordered(_ parts: [RunResult.Part]) -> [StepRecord] {
        let steps = parts.flatMap(\.steps).filter { !$0.checks.isEmpty }
        return steps.filter { $0.checks.contains(where: \.isFinding) } + steps.filter { !$0.checks.contains(where: \.isFinding) }
    }

    private func step(_ step: StepRecord) -> HTMLText {
        let findings = step.checks.filter(\.isFinding)
        let held = step.checks.filter { !$0.isFinding }
        return """
            <h3>\(step.path) \(HTMLText.foreign(step.name)): \(CheckTally(step.checks).words)</h3>
            \(findings.isEmpty ? nil : table("Findings", findings))
            \(held.isEmpty ? nil : folded(held))
            """
    }

    private func folded(_ held: [CheckResult]) -> HTMLText {
        let open: HTMLText = held.count <= Self.unfolded ? " open" : ""
        return """
            <details\(open)><summary>\(Readable.count(held.count, "check", "checks")) held: \(aspects(held))</summary>
            \(table("Held", held))
            </details>
            """
    }

    /// `120 rows, 80 definition`: what kinds there are, the most frequent first.
    private func aspects(_ held: [CheckResult]) -> String {
        let counts = Dictionary(grouping: held, by: \.aspect).mapValues(\.count)
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = sorted.prefix(6).map { "\($0.key.shortened(to: 60)) (\(Readable.count($0.value)))" }
        return shown.joined(separator: ", ") + (sorted.count > 6 ? " and others" : "")
    }

    private func table(_ caption: HTMLText, _ checks: [CheckResult]) -> HTMLText {
        let rows = checks.prefix(rowLimit).map(row)
        let more = checks.count - rows.count
        return """
            \(HTMLText.table(caption, ["what", "about it", "expected", "actual", "result"], rows))
            \(more > 0 ? "<p>And \(Readable.count(more)) more, which the JSON report lists.</p>" as HTMLText : nil)
            """
    }

    private func row(_ check: CheckResult) -> HTMLText {
        let tolerance = check.tolerance.map { " <span class=\"soft\">\($0.shortened(to: 200))</span>" as HTMLText }
        let many: HTMLText? = check.compared > 1 ? " <span class=\"soft\">(\(Readable.count(check.compared)) compared)</span>" : nil
        return """
            <tr class="\(check.isFinding ? "finding" : "held")"><th scope="row">\(HTMLText.foreign(check.subject.shortened(to: 400)))</th>\
            \(HTMLText.cell("about it", "\(HTMLText.foreign(check.aspect.shortened(to: 200)))\(tolerance)"))\
            \(HTMLText.cell("expected", .code(check.expectedShown.shortened(to: 1000))))\
            \(HTMLText.cell("actual", .code(check.actualShown.shortened(to: 1000))))\
            \(HTMLText.cell("result", check.isFinding ? "<strong class=\"bad\">\(check.verdict.word)</strong>" : "\(check.verdict.word)\(many)"))</tr>
            """
    }
}
