import Bindings

/// Whatever is written there, unread and unexpanded: the body of a step, a bind parameter.
extension YAMLNode: DocumentValue {
    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { self = node }
    package static var form: String { "any value" }
    package static func schema(expanding: Bool) -> JSONSchema { .anything }

    /// The node as YAML 1.2's core schema reads it: plain numbers, booleans and null are what they look like, everything else is text.
    package var json: JSONValue {
        switch content {
        case .sequence(let items): return .array(items.map(\.json))
        case .mapping(let entries): return .object(entries.map { .init($0.name, $0.value.json) })
        case .scalar(let text, .plain):
            if isNull { return .null }
            if ["true", "True", "TRUE"].contains(text) { return .bool(true) }
            if ["false", "False", "FALSE"].contains(text) { return .bool(false) }
            if text.wholeMatch(of: /[+\-]?[0-9]+/) != nil, let number = Int64(text) { return .int(number) }
            if text.wholeMatch(of: /[+\-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+\-]?[0-9]+)?/) != nil, let number = Double(text) {
                return .double(number)
            }
            return .string(text)
        case .scalar(let text, _): return .string(text)
        }
    }

    package var written: JSONValue? { json }
}
