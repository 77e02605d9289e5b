import Bindings

/// The keys of which a mapping holds exactly one beside its fields.
struct Choices {
    let what: String
    let keys: [String]
}

/// Reads one mapping and gathers what is wrong with it.
struct MappingReader {
    private let node: YAMLNode
    private let entries: [YAMLNode.Entry]
    private let keys: [String]
    private let choices: Choices?
    private let byName: [String: YAMLNode.Entry]
    private var missing: [(key: String, doc: String)] = []
    private var concealing: Set<String> = []
    private var diagnostics: [Diagnostic] = []

    init(_ node: YAMLNode, keys: [String], shorthand: String?, choices: Choices? = nil) throws(InvalidDocument) {
        switch (node.content, shorthand) {
        case (.mapping(let entries), _): self.entries = entries
        case (_, let key?) where !node.isNull: entries = [.init(key: YAMLNode(.scalar(key, .plain), at: node.span), value: node)]
        default:
            let names = keys.prefix(4).joined(separator: ", ") + (keys.count > 4 ? ", …" : "")
            throw InvalidDocument("expected a mapping\(names.isEmpty ? "" : " with \(names)"), found \(node.found)", at: node)
        }
        self.node = node
        self.keys = keys
        self.choices = choices
        byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    }

    mutating func value<Value>(of field: Field<Value>, _ reading: Reading) -> Value? {
        if Value.holdsSecret { concealing.insert(field.key) }
        guard let entry = byName[field.key] else {
            if field.fallback == nil { missing.append((field.key, field.doc)) }
            return field.fallback
        }
        do throws(InvalidDocument) {
            return try field.value(at: entry.value, reading)
        } catch {
            diagnostics += error.diagnostics
            return nil
        }
    }

    mutating func chosenEntry() -> YAMLNode.Entry? {
        guard let choices else { return nil }
        let known = Set(choices.keys)
        var found: [YAMLNode.Entry] = []
        for entry in entries where known.contains(entry.name) && !found.contains(where: { $0.name == entry.name }) { found.append(entry) }
        if found.count > 1 {
            diagnostics.append(
                Diagnostic("\(FieldRule.list(found.map(\.name))) exclude each other; \(choices.what) is one of them", at: found[1].key))
        }
        let misspelt = entries.contains { entry in
            !keys.contains(entry.name) && !known.contains(entry.name)
                && (keys + choices.keys).closest(to: entry.name).map(known.contains) == true
        }
        if found.isEmpty, !misspelt {
            let names = choices.keys.prefix(12).joined(separator: ", ") + (choices.keys.count > 12 ? ", …" : "")
            diagnostics.append(Diagnostic("\(choices.what) is missing", hint: "write one of \(names)", at: node))
        }
        return found.first
    }

    mutating func finish(_ rules: [FieldRule]) throws(InvalidDocument) {
        let meant = reportUnexpectedKeys()
        let present = Set(byName.keys).union(meant)
        for (key, doc) in missing where !meant.contains(key) {
            diagnostics.append(Diagnostic("missing key \(key.quoted)", hint: doc.isEmpty ? nil : "\(key): \(doc)", at: node))
        }
        for rule in rules {
            guard let complaint = rule.complaint(present: present) else { continue }
            let second = entries.filter { rule.keys.contains($0.name) }.dropFirst().first
            diagnostics.append(Diagnostic(complaint, at: second?.key ?? node))
        }
        guard diagnostics.isEmpty else { throw InvalidDocument(diagnostics) }
    }

    /// The value that `finish` has made sure of.
    func require<Value>(_ value: Value?) throws(InvalidDocument) -> Value {
        guard let value else { throw InvalidDocument(diagnostics) }
        return value
    }

    /// Returns the keys that misspelt ones probably stand for: a misspelt required key is one mistake, and reported as one.
    private mutating func reportUnexpectedKeys() -> Set<String> {
        let known = keys + (choices?.keys ?? [])
        let expected = Set(known)
        var meant: Set<String> = []
        var first: [String: YAMLNode] = [:]
        for entry in entries {
            if let earlier = first[entry.name] {
                diagnostics.append(Diagnostic("key \(entry.name.quoted) appears twice; first on line \(earlier.line)", at: entry.key))
                continue
            }
            first[entry.name] = entry.key
            guard !expected.contains(entry.name) else { continue }
            let candidate = known.filter { byName[$0] == nil }.closest(to: entry.name)
            if let candidate { meant.insert(candidate) }
            let hint =
                candidate.map { "did you mean \($0.quoted)?" }
                ?? (known.count <= 12 && !known.isEmpty ? "known: " + known.joined(separator: ", ") : nil)
            let conceals = candidate.map(concealing.contains) == true ? [entry.value.span] : []
            diagnostics.append(Diagnostic("unknown key \(entry.name.quoted)", hint: hint, at: entry.key.span, conceals: conceals))
        }
        return meant
    }
}
