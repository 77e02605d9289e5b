import Bindings

/// One parsed file: its tree, and its text for diagnostics.
package struct Document: Sendable {
    package let source: SourceText
    package let root: YAMLNode

    /// Parses the file's bytes. `name` is shown in front of every diagnostic.
    package init(_ bytes: some Collection<UInt8>, name: String) throws(InvalidDocument) {
        source = SourceText(name: name, text: String(decoding: bytes, as: UTF8.self))
        do {
            root = try YAMLNode.parse(bytes)
        } catch {
            throw InvalidDocument([Diagnostic(error.problem, hint: error.hint, at: error.span)]).attributed(to: source)
        }
    }

    package init(_ text: String, name: String) throws(InvalidDocument) { try self.init(text.utf8, name: name) }

    /// The whole document as a typed value. Every mistake in it is thrown at once, with its file and line.
    package func read<Value: DocumentValue>(as type: Value.Type = Value.self, _ reading: Reading = .plain) throws(InvalidDocument) -> Value
    {
        try attributing { () throws(InvalidDocument) in try Value(root, reading) }
    }

    /// The same, when other mistakes are known already: what is wrong with the document is thrown together with them.
    package func read<Value: DocumentValue>(
        as type: Value.Type = Value.self, _ reading: Reading = .plain, alongside known: [Diagnostic]
    ) throws(InvalidDocument) -> Value {
        try attributing { () throws(InvalidDocument) in
            let value: Value
            do throws(InvalidDocument) { value = try Value(root, reading) } catch { throw InvalidDocument(error.diagnostics + known) }
            guard known.isEmpty else { throw InvalidDocument(known) }
            return value
        }
    }

    /// Runs a piece of reading whose complaints are about this file.
    package func attributing<Value>(_ body: () throws(InvalidDocument) -> Value) throws(InvalidDocument) -> Value {
        do { return try body() } catch { throw error.attributed(to: source) }
    }
}
