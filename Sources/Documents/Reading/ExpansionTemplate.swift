import Bindings

/// A text cut into what stands for itself and what `${namespace.name}` stands for. `$${` is how `${` is written.
struct ExpansionTemplate: Equatable {
    struct Reference: Equatable {
        let namespace: String
        let name: String
        /// In Unicode scalars, from the text's beginning.
        let offset: Int
        var written: String { "${\(namespace).\(name)}" }
    }

    enum Part: Equatable {
        case text(String)
        case reference(Reference)
    }

    private(set) var parts: [Part] = []

    var isOneReference: Bool {
        if parts.count == 1, case .reference = parts[0] { true } else { false }
    }

    var hasReferences: Bool {
        parts.contains { if case .reference = $0 { true } else { false } }
    }

    init(_ text: String) throws(ExpansionMistake) {
        let scalars = Array(text.unicodeScalars)
        var literal = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            if scalars[index...].starts(with: "$${".unicodeScalars) {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if scalars[index...].starts(with: "${".unicodeScalars) {
                if !literal.isEmpty { parts.append(.text(String(literal))) }
                literal = String.UnicodeScalarView()
                let reference = try Self.reference(in: scalars, at: index)
                parts.append(.reference(reference))
                index += reference.written.unicodeScalars.count
            } else {
                literal.append(scalars[index])
                index += 1
            }
        }
        if !literal.isEmpty { parts.append(.text(String(literal))) }
    }

    private static func reference(in scalars: [Unicode.Scalar], at start: Int) throws(ExpansionMistake) -> Reference {
        guard let end = scalars[start...].firstIndex(of: "}") else {
            throw ExpansionMistake("'${' without '}'", hint: "close it, or write $${ for the characters ${", offset: start, length: 2)
        }
        let inside = String(String.UnicodeScalarView(scalars[(start + 2)..<end]))
        guard let match = inside.wholeMatch(of: /([A-Za-z][A-Za-z0-9_\-]*)\.([A-Za-z0-9_][A-Za-z0-9_.\-]*)/) else {
            let hint = "write ${namespace.name}, without spaces or anything else; $${ stands for the characters ${"
            throw ExpansionMistake("${\(inside.clipped(to: 60))} is not a reference", hint: hint, offset: start, length: end + 1 - start)
        }
        return Reference(namespace: String(match.output.1), name: String(match.output.2), offset: start)
    }
}

/// What is wrong with a reference, and where in its text.
struct ExpansionMistake: Error {
    let problem: String
    let hint: String?
    let offset: Int
    let length: Int

    init(_ problem: String, hint: String?, offset: Int, length: Int) {
        self.problem = problem
        self.hint = hint
        self.offset = offset
        self.length = length
    }

    /// Points at the reference itself if the scalar was written on one line without escapes, else at the scalar.
    func diagnostic(in text: String, at node: YAMLNode) -> Diagnostic {
        guard case .scalar(_, let style) = node.content, style != .block, node.span.line == node.span.endLine else {
            return Diagnostic(problem, hint: hint, at: node)
        }
        let quote = style == .quoted ? 1 : 0
        guard node.span.length == text.unicodeScalars.count + 2 * quote else { return Diagnostic(problem, hint: hint, at: node) }
        let column = node.column + quote + offset
        return Diagnostic(
            problem, hint: hint, at: YAMLSpan(line: node.line, column: column, endLine: node.line, endColumn: column + length))
    }
}
