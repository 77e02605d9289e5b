/// A name that people make up for a target, a role, a policy, a step: it becomes part of paths, keys and metrics, so it is kept simple.
package struct Name: ScalarValue, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        guard text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]{0,62}/) != nil else {
            throw Mistake(
                "\(text.quoted) is not a name", hint: "up to 63 letters, digits, '-', '_' and '.'; the first is a letter or digit")
        }
        self.text = text
    }

    private init(sample: String) { text = sample }

    package static let pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"
    package static var form: String { "a name" }
    package static var placeholder: Name { Name(sample: "sample") }
    package static var scalarSchema: JSONSchema { .text.adding([.init("pattern", .string(pattern))]) }
    package var canonical: String { text }
    package var description: String { text }
    package static func < (left: Name, right: Name) -> Bool { left.text < right.text }
}
