/// Free text, of any number of lines. A number or boolean is text where text is expected, as it was written.
extension String: ScalarValue {
    package static var form: String { "text" }
    package static var placeholder: String { "" }
    package static var scalarSchema: JSONSchema { .text }
    package static var isText: Bool { true }
    package init(scalar text: String) throws(Mistake) { self = text }
    package var canonical: String { self }
    package static func schema(expanding: Bool) -> JSONSchema { scalarSchema }
}
