/// Text that may go to a terminal: what is written in the source goes as it is, what is interpolated is made visible.
/// So a name cannot reach a terminal unescaped by being forgotten.
///
///     let line: TerminalText = "table \(name)"
package struct TerminalText: Sendable, Equatable {
    package let text: String
    /// How many columns it takes on a terminal; styling takes none.
    package let columns: Int

    private init(trusted text: String, columns: Int) {
        self.text = text
        self.columns = columns
    }

    /// Any text, made visible.
    package init(_ text: String) {
        let shown = text.visible
        self.init(trusted: shown, columns: shown.columns)
    }

    package static func + (left: TerminalText, right: TerminalText) -> TerminalText {
        TerminalText(trusted: left.text + right.text, columns: left.columns + right.columns)
    }

    package static func spaces(_ count: Int) -> TerminalText {
        TerminalText(trusted: String(repeating: " ", count: max(count, 0)), columns: max(count, 0))
    }

    package func padded(to width: Int) -> TerminalText { self + .spaces(width - columns) }

    package func rightAligned(to width: Int) -> TerminalText { .spaces(width - columns) + self }

    /// The select graphic rendition codes around it, or none in the plain style.
    package func styled(_ look: TerminalStyle.Look, _ style: TerminalStyle) -> TerminalText {
        guard style == .ansi else { return self }
        return TerminalText(trusted: "\u{1B}[\(look.code)m\(text)\u{1B}[0m", columns: columns)
    }
}

extension TerminalText: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var columns = 0

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { append(TerminalText(trusted: literal, columns: literal.columns)) }

        package mutating func appendInterpolation(_ value: String) { append(TerminalText(value)) }

        package mutating func appendInterpolation(_ value: Int) { append(TerminalText(String(value))) }

        package mutating func appendInterpolation(_ value: TerminalText) { append(value) }

        private mutating func append(_ piece: TerminalText) {
            text += piece.text
            columns += piece.columns
        }
    }

    package init(stringLiteral: String) { self.init(trusted: stringLiteral, columns: stringLiteral.columns) }

    package init(stringInterpolation: StringInterpolation) {
        self.init(trusted: stringInterpolation.text, columns: stringInterpolation.columns)
    }
}

/// Whether a terminal understands colour. Nothing is ever told by colour alone.
package enum TerminalStyle: Sendable {
    case plain, ansi

    package enum Look: Sendable {
        case bold, faint, good, bad, doubtful

        fileprivate var code: String {
            switch self {
            case .bold: "1"
            case .faint: "2"
            case .good: "1;32"
            case .bad: "1;31"
            case .doubtful: "1;33"
            }
        }
    }
}
