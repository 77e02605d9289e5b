import Recovery

/// Lines of a report being written, and the few shapes they come in.
struct TextPage {
    let style: TerminalStyle
    let width: Int
    private var lines: [String] = []

    init(style: TerminalStyle, width: Int) {
        self.style = style
        self.width = width
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    mutating func line(_ line: TerminalText = "") { lines.append(line.text) }

    mutating func heading(_ heading: TerminalText) {
        line()
        line(heading.styled(.bold, style))
    }

    /// A label and words beside it, wrapped under each other.
    mutating func entry(_ label: TerminalText, _ words: String, labelWidth: Int, indent: Int = 2, look: TerminalStyle.Look? = nil) {
        let room = max(width - indent - labelWidth, 16)
        for (index, part) in words.visible.wrapped(to: room).enumerated() {
            let head = index == 0 ? label.padded(to: labelWidth) : .spaces(labelWidth)
            let body = TerminalText(part)
            line(.spaces(indent) + head + (look.map { body.styled($0, style) } ?? body))
        }
    }

    /// Words behind a dash.
    mutating func item(_ words: String, indent: Int = 2) { entry("- ", words, labelWidth: 2, indent: indent) }
}

extension Verdict.Tone {
    var look: TerminalStyle.Look {
        switch self {
        case .good: .good
        case .doubtful: .doubtful
        case .bad: .bad
        }
    }
}
