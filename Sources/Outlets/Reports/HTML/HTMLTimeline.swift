import Recovery

/// The steps as a drawing, and as a table for whoever cannot see it.
struct HTMLTimeline {
    let result: RunResult

    var markup: HTMLText {
        guard !result.steps.isEmpty else { return .none }
        let timeline = Timeline(result)
        let drawing = TimelineDrawing(timeline: timeline, title: "Timeline of the \(result.noun)")
        return .section("timeline", "Timeline", "\(drawing.svg)\n\(legend(timeline))\n\(steps)")
    }

    private func legend(_ timeline: Timeline) -> HTMLText {
        let phases = timeline.phases.map { phase in
            """
            <li><svg xmlns="http://www.w3.org/2000/svg" width="28" height="15" aria-hidden="true">\
            <rect class="bar" x="0.5" y="0.5" width="27" height="14" fill="\(PhaseLook.paint(phase))"/></svg> \
            \(phase.rawValue)\(total(phase).map { ": \($0)" } ?? "")</li>
            """ as HTMLText
        }
        let trouble: HTMLText? =
            timeline.rows.flatMap(\.bars).contains { $0.trouble != nil }
            ? """
            <li><svg class="timeline" xmlns="http://www.w3.org/2000/svg" width="28" height="15" aria-hidden="true">\
            <rect class="trouble" x="1" y="1" width="26" height="13" fill="none"/></svg> an attempt that did not pass, ends in ✕</li>
            """ : nil
        let pause: HTMLText? =
            timeline.pauses.isEmpty
            ? nil
            : """
            <li><svg class="timeline" xmlns="http://www.w3.org/2000/svg" width="28" height="15" aria-hidden="true">\
            <line class="pause" x1="14" y1="0" x2="14" y2="15"/></svg> interrupted; the clock stands still until the resume</li>
            """
        return "<ul class=\"legend\" aria-label=\"Legend\">\((phases + [trouble, pause].compactMap { $0 }).joined())</ul>"
    }

    private func total(_ phase: Phase) -> String? {
        if phase == .provision { return Readable.duration(result.environment.provisionSeconds) }
        let seconds = result.parts.filter { $0.kind == .runbook }.flatMap(\.phases).filter { $0.phase == phase }.reduce(0) {
            $0 + $1.seconds
        }
        return seconds > 0 ? Readable.duration(seconds) : nil
    }

    /// One table with a group of rows for each part, so that the columns stand below each other.
    private var steps: HTMLText {
        """
        <table class="stacked steps">
        <caption>The steps in numbers; <q>began at</q> counts from the start of the \(result.noun)</caption>
        <thead><tr><th scope="col">place</th><th scope="col">step</th><th scope="col">status</th>\
        <th scope="col" class="number">began at</th><th scope="col" class="number">took</th></tr></thead>
        \(result.parts.filter { !$0.steps.isEmpty }.map(group).joined())
        </table>
        """
    }

    private func group(_ part: RunResult.Part) -> HTMLText {
        """
        <tbody>
        <tr><th class="group" scope="rowgroup" colspan="5">\(caption(part))</th></tr>
        \(part.steps.map(row).joined())
        </tbody>
        """
    }

    private func caption(_ part: RunResult.Part) -> HTMLText {
        switch part.kind {
        case .given: "Given before the disaster: not part of the recovery time"
        case .across: "Across stores: not part of the recovery time"
        case .always: "Always at the end"
        case .runbook: "Steps of \(HTMLText.foreign(part.name)), \(Readable.duration(part.tookSeconds))"
        }
    }

    private func row(_ step: StepRecord) -> HTMLText {
        let began = step.attempts.first.map { Readable.duration($0.offsetSeconds) } ?? ""
        let took = step.attempts.isEmpty ? "" : Readable.duration(step.tookSeconds)
        let remarks = (step.remarks + step.effects.map(\.words)).map { HTMLText.foreign($0.shortened(to: 1000)) }
        return """
            <tr>\(HTMLText.cell("place", "\(step.path)"))<th scope="row">\(HTMLText.foreign(step.name)) \
            <span class="soft">\(step.kind)</span>\(HTMLText.list(remarks))</th>\
            \(HTMLText.cell("status", "<span class=\"\(step.status == .passed ? "plain" : step.status.tone.cssClass)\">\(step.status.word)</span>"))\
            <td class="number" data-label="began at">\(began)</td><td class="number" data-label="took">\(took)</td></tr>
            """
    }
}
