import Bindings

/// What a document's reader needs to know beside the text: which `${…}` are replaced, and by what.
///
/// Expansion happens after parsing and in scalars only, so no value can add structure to a document.
package struct Reading: Sendable {
    private let namespaces: [String]
    private let resolve: @Sendable (_ namespace: String, _ name: String) -> ExpansionResult
    private let isLiteral: Bool

    /// Nothing is expanded.
    package static let plain = Reading(namespaces: []) { _, _ in .unknown(candidates: []) }

    /// `${NAMESPACE.NAME}` is replaced for these namespaces; a name may hold further dots.
    package init(
        namespaces: [String], resolve: @escaping @Sendable (_ namespace: String, _ name: String) -> ExpansionResult
    ) {
        self.init(namespaces: namespaces, isLiteral: false, resolve: resolve)
    }

    private init(namespaces: [String], isLiteral: Bool, resolve: @escaping @Sendable (String, String) -> ExpansionResult) {
        self.namespaces = namespaces
        self.isLiteral = isLiteral
        self.resolve = resolve
    }

    /// The same document, where a value has to be written out.
    package var literal: Reading { Reading(namespaces: namespaces, isLiteral: true, resolve: resolve) }

    /// A scalar once its expansions are replaced.
    enum Expanded: Equatable {
        case text(String)
        /// Expansions stood among other text.
        case embedding(String)
        /// The whole scalar was one expansion, by this value.
        case whole(String)
        /// The whole scalar is one expansion, whose value is not known yet.
        case placeholder
    }

    func expand(_ text: String, at node: YAMLNode) throws(InvalidDocument) -> Expanded {
        guard text.contains("${") else { return .text(text) }
        let template: ExpansionTemplate
        do { template = try ExpansionTemplate(text) } catch { throw InvalidDocument([error.diagnostic(in: text, at: node)]) }

        var diagnostics: [Diagnostic] = []
        var result = ""
        for part in template.parts {
            switch part {
            case .text(let text): result += text
            case .reference(let reference):
                switch replacement(of: reference) {
                case .success(.value(let value)):
                    if template.isOneReference { return .whole(value) }
                    result += value
                case .success:
                    if template.isOneReference { return .placeholder }
                    result += reference.written
                case .failure(let mistake): diagnostics.append(mistake.diagnostic(in: text, at: node))
                }
            }
        }
        guard diagnostics.isEmpty else { throw InvalidDocument(diagnostics) }
        return template.hasReferences ? .embedding(result) : .text(result)
    }

    /// Whether the node is a single expansion whose value is not known yet.
    func isPlaceholder(_ node: YAMLNode) -> Bool {
        guard case .scalar(let text, _) = node.content else { return false }
        return (try? expand(text, at: node)) == .placeholder
    }

    private func replacement(of reference: ExpansionTemplate.Reference) -> Result<ExpansionResult, ExpansionMistake> {
        func mistake(_ problem: String, hint: String?) -> Result<ExpansionResult, ExpansionMistake> {
            .failure(ExpansionMistake(problem, hint: hint, offset: reference.offset, length: reference.written.unicodeScalars.count))
        }
        if isLiteral {
            return mistake(
                "\(reference.written) cannot stand here", hint: "write the value itself; this one decides what the document means")
        }
        guard !namespaces.isEmpty else {
            return mistake(
                "\(reference.written) cannot stand here", hint: "nothing is replaced in this file; write $${ for the characters ${")
        }
        guard namespaces.contains(reference.namespace) else {
            let known = namespaces.map { "${\($0).…}" }.joined(separator: " and ")
            return mistake(
                "\(reference.written) refers to nothing",
                hint: namespaces.closest(to: reference.namespace).map { "did you mean ${\($0).\(reference.name)}?" }
                    ?? "this file knows \(known)")
        }
        let result = resolve(reference.namespace, reference.name)
        guard case .unknown(let candidates) = result else { return .success(result) }
        let hint =
            candidates.closest(to: reference.name).map { "did you mean ${\(reference.namespace).\($0)}?" }
            ?? (candidates.isEmpty ? nil : "known: " + candidates.prefix(10).joined(separator: ", "))
        return mistake("\(reference.written) is not known", hint: hint)
    }
}

/// What a name inside `${…}` stands for.
package enum ExpansionResult: Sendable, Equatable {
    case value(String)
    /// There is such a name, and its value will be known later: each type reads as its harmless sample.
    case placeholder
    case unknown(candidates: [String])
}
