import Recovery

/// The rows of a memory database are what it has of identifiers.
extension ReadableMemory: IdentifierReading {
    package func identifiers(at place: IdentifierPlace) async throws -> any Identifiers {
        guard let rows = try rows(of: place.database ?? "") else { throw NoSuchPlace("there is no database '\(place.database ?? "")'") }
        return ListedIdentifiers(rows.map { .identifier(.number(Int128($0))) }, kinds: [.number])
    }
}

/// Identifiers in a list, as large as a test wants its batches.
package struct ListedIdentifiers: Identifiers {
    package let values: [IdentifierValue]
    package let kinds: Set<Identifier.Kind>
    private let batch: Int

    package init(_ values: [IdentifierValue], kinds: Set<Identifier.Kind>, batch: Int = 3) {
        self.values = values
        self.kinds = kinds
        self.batch = batch
    }

    package func all(each: @escaping @Sendable ([IdentifierValue]) async throws -> Void) async throws {
        for start in stride(from: 0, to: values.count, by: batch) {
            try await each(Array(values[start..<min(start + batch, values.count)]))
        }
    }

    package func absent(_ identifiers: [Identifier]) async throws -> Set<Identifier> {
        for identifier in identifiers where !kinds.contains(identifier.kind) {
            throw Failure(.bug, "asked for \(identifier), which cannot lie here")
        }
        return Set(identifiers.filter { !values.contains(.identifier($0)) })
    }

    package func close() async {}
}
