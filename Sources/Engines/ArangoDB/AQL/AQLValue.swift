import Bindings
import Documents

/// A value for a parameter of a query: whatever YAML writes, or a made-up vector.
struct AQLValue: DocumentValue {
    let json: JSONValue

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        switch node.content {
        case .mapping(let entries) where entries.contains { $0.name == "vector" }:
            let text = try VectorOf(node, reading).text
            json = (try? JSONValue(parsing: text)) ?? .null
        case .mapping(let entries):
            var members: [JSONValue.Member] = []
            for entry in entries { members.append(JSONValue.Member(entry.name, try AQLValue(entry.value, reading).json)) }
            json = .object(members)
        case .sequence(let items):
            var values: [JSONValue] = []
            for item in items { values.append(try AQLValue(item, reading).json) }
            json = .array(values)
        case .scalar(let written, _):
            // What is expanded is text; what is written keeps its kind.
            let text = node.isNull ? written : try String(node, reading)
            json = text == written ? node.json : .string(text)
        }
    }

    static var form: String { "a value, or {vector: DIMENSIONS}" }
    static func schema(expanding: Bool) -> JSONSchema { .anything }
    static var nested: [NestedFields] { VectorOf.nested }
}

/// The name of a parameter, without the first `@`.
struct AQLParameter: ScalarValue, Hashable {
    let text: String

    init(scalar text: String) throws(Mistake) {
        guard text.wholeMatch(of: /@?[A-Za-z0-9][A-Za-z0-9_]*/) != nil else {
            throw Mistake("expected \(Self.form), found \(text.quoted)", hint: "in `bind:` it stands without its first @")
        }
        self.text = text
    }

    private init() { text = "name" }

    static var form: String { "the name of a parameter: `title` for @title, `\"@books\"` for the collection @@books" }
    static var placeholder: AQLParameter { AQLParameter() }
    static var scalarSchema: JSONSchema { .string(pattern: "^@?[A-Za-z0-9][A-Za-z0-9_]*$") }
    var canonical: String { text }
}

typealias AQLBindings = Keyed<AQLParameter, AQLValue>

extension Keyed where Key == AQLParameter, Value == AQLValue {
    var json: JSONValue { .object(entries.map { JSONValue.Member($0.key.text, $0.value.json) }) }
}
