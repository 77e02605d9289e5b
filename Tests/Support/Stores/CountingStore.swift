import Recovery
import Synchronization

/// Counts what is asked of a store that is only read.
package final class CountingStore: ReadableStore {
    private let store: any ReadableStore
    private let calls = Mutex<[String]>([])

    package init(_ store: any ReadableStore) { self.store = store }

    /// `list nightly`, `size …`, `open …`, in order.
    package var asked: [String] { calls.withLock { $0 } }

    package var name: String { store.name }
    package var location: String { store.location }

    package func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] {
        calls.withLock { $0.append("list \(prefix)") }
        return try await store.list(prefix, after: after, limit: limit)
    }

    package func size(of key: String) async throws -> Int64? {
        calls.withLock { $0.append("size \(key)") }
        return try await store.size(of: key)
    }

    package func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        calls.withLock { $0.append("open \(key)") }
        return try await store.open(key, from: offset)
    }

    package func localPath(of key: String) -> String? { store.localPath(of: key) }
}
