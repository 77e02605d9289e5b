import Recovery

/// What was attempted, why it did not work, what to do next.
struct HTMLFailure {
    let result: RunResult

    var markup: HTMLText {
        let wentWrong = result.failureToExplain != nil || !findings.isEmpty
        guard wentWrong || !result.next.isEmpty else { return .none }
        let title: HTMLText = wentWrong ? (result.outcome == .paused ? "What it waits for" : "What went wrong") : "What to do now"
        return .section("failure", title, "\(failure)\(differences)\(next)")
    }

    /// So many findings are told right below the verdict; the checks have all of them.
    private static let told = 5

    private var findings: [CheckResult] { result.steps.flatMap(\.checks).filter(\.isFinding) }

    private var differences: HTMLText? {
        guard !findings.isEmpty else { return nil }
        let first = findings.prefix(Self.told).map { finding in
            """
            <strong>\(HTMLText.foreign(finding.subject.shortened(to: 200)))</strong>, \(HTMLText.foreign(finding.aspect.shortened(to: 100))): \
            expected \(HTMLText.code(finding.expectedShown.shortened(to: 200))), \
            \(finding.verdict == .undetermined ? "not determined:" : "found") \(HTMLText.code(finding.actualShown.shortened(to: 200)))
            """ as HTMLText
        }
        let more = findings.count - first.count
        let rest: HTMLText? = more > 0 ? " and \(Readable.count(more)) more" : nil
        return "<div class=\"failure\">\n\(HTMLText.list(first))\n<p><a href=\"#checks\">All that was checked</a>\(rest)</p>\n</div>"
    }

    private var failure: HTMLText? {
        guard let failure = result.failureToExplain else { return nil }
        let step = result.step(at: result.failedStep).map { "\($0.path) \(HTMLText.foreign($0.name))" as HTMLText }
        return """
            <div class="failure">
            \(HTMLText.facts([
                ("At step", step),
                ("What", .foreign(failure.problem.shortened(to: 4000))),
                ("Why", failure.causes.isEmpty ? nil : failure.causes.map { "<p>\(HTMLText.foreign($0.shortened(to: 4000)))</p>" }.joined()),
                ("What next", failure.hint.map { HTMLText.foreign($0.shortened(to: 4000)) }),
            ]))
            </div>
            """
    }

    private var next: HTMLText {
        result.next.map {
            "<p>\(HTMLText.foreign($0.purpose.prefix(1).uppercased() + $0.purpose.dropFirst())):</p>\n<pre>\($0.command)</pre>"
        }.joined()
    }
}
