/// Text on one line, not empty: a title, the name of a step.
package struct Line: ScalarValue, Hashable, CustomStringConvertible {
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        guard text.utf8.count <= 1000, text.count <= 200 else { throw Mistake("this text has to be at most 200 characters long") }
        guard text.contains(where: { !$0.isWhitespace }) else { throw Mistake("expected a line of text, found an empty one") }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}" })
        else {
            throw Mistake("this text has to be one line, without control characters")
        }
        self.text = text
    }

    private init(sample: String) { text = sample }

    package static var form: String { "a line of text" }
    package static var placeholder: Line { Line(sample: "sample") }
    package static var scalarSchema: JSONSchema { .text.adding([.init("minLength", 1), .init("maxLength", 200)]) }
    package static var isText: Bool { true }
    package static func schema(expanding: Bool) -> JSONSchema { scalarSchema }
    package var canonical: String { text }
    package var description: String { text }
}
