package import Documents

/// Names what has its content compared: `public.loans`, `public.books.title`, `lending.*`.
package struct ContentPattern: ScalarValue, Hashable {
    package let text: String

    /// Every point of a collection.
    package static let points = "points"

    package init(scalar text: String) throws(Mistake) {
        guard !text.isEmpty, text.first?.isWhitespace != true, text.last?.isWhitespace != true else {
            throw Mistake("expected \(Self.form), found \(text.quoted)")
        }
        guard text.contains(".") || text.contains("*") || text == Self.points else {
            throw Mistake("\(text.quoted) names no schema", hint: "write SCHEMA.TABLE or SCHEMA.TABLE.COLUMN, as in public.\(text)")
        }
        self.text = text
    }

    package static var form: String { "a table or column with its schema, with `*` for any characters, or `points`" }
    package static var placeholder: ContentPattern { ContentPattern() }
    package static var scalarSchema: JSONSchema { .string(pattern: #"^(points|(?=\S)(?=.*[.*]).*\S)$"#) }
    package var canonical: String { text }

    private init() { text = "*" }
}
