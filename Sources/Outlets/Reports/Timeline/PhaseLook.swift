import Recovery

/// How a phase is drawn: a colour, and a pattern so that it can be told apart in black and white.
struct PhaseLook {
    let fill: HTMLText
    /// Drawn on a tile of 8 by 8.
    let pattern: HTMLText

    init(_ phase: Phase) {
        switch phase {
        case .provision: (fill, pattern) = ("#c9ced6", "")
        case .prove: (fill, pattern) = ("#9cc9f5", "<path d=\"M0 8L8 0M-2 2L2 -2M6 10L10 6\"/>")
        case .fetch: (fill, pattern) = ("#c4b5f0", "<path d=\"M0 4H8\"/>")
        case .save: (fill, pattern) = ("#f3c77f", "<path d=\"M4 0V8\"/>")
        case .restore: (fill, pattern) = ("#7fd0c0", "<path d=\"M0 0L8 8M-2 6L2 10M6 -2L10 2\"/>")
        case .index: (fill, pattern) = ("#f2a9c4", "<path d=\"M0 4H8M4 0V8\"/>")
        case .analyze: (fill, pattern) = ("#d6d06b", "<path d=\"M0 8L8 0M0 0L8 8\"/>")
        case .verify:
            (fill, pattern) = (
                "#9ed28a", "<circle class=\"dot\" cx=\"2\" cy=\"2\" r=\"1\"/><circle class=\"dot\" cx=\"6\" cy=\"6\" r=\"1\"/>"
            )
        case .app: (fill, pattern) = ("#e8b59a", "<circle class=\"ring\" cx=\"4\" cy=\"4\" r=\"2\"/>")
        case .human: (fill, pattern) = ("#f0e2c8", "<path d=\"M0 6L4 2L8 6\"/>")
        case .other: (fill, pattern) = ("#e6e8eb", "<circle class=\"dot\" cx=\"4\" cy=\"4\" r=\"0.8\"/>")
        }
    }

    /// A reference that `fill` understands.
    static func paint(_ phase: Phase) -> HTMLText { "url(#phase-\(phase.rawValue))" }

    /// The patterns, to be placed in one SVG of the page.
    static func definitions(_ phases: [Phase]) -> HTMLText {
        phases.map { phase in
            let look = PhaseLook(phase)
            return """
                <pattern id="phase-\(phase.rawValue)" width="8" height="8" patternUnits="userSpaceOnUse">\
                <rect width="8" height="8" fill="\(look.fill)"/><g class="hatch">\(look.pattern)</g></pattern>
                """
        }.joined()
    }
}
