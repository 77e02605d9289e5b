import Bindings

extension Array: DocumentValue where Element: DocumentValue {
    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        guard case .sequence(let nodes) = node.content else {
            throw InvalidDocument("expected \(Self.form), found \(node.found)", at: node)
        }
        var diagnostics: [Diagnostic] = []
        self = []
        reserveCapacity(nodes.count)
        for node in nodes {
            do throws(InvalidDocument) { append(try Element(node, reading)) } catch { diagnostics += error.diagnostics }
        }
        guard diagnostics.isEmpty else { throw InvalidDocument(diagnostics) }
    }

    package static var form: String { Element.form == YAMLNode.form ? "a list" : "a list (each \(Element.form))" }
    package static func schema(expanding: Bool) -> JSONSchema { .array(of: Element.schema(expanding: expanding)) }
    package static var nested: [NestedFields] { Element.nested.map { $0.below("[]") } }
    package var written: JSONValue? {
        let items = compactMap(\.written)
        return items.count == count ? .array(items) : nil
    }
}

extension Optional: DocumentValue where Wrapped: DocumentValue {
    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { self = try Wrapped(node, reading) }
    package static var form: String { Wrapped.form }
    package static func schema(expanding: Bool) -> JSONSchema { Wrapped.schema(expanding: expanding) }
    package static var nested: [NestedFields] { Wrapped.nested }
    package static var holdsSecret: Bool { Wrapped.holdsSecret }
    package var written: JSONValue? { flatMap(\.written) }
}

/// A list; one item may stand alone, without brackets.
package struct OneOrMany<Value: DocumentValue>: DocumentValue {
    package let values: [Value]

    package init(_ values: [Value]) { self.values = values }

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        if case .sequence = node.content { values = try [Value](node, reading) } else { values = [try Value(node, reading)] }
    }

    package static var form: String { "\(Value.form), or a list" }
    package static func schema(expanding: Bool) -> JSONSchema {
        .anyOf([Value.schema(expanding: expanding), [Value].schema(expanding: expanding)])
    }
    package static var nested: [NestedFields] { [Value].nested }
    package var written: JSONValue? { values.count == 1 ? values[0].written : values.written }
}

extension OneOrMany: Equatable where Value: Equatable {}

/// A mapping whose keys are the user's own, in the order they were written. Keys are never expanded.
package struct Keyed<Key: ScalarValue & Hashable, Value: DocumentValue>: DocumentValue {
    package struct Entry: Sendable {
        package let key: Key
        package let value: Value
        /// Where the key was written.
        package let span: YAMLSpan
    }

    package let entries: [Entry]
    private let positions: [Key: Int]

    package var keys: [Key] { entries.map(\.key) }
    package var isEmpty: Bool { entries.isEmpty }
    package subscript(key: Key) -> Value? { positions[key].map { entries[$0].value } }
    package static var empty: Keyed { Keyed(entries: [], positions: [:]) }

    private init(entries: [Entry], positions: [Key: Int]) {
        self.entries = entries
        self.positions = positions
    }

    package init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        guard case .mapping(let written) = node.content else {
            throw InvalidDocument("expected \(Self.form), found \(node.found)", at: node)
        }
        var diagnostics: [Diagnostic] = []
        var read: [Entry] = []
        var positions: [Key: Int] = [:]
        var first: [Key: YAMLSpan] = [:]
        for entry in written {
            var key: Key?
            do throws(InvalidDocument) {
                let typed = try Key(entry.key, reading.literal)
                key = typed
                if let earlier = first.updateValue(entry.key.span, forKey: typed) {
                    throw InvalidDocument("key \(entry.name.quoted) appears twice; first on line \(earlier.line)", at: entry.key)
                }
            } catch { diagnostics += error.diagnostics }
            do throws(InvalidDocument) {
                let value = try Value(entry.value, reading)
                if let key {
                    positions[key] = read.count
                    read.append(Entry(key: key, value: value, span: entry.key.span))
                }
            } catch { diagnostics += error.diagnostics }
        }
        guard diagnostics.isEmpty else { throw InvalidDocument(diagnostics) }
        self.init(entries: read, positions: positions)
    }

    package static var form: String { "a mapping (each value \(Value.form))" }
    package static func schema(expanding: Bool) -> JSONSchema {
        .map(to: Value.schema(expanding: expanding), keys: Key.scalarSchema.json["pattern"]?.string)
    }
    package static var nested: [NestedFields] { Value.nested.map { $0.below(".NAME") } }
    package var written: JSONValue? {
        let members = entries.compactMap { entry in entry.value.written.map { JSONValue.Member(entry.key.canonical, $0) } }
        return members.count == entries.count ? .object(members) : nil
    }
}
