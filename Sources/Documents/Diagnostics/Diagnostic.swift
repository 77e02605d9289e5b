import Bindings

/// A problem in a document, where it is, and how to fix it when we can tell.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable { case error, warning }

    package let severity: Severity
    package let problem: String
    package let hint: String?
    /// The file's name as the user knows it; nil until the document that was read puts its name there.
    package var file: String?
    package let span: YAMLSpan
    /// Secrets that were written in clear text. No rendering of its document shows them.
    package let conceals: [YAMLSpan]

    package var line: Int { span.line }
    package var column: Int { span.column }
    package var length: Int { span.length }

    package init(
        _ problem: String, severity: Severity = .error, hint: String? = nil, file: String? = nil, at span: YAMLSpan,
        conceals: [YAMLSpan] = []
    ) {
        self.severity = severity
        self.problem = problem
        self.hint = hint
        self.file = file
        self.span = span
        self.conceals = conceals
    }

    package init(_ problem: String, severity: Severity = .error, hint: String? = nil, at node: YAMLNode) {
        self.init(problem, severity: severity, hint: hint, at: node.span)
    }

    /// One line, as compilers write it: editors and people know how to read that.
    var headline: String {
        let place = "\(file ?? "document"):\(line):\(column)".escapedForTerminal()
        let words = severity == .warning ? "warning: \(problem)" : problem
        return "\(place): \(words.escapedForTerminal())"
    }
}
