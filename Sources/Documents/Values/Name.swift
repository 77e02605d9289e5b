/// A name that people make up for a target, a role, a policy, a step: it becomes part of paths, keys and metrics, so it is kept simple.
package struct Name: ScalarValue, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        guard Self.isName(text.utf8) else {
            throw Mistake(
                "\(text.quoted) is not a name", hint: "up to 63 letters, digits, '-', '_' and '.'; the first is a letter or digit")
        }
        self.text = text
    }

    /// As `pattern` says; by hand, since documents and catalogs are full of names.
    private static func isName(_ bytes: String.UTF8View) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        guard let first = bytes.first, isAlphanumeric(first), bytes.count <= 63 else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
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
