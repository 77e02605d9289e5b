import Recovery

/// The verdict, and which run this was.
struct HTMLHeader {
    let result: RunResult
    let verdict: Verdict

    var markup: HTMLText {
        """
        \(rehearsal)
        <div class="verdict \(verdict.tone.cssClass)">
        <h1>\(verdict.word)</h1>
        <p class="name">\(result.noun) \(HTMLText.foreign(result.name.shortened(to: 200)))\(title)</p>
        <p class="about">\(capitalised(verdict.sentence).shortened(to: 2000)).</p>
        </div>
        \(HTMLText.facts([
            ("Run", .code(result.run)),
            ("Started", .longTime(result.startedAt)),
            ("Ended", "\(HTMLText.longTime(result.endedAt)), after \(Readable.duration(result.tookSeconds))\(pauses)"),
            ("By", "\(HTMLText.foreign(result.operatorLine)) on \(HTMLText.foreign(result.evidence.host))"),
            ("Reason", result.evidence.reason.map(HTMLText.foreign)),
            ("Exit code", "\(Int(result.exitCode))"),
        ]))
        """
    }

    private var title: HTMLText { result.title.isEmpty ? .none : ": \(HTMLText.foreign(result.title.shortened(to: 300)))" }

    private var pauses: HTMLText {
        let count = result.interruptions.count
        return count == 0 ? .none : " of work and \(Readable.count(count, "interruption", "interruptions"))"
    }

    private var rehearsal: HTMLText? {
        guard result.rehearsal else { return nil }
        let why = result.standIns ?? "it rests on a stand-in of an engine"
        return """
            <p class="rehearsal" role="note"><strong>\(RunResult.rehearsalBanner)</strong> \
            \(why.shortened(to: 1000)). What follows shows that the procedure works, not that the real backup can be restored.</p>
            """
    }

    private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

extension Verdict.Tone {
    var cssClass: HTMLText {
        switch self {
        case .good: "good"
        case .doubtful: "doubtful"
        case .bad: "bad"
        }
    }
}
