import Bindings

/// A value that can be read from one node of a document, and that can say what it looks like there.
package protocol DocumentValue: Sendable {
    /// Throws everything that is wrong with the node at once.
    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument)

    /// What is expected, to follow "expected": "a duration", "a list of names".
    static var form: String { get }

    /// `expanding`: whether `${…}` may stand in place of a value.
    static func schema(expanding: Bool) -> JSONSchema

    /// The keys below, for reference pages.
    static var nested: [NestedFields] { get }

    /// The value as a document would write it, resolved; nil for what has no short form.
    var written: JSONValue? { get }

    /// Whether what stands here may be a secret by mistake, and must not be shown.
    static var holdsSecret: Bool { get }
}

extension DocumentValue {
    package static var nested: [NestedFields] { [] }
    package var written: JSONValue? { nil }
    package static var holdsSecret: Bool { false }
}

/// Keys that belong to a value: directly (path ""), to each item of a list ("[]"), or to each entry of a mapping (".NAME").
package struct NestedFields: Sendable {
    package let path: String
    package let fields: any AnyFields

    package init(path: String = "", _ fields: any AnyFields) {
        self.path = path
        self.fields = fields
    }

    func below(_ prefix: String) -> NestedFields { NestedFields(path: prefix + path, fields) }
}

extension YAMLNode {
    /// What stands here, to follow "found": people should recognise what they wrote.
    var found: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let text, .plain) where text.isEmpty: "nothing"
        case .scalar(let text, _): text.quoted
        }
    }
}
