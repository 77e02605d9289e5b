import Bindings

/// A value that can be written in several shapes, told apart by a key, or by being a scalar, a list or a mapping:
/// `{env: NAME}` or `{file: PATH}`.
package protocol Union: DocumentValue {
    static var variants: OneOf<Self> { get }
}

extension Union {
    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { self = try Self.variants.read(node, reading) }
    package static var form: String { variants.form }
    package static func schema(expanding: Bool) -> JSONSchema { variants.schema(expanding: expanding) }
    package static var nested: [NestedFields] { variants.nested }
}

/// The shapes of one kind of value.
package struct OneOf<Output: Sendable>: Sendable {
    private let variants: [Variant<Output>]

    package init(_ variants: Variant<Output>...) { self.variants = variants }

    var form: String { variants.map(\.form).joined(separator: " or ") }
    var nested: [NestedFields] { variants.compactMap(\.fields).map { NestedFields($0) } }
    func schema(expanding: Bool) -> JSONSchema { .anyOf(variants.map { $0.schema(expanding) }) }

    package func read(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) -> Output {
        let variant: Variant<Output>? =
            switch node.content {
            case .mapping(let entries): try variants.isEmpty ? nil : keyed(entries, node)
            case .sequence: variants.first { $0.shape == .list }
            case .scalar: variants.first { $0.shape == .scalar }
            }
        guard let variant else { throw InvalidDocument("expected \(form), found \(node.found)", at: node) }
        return try variant.read(node, reading)
    }

    private func keyed(_ entries: [YAMLNode.Entry], _ node: YAMLNode) throws(InvalidDocument) -> Variant<Output>? {
        let names = Set(entries.map(\.name))
        let fitting = variants.filter { if case .key(let key) = $0.shape { names.contains(key) } else { false } }
        if fitting.count == 1 { return fitting[0] }
        let keys = variants.compactMap { if case .key(let key) = $0.shape { key } else { nil } }
        guard !keys.isEmpty else { return nil }
        if fitting.count > 1 {
            let second = entries.filter { keys.contains($0.name) }.dropFirst().first
            throw InvalidDocument(FieldRule.exclusion(keys.filter(names.contains)), at: second?.key ?? node)
        }
        let unknown = entries.compactMap { entry in
            keys.suggestion(for: entry.name).map { Diagnostic("unknown key \(entry.name.quoted)", hint: $0, at: entry.key) }
        }
        guard unknown.isEmpty else { throw InvalidDocument(unknown) }
        throw InvalidDocument(
            "expected \(form), found \(entries.isEmpty ? "an empty mapping" : "other keys")", at: entries.first?.key ?? node)
    }
}

/// One shape, and what it means.
package struct Variant<Output: Sendable>: Sendable {
    enum Shape: Sendable, Equatable {
        case scalar
        case list
        /// A mapping that holds this key.
        case key(String)
    }

    let shape: Shape
    let form: String
    let fields: (any AnyFields)?
    let schema: @Sendable (_ expanding: Bool) -> JSONSchema
    let read: @Sendable (YAMLNode, Reading) throws(InvalidDocument) -> Output

    /// A scalar on its own: `refill: none`.
    package static func scalar<Value: ScalarValue>(as type: Value.Type, _ make: @escaping @Sendable (Value) -> Output) -> Variant {
        Variant(
            shape: .scalar, form: Value.form, fields: nil, schema: { Value.schema(expanding: $0) },
            read: { node, reading throws(InvalidDocument) in make(try Value(node, reading)) })
    }

    /// A list on its own: `[systemctl, stop, chatbot]`.
    package static func list<Value: DocumentValue>(of type: Value.Type, _ make: @escaping @Sendable ([Value]) -> Output) -> Variant {
        Variant(
            shape: .list, form: [Value].form, fields: nil, schema: { [Value].schema(expanding: $0) },
            read: { node, reading throws(InvalidDocument) in make(try [Value](node, reading)) })
    }

    /// A mapping with exactly this key: `{env: NAME}`.
    package static func key<Value: DocumentValue>(
        _ key: String, as type: Value.Type, limit: Limit<Value>? = nil, literal: Bool = false, _ doc: String,
        _ make: @escaping @Sendable (Value) -> Output
    ) -> Variant {
        mapping(Fields(Field.required(key, as: type, limit: limit, literal: literal, doc)), make)
    }

    /// A mapping with several keys; the first one declared tells it from the others.
    package static func mapping<each Value: DocumentValue>(
        _ fields: Fields<repeat each Value>, _ make: @escaping @Sendable (repeat each Value) -> Output
    ) -> Variant {
        let key = fields.descriptions.first?.key ?? ""
        return Variant(
            shape: .key(key), form: "{\(key): …}", fields: fields, schema: { fields.schema(expanding: $0) },
            read: { node, reading throws(InvalidDocument) in
                let values = try fields.read(node, reading)
                return make(repeat each values)
            })
    }
}
