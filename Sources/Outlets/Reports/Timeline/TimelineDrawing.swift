import Recovery

/// A timeline as inline SVG. Places and widths are percentages and text keeps its size, so that the same drawing
/// fills a wide screen, a sheet of paper and a telephone.
struct TimelineDrawing {
    let timeline: Timeline
    let title: String

    private static let top = 26
    private static let rowHeight = 38
    /// The narrowest width that labels have to fit.
    private static let narrowest = 300.0

    var svg: HTMLText {
        let height = Self.top + timeline.rows.count * Self.rowHeight + 6
        return """
            <svg class="timeline" xmlns="http://www.w3.org/2000/svg" width="100%" height="\(height)" role="img" \
            aria-labelledby="timeline-title timeline-text">
            <title id="timeline-title">\(title)</title>
            <desc id="timeline-text">\(description)</desc>
            <defs>\(PhaseLook.definitions(timeline.phases))</defs>
            \(timeline.axis.ticks.map { tick($0, height: height) }.joined())
            \(timeline.rows.enumerated().map { row($1, top: Self.top + $0 * Self.rowHeight) }.joined())
            \(timeline.pauses.map { pause($0, height: height) }.joined())
            </svg>
            """
    }

    /// For readers that cannot see it; the table of the steps says the rest.
    private var description: String {
        let pauses = timeline.pauses.isEmpty ? "" : " \(Readable.count(timeline.pauses.count, "interruption", "interruptions"))."
        return "One bar per step over \(Readable.duration(timeline.axis.seconds)).\(pauses) The table below has the same numbers."
    }

    private func tick(_ seconds: Double, height: Int) -> HTMLText {
        let place = percent(seconds)
        let anchor: HTMLText = seconds == 0 ? "start" : timeline.axis.percent(seconds) > 92 ? "end" : "middle"
        return """
            <line class="tick" x1="\(place)" y1="18" x2="\(place)" y2="\(height)"/>\
            <text class="tick" x="\(place)" y="12" text-anchor="\(anchor)">\(seconds == 0 ? "0" : Readable.period(seconds))</text>
            """
    }

    private func row(_ row: Timeline.Row, top: Int) -> HTMLText {
        // On a telephone both texts share one line of some 46 columns.
        let room = max(46 - row.remark.columns, 14)
        return """
            <g><text class="label" x="0" y="\(top + 12)">\(row.label.visible.fitted(to: room))</text>\
            <text class="remark" x="100%" y="\(top + 12)" text-anchor="end">\(row.remark)</text>\
            \(row.bars.map { bar($0, top: top + 17) }.joined(separator: ""))</g>
            """
    }

    private func bar(_ bar: Timeline.Bar, top: Int) -> HTMLText {
        let start = timeline.axis.percent(bar.start)
        // A bar of no time would not be drawn at all.
        let width = max(timeline.axis.percent(bar.start + bar.seconds) - start, 0.35)
        let place = min(start, 100 - width)
        let look: HTMLText = bar.trouble == nil ? "bar" : "bar trouble"
        return """
            <rect class="\(look)" x="\(percentage(place))" y="\(top)" width="\(percentage(width))" height="15" \
            fill="\(PhaseLook.paint(bar.phase))"><title>\(bar.label)</title></rect>\
            \(inside(bar, place: place, width: width, top: top))\(mark(bar, end: place + width, top: top))
            """
    }

    /// The phase's name, where it fits even on a telephone.
    private func inside(_ bar: Timeline.Bar, place: Double, width: Double, top: Int) -> HTMLText? {
        guard width / 100 * Self.narrowest > Double(bar.phase.rawValue.count) * 6.4 + 6 else { return nil }
        return """
            <text class="inside" x="\(percentage(place + width / 2))" y="\(top + 11)" text-anchor="middle">\(bar.phase.rawValue)</text>
            """
    }

    /// A cross behind an attempt that did not pass: its end is told by a shape too.
    private func mark(_ bar: Timeline.Bar, end: Double, top: Int) -> HTMLText? {
        guard bar.trouble != nil else { return nil }
        let anchor: HTMLText = end > 95 ? "end" : "start"
        return """
            <text class="mark" x="\(percentage(end))" y="\(top + 12)" dx="\(end > 95 ? -2 : 2)" text-anchor="\(anchor)">✕</text>
            """
    }

    private func pause(_ pause: Timeline.Pause, height: Int) -> HTMLText {
        let place = percent(pause.at)
        return """
            <line class="pause" x1="\(place)" y1="18" x2="\(place)" y2="\(height)">\
            <title>interrupted for \(Readable.duration(pause.seconds))</title></line>
            """
    }

    private func percent(_ moment: Double) -> String { percentage(timeline.axis.percent(moment)) }

    /// `12.345%`, independent of any locale.
    private func percentage(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        return "\(thousandths / 1000).\(String(1000 + thousandths % 1000).dropFirst())%"
    }
}
