/// A JSON Schema (draft 2020-12), or a part of one.
package struct JSONSchema: Sendable, Hashable {
    package let json: JSONValue

    package init(_ keywords: [JSONValue.Member]) { json = .object(keywords) }

    /// Anything at all.
    package static let anything = JSONSchema([])
    package static let boolean = JSONSchema([.init("type", "boolean")])
    package static let number = JSONSchema([.init("type", "number")])
    package static let null = JSONSchema([.init("type", "null")])

    /// What YAML reads as a number or boolean is text too where text is expected: `version: 16`.
    package static let text = JSONSchema([.init("type", ["string", "number", "boolean"])])
    /// Exactly one `${…}`.
    package static let expansion = JSONSchema.string(pattern: #"^\$\{[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z0-9_][A-Za-z0-9_.-]*\}$"#)

    package static func string(pattern: String? = nil) -> JSONSchema {
        JSONSchema([.init("type", "string")] + (pattern.map { [.init("pattern", .string($0))] } ?? []))
    }

    package static func integer(_ range: ClosedRange<Int>? = nil) -> JSONSchema {
        let limits: [JSONValue.Member] =
            range.map { [.init("minimum", .int(Int64($0.lowerBound))), .init("maximum", .int(Int64($0.upperBound)))] } ?? []
        return JSONSchema([.init("type", "integer")] + limits)
    }

    package static func choice(of names: [String]) -> JSONSchema { JSONSchema([.init("enum", .array(names.map { .string($0) }))]) }
    package static func constant(_ value: JSONValue) -> JSONSchema { JSONSchema([.init("const", value)]) }
    package static func reference(_ path: String) -> JSONSchema { JSONSchema([.init("$ref", .string(path))]) }
    package static func oneOf(_ schemas: [JSONSchema]) -> JSONSchema { JSONSchema([.init("oneOf", .array(schemas.map(\.json)))]) }
    package static func anyOf(_ schemas: [JSONSchema]) -> JSONSchema { JSONSchema([.init("anyOf", .array(schemas.map(\.json)))]) }
    package static func allOf(_ schemas: [JSONSchema]) -> JSONSchema { JSONSchema([.init("allOf", .array(schemas.map(\.json)))]) }
    package static func not(_ schema: JSONSchema) -> JSONSchema { JSONSchema([.init("not", schema.json)]) }
    package static func requiring(_ keys: [String]) -> JSONSchema { JSONSchema([.init("required", .array(keys.map { .string($0) }))]) }

    package static func array(of items: JSONSchema, atLeast count: Int = 0) -> JSONSchema {
        JSONSchema([.init("type", "array"), .init("items", items.json)] + (count > 0 ? [.init("minItems", .int(Int64(count)))] : []))
    }

    /// An object with these members and no others.
    package static func object(_ properties: [(key: String, schema: JSONSchema)], required: [String] = []) -> JSONSchema {
        JSONSchema(
            [
                .init("type", "object"),
                .init("properties", .object(properties.map { .init($0.key, $0.schema.json) })),
                .init("additionalProperties", false),
            ] + (required.isEmpty ? [] : [.init("required", .array(required.map { .string($0) }))]))
    }

    /// An object with members of any name that fits the pattern.
    package static func map(to value: JSONSchema, keys pattern: String? = nil) -> JSONSchema {
        JSONSchema(
            [.init("type", "object"), .init("additionalProperties", value.json)]
                + (pattern.map { [.init("propertyNames", ["pattern": .string($0)])] } ?? []))
    }

    /// The same schema with more keywords; one that is there already is replaced.
    package func adding(_ keywords: [JSONValue.Member]) -> JSONSchema {
        let names = Set(keywords.map(\.key))
        return JSONSchema((json.members ?? []).filter { !names.contains($0.key) } + keywords)
    }

    package func described(_ words: String) -> JSONSchema { adding([.init("description", .string(words))]) }
    package func defaulting(to value: JSONValue) -> JSONSchema { adding([.init("default", value)]) }

    /// The object schema with more properties; needed where several types share one mapping.
    package func addingProperties(_ properties: [(key: String, schema: JSONSchema)]) -> JSONSchema {
        adding([.init("properties", .object((json["properties"]?.members ?? []) + properties.map { .init($0.key, $0.schema.json) }))])
    }

    /// The published form. `definitions` are what `.reference("#/$defs/NAME")` points at.
    package func document(id: String, title: String, definitions: [(name: String, schema: JSONSchema)] = []) -> JSONValue {
        let head: [JSONValue.Member] = [
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"), .init("$id", .string(id)), .init("title", .string(title)),
        ]
        let tail: [JSONValue.Member] =
            definitions.isEmpty ? [] : [.init("$defs", .object(definitions.map { .init($0.name, $0.schema.json) }))]
        return .object(head + (json.members ?? []) + tail)
    }
}
