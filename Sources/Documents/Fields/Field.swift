import Bindings

/// One key that a mapping may hold, declared once for its reader, the JSON Schema and the reference.
package struct Field<Value: DocumentValue>: Sendable {
    package let key: String
    package let doc: String
    /// What the field is when it is absent; nil if it is required.
    let fallback: Value?
    /// `${…}` may not stand here: the value decides what the document means.
    let isLiteral: Bool
    let limit: Limit<Value>?

    private init(_ key: String, doc: String, fallback: Value?, isLiteral: Bool, limit: Limit<Value>?) {
        self.key = key
        self.doc = doc
        self.fallback = fallback
        self.isLiteral = isLiteral
        self.limit = limit
    }

    package static func required(
        _ key: String, as type: Value.Type = Value.self, limit: Limit<Value>? = nil, literal: Bool = false, _ doc: String
    ) -> Field {
        Field(key, doc: doc, fallback: nil, isLiteral: literal, limit: limit)
    }

    package static func optional(
        _ key: String, as type: Value.Type = Value.self, default fallback: Value, limit: Limit<Value>? = nil, literal: Bool = false,
        _ doc: String
    ) -> Field {
        Field(key, doc: doc, fallback: fallback, isLiteral: literal, limit: limit)
    }

    /// Nil when absent.
    package static func maybe<Wrapped: DocumentValue>(
        _ key: String, as type: Wrapped.Type = Wrapped.self, limit: Limit<Wrapped>? = nil, literal: Bool = false, _ doc: String
    ) -> Field where Value == Wrapped? {
        Field(key, doc: doc, fallback: .some(nil), isLiteral: literal, limit: limit?.optional)
    }

    func value(at node: YAMLNode, _ reading: Reading) throws(InvalidDocument) -> Value {
        let value = try Value(node, isLiteral ? reading.literal : reading)
        if let limit, !limit.holds(value), !reading.isPlaceholder(node) {
            throw InvalidDocument("'\(key)' has to be \(limit.words), found \(node.found)", at: node)
        }
        return value
    }

    var description: FieldDescription {
        FieldDescription(
            key: key, form: limit.map { "\(Value.form), \($0.words)" } ?? Value.form, isRequired: fallback == nil,
            defaultValue: fallback?.written, doc: doc, isLiteral: isLiteral, nested: Value.nested)
    }

    func schema(expanding: Bool) -> JSONSchema {
        let expands = expanding && !isLiteral
        var schema = Value.schema(expanding: expands)
        if let limit, !limit.keywords.isEmpty {
            let closed = Value.schema(expanding: false)
            // The limit is about the value; an expansion's text has none to keep to.
            schema = schema == closed ? closed.adding(limit.keywords) : .anyOf([closed.adding(limit.keywords), .expansion])
        }
        schema = schema.described(doc)
        return fallback?.written.map { schema.defaulting(to: $0) } ?? schema
    }
}

/// A field as reference pages show it.
package struct FieldDescription: Sendable {
    package let key: String
    /// What is expected: "a duration, longer than zero".
    package let form: String
    package let isRequired: Bool
    /// Nil if there is none, or none that can be written down.
    package let defaultValue: JSONValue?
    package let doc: String
    package let isLiteral: Bool
    package let nested: [NestedFields]
}
