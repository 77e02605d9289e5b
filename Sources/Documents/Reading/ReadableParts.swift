import Bindings

/// What of a mapping can be read, key by key, whatever is wrong with the rest: so names can be held against each other in a document that
/// has other mistakes too. Those are left to the one who reads the whole.
package struct ReadableParts: Sendable {
    private let byName: [String: YAMLNode]
    private let keys: [String: YAMLSpan]
    private let reading: Reading
    /// Whether what is missing may be there under a misspelt key, or behind what is no mapping at all.
    private let mayHoldMore: Bool

    package init(_ node: YAMLNode, of fields: any AnyFields, _ reading: Reading = .plain) {
        self.reading = reading
        switch (node.content, fields.shorthand) {
        case (.mapping(let entries), _):
            byName = Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
            keys = Dictionary(entries.map { ($0.name, $0.key.span) }) { first, _ in first }
            mayHoldMore = !Set(byName.keys).isSubset(of: fields.descriptions.map(\.key))
        case (_, let key?) where !node.isNull:
            byName = [key: node]
            keys = [key: node.span]
            mayHoldMore = false
        default:
            (byName, keys) = ([:], [:])
            mayHoldMore = true
        }
    }

    /// Nil for what is missing or cannot be read.
    package func value<Value: DocumentValue>(_ key: String, as type: Value.Type = Value.self) -> Value? {
        byName[key].flatMap { try? Value($0, reading) }
    }

    /// Where a key was written; nil when it is not there.
    package func place(of key: String) -> YAMLSpan? { keys[key] }

    package func parts(_ key: String, of fields: any AnyFields) -> ReadableParts? {
        byName[key].map { ReadableParts($0, of: fields, reading) }
    }

    package func list(_ key: String) -> [YAMLNode] {
        guard case .sequence(let nodes)? = byName[key]?.content else { return [] }
        return nodes
    }

    /// A mapping whose keys are names.
    package func named(_ key: String) -> ReadableNames {
        guard let node = byName[key] else { return ReadableNames(entries: [], isWhole: !mayHoldMore) }
        guard case .mapping(let written) = node.content else { return ReadableNames(entries: [], isWhole: false) }
        let entries = written.compactMap { entry in
            (try? Name(entry.key, reading.literal)).map {
                ReadableNames.Entry(name: $0, span: entry.key.span, node: entry.value, reading: reading)
            }
        }
        return ReadableNames(entries: entries, isWhole: entries.count == written.count)
    }
}

/// Names that a document declares or binds, with what can be read of their values.
package struct ReadableNames: Sendable {
    package struct Entry: Sendable {
        package let name: Name
        /// Where the name was written.
        package let span: YAMLSpan
        fileprivate let node: YAMLNode
        fileprivate let reading: Reading

        /// Nil for what cannot be read.
        package func value<Value: DocumentValue>(as type: Value.Type = Value.self) -> Value? { try? Value(node, reading) }

        package func parts(of fields: any AnyFields) -> ReadableParts { ReadableParts(node, of: fields, reading) }
    }

    package let entries: [Entry]
    /// False: there may be more names than can be read, so nothing can be said of one that is not among them.
    package let isWhole: Bool

    package var names: [Name] { entries.map(\.name) }
    package subscript(name: Name) -> Entry? { entries.first { $0.name == name } }
    /// Whether the name is, beyond doubt, not there.
    package func lacks(_ name: Name) -> Bool { isWhole && self[name] == nil }
}
