import Bindings

/// Everything wrong with the documents that were read, found in one pass.
package struct InvalidDocument: Error, Sendable {
    /// Sorted by file and position.
    package private(set) var diagnostics: [Diagnostic]
    /// The texts of the files, as far as they are known, to show the lines in question.
    private var sources: [String: SourceText]

    package init(_ diagnostics: [Diagnostic], sources: [SourceText] = []) {
        self.diagnostics = diagnostics.sorted { ($0.file ?? "", $0.line, $0.column) < ($1.file ?? "", $1.line, $1.column) }
        self.sources = Dictionary(sources.map { ($0.name, $0) }) { first, _ in first }
    }

    package init(_ problem: String, hint: String? = nil, at node: YAMLNode) {
        self.init([Diagnostic(problem, hint: hint, at: node)])
    }

    /// The mistakes of several documents as one, so that all of them can be shown at once.
    package init(combining errors: [InvalidDocument]) {
        self.init(errors.flatMap(\.diagnostics), sources: errors.flatMap(\.sources.values))
    }

    /// The same, where every diagnostic that has no file yet belongs to `source`.
    package func attributed(to source: SourceText) -> InvalidDocument {
        let named = diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.file = diagnostic.file ?? source.name
            return diagnostic
        }
        return InvalidDocument(named, sources: Array(sources.values) + [source])
    }

    /// For people at a terminal: each diagnostic with its line, a caret and the hint; nothing in it can command the terminal, no secret
    /// is shown. Shows at most `limit` diagnostics, and says how many there are beyond.
    package func rendered(limit: Int = 50) -> String {
        let concealed = Dictionary(grouping: diagnostics, by: \.file).mapValues { $0.flatMap(\.conceals) }
        var paragraphs = diagnostics.prefix(limit).map { diagnostic in
            var text = diagnostic.headline
            if let excerpt = diagnostic.file.flatMap({ sources[$0] })?.excerpt(
                at: diagnostic.span, concealing: concealed[diagnostic.file] ?? [])
            {
                text += "\n" + excerpt
            }
            if let hint = diagnostic.hint { text += "\n    hint: \(hint.escapedForTerminal())" }
            return text
        }
        if diagnostics.count > limit { paragraphs.append("… and \(diagnostics.count - limit) more") }
        return paragraphs.joined(separator: "\n")
    }
}

extension InvalidDocument: CustomStringConvertible {
    package var description: String { rendered() }
}
