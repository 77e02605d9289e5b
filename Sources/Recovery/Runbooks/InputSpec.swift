package import Bindings
package import Documents

/// A value that whoever binds the runbook has to give.
package struct InputSpec: DocumentMapping {
    package enum Kind: String, Choice { case text, name, integer, number, flag, duration, size }

    package static let fields = Fields(
        shorthand: "type",
        Field.required("type", as: Kind.self, literal: true, "what may be given"),
        Field.maybe("default", as: String.self, literal: true, "taken when nothing is given"),
        Field.maybe("means", as: String.self, literal: true, "said in plans and when it is missing"))

    package let kind: Kind
    package let fallback: String?
    package let means: String?

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (kind, fallback, means) = try Self.fields.read(node, reading)
        if let fallback, let mistake = mistake(in: fallback) { throw InvalidDocument(mistake.problem, hint: mistake.hint, at: node) }
    }

    /// What is wrong with a value for this input, nil if nothing is.
    package func mistake(in text: String) -> Mistake? {
        do throws(Mistake) {
            switch kind {
            case .text: break
            case .name: _ = try Name(scalar: text)
            case .integer: _ = try Int(scalar: text)
            case .number: _ = try Double(scalar: text)
            case .flag: _ = try Bool(scalar: text)
            case .duration: _ = try Duration(scalar: text)
            case .size: _ = try ByteSize(scalar: text)
            }
            return nil
        } catch {
            return error
        }
    }
}
