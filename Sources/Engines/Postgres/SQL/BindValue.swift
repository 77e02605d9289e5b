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

/// `{vector: 384}`: the same vector every time, for queries that need one of that many dimensions.
private struct VectorOf: DocumentMapping {
    static let fields = Fields(
        Field.required("vector", as: Int.self, limit: .range(1...16_000), "how many dimensions the made-up vector has"),
        Field.optional("seed", as: Int.self, default: 1, limit: .atLeast(0), "another seed gives another vector"))

    private let dimensions: Int
    private let seed: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (dimensions, seed) = try Self.fields.read(node, reading) }

    var text: String { SeededVector.text(dimensions: dimensions, seed: UInt64(seed)) }
}
