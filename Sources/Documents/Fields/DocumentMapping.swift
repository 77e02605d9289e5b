import Bindings

/// A value that is a mapping with declared keys. It needs `static let fields` and an initializer that reads them:
///
///     init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
///         (database, timeout) = try Self.fields.read(node, reading)
///     }
package protocol DocumentMapping: DocumentValue {
    associatedtype DeclaredFields: AnyFields
    static var fields: DeclaredFields { get }
}

extension DocumentMapping {
    package static var form: String { "a mapping" }
    package static func schema(expanding: Bool) -> JSONSchema { fields.schema(expanding: expanding) }
    package static var nested: [NestedFields] { [NestedFields(fields)] }
}
