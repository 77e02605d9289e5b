/// The declared keys of a mapping, whatever their types.
package protocol AnyFields: Sendable {
    var descriptions: [FieldDescription] { get }
    /// The key that is meant if a value stands in place of the mapping.
    var shorthand: String? { get }
    /// `expanding`: whether the document's kind knows any `${…}`.
    func schema(expanding: Bool) -> JSONSchema
}

extension AnyFields {
    /// A Markdown table of the keys and of those below them.
    package func reference() -> String {
        let rows = referenceRows(below: "")
        return (["| key | value | default | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }

    private func referenceRows(below prefix: String) -> [String] {
        descriptions.flatMap { field in
            let fallback = field.isRequired ? "required" : field.defaultValue.map { "`\($0.flowText)`" } ?? ""
            let cells = ["`\(prefix)\(field.key)`", field.form.markdownCell, fallback.markdownCell, field.doc.markdownCell]
            let below = field.nested.flatMap { $0.fields.referenceRows(below: "\(prefix)\(field.key)\($0.path).") }
            return ["| \(cells.joined(separator: " | ")) |"] + below
        }
    }
}

extension JSONValue {
    /// As a document would write it on one line.
    package var flowText: String {
        switch self {
        case .string(let text): text.isEmpty ? "\"\"" : text
        case .array(let items): "[" + items.map(\.flowText).joined(separator: ", ") + "]"
        case .object(let members): "{" + members.map { "\($0.key): \($0.value.flowText)" }.joined(separator: ", ") + "}"
        default: text()
        }
    }
}

extension String {
    fileprivate var markdownCell: String { replacing("|", with: "\\|").replacing("\n", with: " ") }
}
