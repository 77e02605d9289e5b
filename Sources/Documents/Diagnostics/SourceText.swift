import Bindings

/// A file's text by lines, for showing the one that a diagnostic is about.
package struct SourceText: Sendable {
    package let name: String
    private let lines: [Substring]

    /// Wide enough for hand-written lines, narrow enough for a terminal with room for the indentation.
    private static let window = 100
    private static let indentation = "    "

    package init(name: String, text: String) {
        self.name = name
        lines = text.split(separator: /\r?\n/, omittingEmptySubsequences: false)
    }

    /// The line, and below it a caret with a tail as long as the place. Nil if there is no such line.
    func excerpt(at span: YAMLSpan, concealing concealed: [YAMLSpan]) -> String? {
        guard lines.indices.contains(span.line - 1) else { return nil }
        let scalars = Array(lines[span.line - 1].unicodeScalars)
        let caret = min(max(span.column - 1, 0), scalars.count)
        let tail = min(caret + span.length, scalars.count)
        let hidden = concealed.compactMap { $0.columns(onLine: span.line, of: scalars.count) } + secretsByName(in: scalars)

        let first = caret < Self.window * 3 / 4 ? 0 : caret - Self.window / 2
        let last = min(scalars.count, first + Self.window)
        var shown = first > 0 ? "…" : ""
        var marker = first > 0 ? " " : ""
        var index = first
        while index < last {
            let cell: String
            if let range = hidden.first(where: { $0.contains(index) }) {
                cell = "•••"
                marker += range.contains(caret) ? "^" : "   "
                index = range.upperBound
            } else {
                cell = scalars[index] == "\t" ? "    " : String(scalars[index]).escapedForTerminal()
                let width = cell.unicodeScalars.reduce(0) { $0 + $1.terminalWidth }
                marker +=
                    index == caret
                    ? "^" + String(repeating: "~", count: max(0, tail > caret + 1 ? width - 1 : 0))
                    : String(repeating: index > caret && index < tail ? "~" : index < caret ? " " : "", count: width)
                index += 1
            }
            shown += cell
        }
        if caret >= last { marker += "^" }
        if last < scalars.count { shown += "…" }
        while marker.last == " " { marker.removeLast() }
        return "\(Self.indentation)\(shown)\n\(Self.indentation)\(marker)"
    }

    /// What looks like a secret on this line, whatever the diagnostic is about: a value after a key that says so, and the password of an
    /// address. A reader that stopped at a missing quote cannot know better.
    private func secretsByName(in line: [Unicode.Scalar]) -> [Range<Int>] {
        let text = String(String.UnicodeScalarView(line))
        var ranges: [Range<Int>] = []
        func columns(_ range: Range<String.Index>) -> Range<Int> {
            let scalars = text.unicodeScalars
            return scalars.distance(
                from: text.startIndex, to: range.lowerBound)..<scalars.distance(from: text.startIndex, to: range.upperBound)
        }
        let named =
            /(?i)[a-z0-9_\-]*(?:passw|pasw|passphrase|secret|token|api_?key|access_?key|private_?key|credential)[a-z0-9_\-]*["']?\s*:\s+(?<value>[^\s{\[,}][^,}]*)/
        for match in text.matches(of: named) where !match.output.value.isEmpty {
            ranges.append(columns(match.output.value.startIndex..<match.output.value.endIndex))
        }
        for match in text.matches(of: /:\/\/[^\s:@\/]*:(?<value>[^\s@\/]+)@/) {
            ranges.append(columns(match.output.value.startIndex..<match.output.value.endIndex))
        }
        return ranges
    }
}

extension YAMLSpan {
    /// The part of a line, counted from 0, that lies inside.
    fileprivate func columns(onLine number: Int, of count: Int) -> Range<Int>? {
        guard number >= line, number <= endLine else { return nil }
        let first = number == line ? min(column - 1, count) : 0
        let last = number == endLine ? min(endColumn - 1, count) : count
        return first < last ? first..<last : nil
    }
}
