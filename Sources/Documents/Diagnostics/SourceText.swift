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
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// The line, and below it a caret with a tail as long as the place. Nil if there is nothing to show.
    func excerpt(at span: YAMLSpan, concealing concealed: [YAMLSpan]) -> String? {
        guard lines.indices.contains(span.line - 1), !lines[span.line - 1].isEmpty else { return nil }
        let scalars = Array(lines[span.line - 1].unicodeScalars.filter { $0 != "\r" })
        let caret = min(max(span.column - 1, 0), scalars.count)
        let tail = min(caret + span.length, scalars.count)
        let hidden = concealed.compactMap { $0.columns(onLine: span.line, of: scalars.count) } + SecretLookalikes.ranges(in: scalars)

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
