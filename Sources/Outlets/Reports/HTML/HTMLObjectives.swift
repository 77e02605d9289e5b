import Recovery

/// What was promised and what was achieved.
struct HTMLObjectives {
    let result: RunResult

    var markup: HTMLText {
        .section(
            "objectives", "Objectives",
            """
            <div class="cards">
            \(result.objectives.lines(result.noun).map(card).joined())
            \(restored)
            </div>
            \(recoveries)
            """)
    }

    /// Of each runbook by itself.
    private var recoveries: HTMLText? {
        let lines = result.recoveries
        guard !lines.isEmpty else { return nil }
        let rows = lines.map { line -> HTMLText in
            """
            <tr><th scope="row">\(HTMLText.foreign(line.name))</th>\(HTMLText.cell("of", HTMLText.foreign(line.remark ?? "")))\
            \(HTMLText.cell("took", line.achieved.map { "\($0)" } ?? "not carried through"))\
            \(HTMLText.cell("promised", line.promised.map { "\($0)" } ?? "nothing"))\
            \(HTMLText.cell("judgement", line.judgement == .missed ? "<strong class=\"bad\">MISSED</strong>" : "\(line.judgement.rawValue)"))</tr>
            """
        }
        return .table("Recovery time of each runbook", ["runbook", "of", "took", "promised", "judgement"], rows)
    }

    private func card(_ line: RunResult.Objectives.Line) -> HTMLText {
        """
        <div class="card">
        <h3><abbr title="\(line.name == "RTO" ? "recovery time objective" : "recovery point objective")">\(line.name)</abbr>: \(line.meaning)</h3>
        <p class="figure">\(line.achieved ?? "not measured")</p>
        \(judgement(line))
        \(line.name == "RTO" ? line.remark.map { "<p class=\"soft\">\($0)</p>" } : newest)
        </div>
        """
    }

    private func judgement(_ line: RunResult.Objectives.Line) -> HTMLText {
        switch line.judgement {
        case .met: "<p class=\"good\"><strong>met</strong>: \(line.promised ?? "") was promised</p>"
        case .missed: "<p class=\"bad\"><strong>MISSED</strong>: \(line.promised ?? "") was promised</p>"
        case .notStated: "<p class=\"soft\">no objective was stated</p>"
        case .notMeasured: "<p class=\"doubtful\">\(line.promised ?? "") was promised</p>"
        }
    }

    private var newest: HTMLText? {
        result.objectives.newestUsableBackup.map { "<p class=\"soft\">judged by the newest usable backup, \(HTMLText.code($0))</p>" }
    }

    private var restored: HTMLText? {
        guard let age = result.objectives.restoredAgeSeconds else { return nil }
        return """
            <div class="card">
            <h3>Age of the backup that was restored</h3>
            <p class="figure">\(Readable.duration(age))</p>
            <p class="soft">counted back from \(HTMLText.time(result.objectives.referenceTime))</p>
            </div>
            """
    }
}
