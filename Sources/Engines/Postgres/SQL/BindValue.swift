import Bindings
import Documents

/// A value for `$1`, `$2`, … of a statement: text, a number, true, false, null, or a vector.
package struct BindValue: DocumentValue, Equatable {
    package let text: String?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        if node.isNull {
            text = nil
            return
        }
        switch node.content {
        case .scalar: text = try String(node, reading)
        case .sequence: throw InvalidDocument("a value cannot be a list", hint: "write an array as text: \"{1,2,3}\"", at: node)
        case .mapping: text = try VectorOf(node, reading).text
        }
    }

    var parameter: PostgresParameter { PostgresParameter(text) }

    package static var form: String { "text, a number, true, false, null, or {vector: DIMENSIONS}" }
    package static func schema(expanding: Bool) -> JSONSchema {
        .anyOf([.text, .null, VectorOf.schema(expanding: expanding)])
    }
    package static var nested: [NestedFields] { VectorOf.nested }
}
