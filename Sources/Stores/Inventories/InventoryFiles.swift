import Bindings
import Recovery

/// Inventories as files of one JSON object a line, packed with zstd. They stream both ways.
package struct InventoryFiles: InventoryOpening {
    package init() {}

    package func open(key: String, in store: any ReadableStore) async throws -> any InventoryReading {
        InventoryReader(try await store.open(key, from: 0), of: "inventory \(key) in store '\(store.name)'")
    }

    package func create(at path: String) async throws -> any InventoryWriting {
        try await InventoryWriter(creating: path)
    }
}
