/// One thing that was inside the target when it was captured: a table with its count, a sequence, an extension.
///
/// An inventory is a file of these, one JSON object a line, compressed; an artifact like the others.
package struct InventoryItem: Sendable, Codable, Equatable {
    /// The engine's word: `database`, `table`, `sequence`, `extension`, `index`, `collection`.
    package let kind: String
    /// Unique within its kind, as the engine qualifies it: `public.books`.
    package let name: String
    /// Exact number of rows, points or documents, for what has them.
    package let count: Int64?
    /// Whatever else the engine compares later; keys sorted when written.
    package let facts: [String: String]

    package init(kind: String, name: String, count: Int64? = nil, facts: [String: String] = [:]) {
        self.kind = kind
        self.name = name
        self.count = count
        self.facts = facts
    }
}

/// Reads an inventory item by item, so that one of any size streams.
package protocol InventoryReading: Sendable {
    func next() async throws -> InventoryItem?
    func close() async
}

extension InventoryReading {
    /// All items; for engines whose inventory is small by nature.
    package func all() async throws -> [InventoryItem] {
        var items: [InventoryItem] = []
        do {
            while let item = try await next() { items.append(item) }
        } catch {
            await close()
            throw error
        }
        await close()
        return items
    }
}
