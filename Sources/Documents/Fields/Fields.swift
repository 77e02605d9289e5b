import Bindings

/// The keys of one kind of mapping, declared once: its reader, the JSON Schema and the reference come from here.
///
///     static let fields = Fields(
///         Field.required("database", as: String.self, "the database to drop"),
///         Field.optional("timeout", as: Duration.self, default: .seconds(60), "how long it may take"))
///
/// A mapping is read in a single call, so every mistake in it is reported at once, and a key that nobody asked for cannot go unnoticed.
package struct Fields<each Value: DocumentValue>: AnyFields {
    private let declared: (repeat Field<each Value>)
    package let shorthand: String?
    private var rules: [FieldRule] = []

    /// `shorthand`: the key that is meant if a value stands in place of the mapping, as in `app.stop: library`.
    package init(shorthand: String? = nil, _ fields: repeat Field<each Value>) {
        self.shorthand = shorthand
        declared = (repeat each fields)
    }

    package func exactlyOne(of keys: String...) -> Fields { adding(.exactlyOne(keys)) }
    package func atLeastOne(of keys: String...) -> Fields { adding(.atLeastOne(keys)) }
    package func atMostOne(of keys: String...) -> Fields { adding(.atMostOne(keys)) }
    /// All of these or none.
    package func together(_ keys: String...) -> Fields { adding(.together(keys)) }

    private func adding(_ rule: FieldRule) -> Fields {
        var fields = self
        fields.rules.append(rule)
        return fields
    }

    /// Every field of the mapping, in the order of their declaration. Throws all that is wrong with it.
    package func read(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) -> (repeat each Value) {
        var mapping = try MappingReader(node, keys: keys, shorthand: shorthand)
        let values = (repeat mapping.value(of: each declared, reading))
        try mapping.finish(rules)
        return try (repeat mapping.require(each values))
    }

    /// The fields, and the one other key that says what the mapping is: a step has a name, perhaps a timeout, and its action.
    ///
    /// `what` names that key in complaints, as in "an action"; `choices` are the keys it may be.
    package func read(
        _ node: YAMLNode, _ reading: Reading, choosing what: String, from choices: [String]
    ) throws(InvalidDocument) -> (fields: (repeat each Value), chosen: YAMLNode.Entry) {
        var mapping = try MappingReader(node, keys: keys, shorthand: shorthand, choices: Choices(what: what, keys: choices))
        let values = (repeat mapping.value(of: each declared, reading))
        let chosen = mapping.chosenEntry()
        try mapping.finish(rules)
        return (fields: try (repeat mapping.require(each values)), chosen: try mapping.require(chosen))
    }

    private var keys: [String] { descriptions.map(\.key) }

    package var descriptions: [FieldDescription] {
        var all: [FieldDescription] = []
        for field in repeat each declared { all.append(field.description) }
        return all
    }

    package func schema(expanding: Bool) -> JSONSchema {
        var properties: [(key: String, schema: JSONSchema)] = []
        var required: [String] = []
        for field in repeat each declared {
            properties.append((field.key, field.schema(expanding: expanding)))
            if field.fallback == nil { required.append(field.key) }
        }
        let object = JSONSchema.object(properties, required: required)
        let ruled = rules.isEmpty ? object : object.adding([.init("allOf", .array(rules.map(\.schema.json)))])
        guard let shorthand, let short = properties.first(where: { $0.key == shorthand })?.schema else { return ruled }
        return .anyOf([ruled, short])
    }
}
