import Bindings

/// A value that remembers where it was written, for complaints that can only be made later.
package struct Located<Value: DocumentValue>: DocumentValue {
    package let value: Value
    package let span: YAMLSpan

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        value = try Value(node, reading)
        span = node.span
    }

    package func diagnostic(_ problem: String, severity: Diagnostic.Severity = .error, hint: String? = nil) -> Diagnostic {
        Diagnostic(problem, severity: severity, hint: hint, at: span)
    }

    package static var form: String { Value.form }
    package static func schema(expanding: Bool) -> JSONSchema { Value.schema(expanding: expanding) }
    package static var nested: [NestedFields] { Value.nested }
    package static var holdsSecret: Bool { Value.holdsSecret }
    package var written: JSONValue? { value.written }
}

extension Located: Equatable where Value: Equatable {}
