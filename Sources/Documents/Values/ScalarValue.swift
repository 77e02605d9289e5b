import Bindings

/// A value that is written as one scalar. An expansion may stand in its place, as the whole scalar.
package protocol ScalarValue: DocumentValue {
    /// Throws what is wrong with the text, whose place the reader knows.
    init(scalar text: String) throws(Mistake)

    /// How the value is written, resolved; reading it gives the same value.
    var canonical: String { get }

    /// A harmless value for checking what a document does before its inputs are known.
    static var placeholder: Self { get }

    /// Without expansions.
    static var scalarSchema: JSONSchema { get }

    /// Whether quotes may stand around it; a quoted number or boolean is text.
    static var mayBeQuoted: Bool { get }

    /// Whether it is text, of which an expansion may be a part, and any length of which has a meaning.
    static var isText: Bool { get }
}

extension ScalarValue {
    package static var mayBeQuoted: Bool { true }
    package static var isText: Bool { false }
    package var written: JSONValue? { .string(canonical) }

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        guard case .scalar(let source, let style) = node.content else {
            throw InvalidDocument("expected \(Self.form), found \(node.found)", at: node)
        }
        let text: String
        switch try reading.expand(source, at: node) {
        case .placeholder:
            self = Self.placeholder
            return
        case .whole(let value): text = value
        case .embedding(let value):
            guard Self.isText else {
                let hint = "only text may hold ${…} among other characters; here it has to be the whole value"
                throw InvalidDocument("expected \(Self.form), found \(node.found)", hint: hint, at: node)
            }
            text = value
        case .text(let value):
            guard !node.isNull else {
                let hint = source.isEmpty || !Self.isText ? nil : "quote it if the text \(source.quoted) is meant"
                throw InvalidDocument("expected \(Self.form), found nothing", hint: hint, at: node)
            }
            guard style == .plain || Self.mayBeQuoted else {
                throw InvalidDocument("expected \(Self.form), found the text \(source.quoted)", hint: "remove the quotes", at: node)
            }
            text = value
        }
        guard Self.isText || text.utf8.count <= 4096 else {
            throw InvalidDocument("expected \(Self.form), found a text of \(text.utf8.count) bytes", at: node)
        }
        do { try self.init(scalar: text) } catch { throw InvalidDocument(error.problem, hint: error.hint, at: node) }
    }

    package static func schema(expanding: Bool) -> JSONSchema { expanding ? .anyOf([scalarSchema, .expansion]) : scalarSchema }
}
