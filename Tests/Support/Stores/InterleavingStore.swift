import Recovery
import Synchronization

/// A store in which somebody else acts right before the nth call, for loops that try every way two can get in between each other.
package final class InterleavingStore: Store {
    private let store: any Store
    private let call: Int
    private let act: @Sendable () async throws -> Void
    private let calls = Atomic(0)

    package init(_ store: any Store, before call: Int, _ act: @escaping @Sendable () async throws -> Void) {
        self.store = store
        self.call = call
        self.act = act
    }

    /// False when there were fewer calls: the loop has come to its end.
    package var hasActed: Bool { calls.load(ordering: .relaxed) >= call }

    package var name: String { store.name }
    package var location: String { store.location }

    package func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] {
        try await turn()
        return try await store.list(prefix, after: after, limit: limit)
    }

    package func size(of key: String) async throws -> Int64? {
        try await turn()
        return try await store.size(of: key)
    }

    package func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        try await turn()
        return try await store.open(key, from: offset)
    }

    package func localPath(of key: String) -> String? { store.localPath(of: key) }

    package func create(_ key: String, _ bytes: [UInt8]) async throws {
        try await turn()
        try await store.create(key, bytes)
    }

    package func adopt(file path: String, as key: String) async throws -> StoredObject {
        try await turn()
        return try await store.adopt(file: path, as: key)
    }

    package func makeWorkFolder(owner: String) async throws -> String { try await store.makeWorkFolder(owner: owner) }
    package func removeWorkFolder(_ path: String) async throws { try await store.removeWorkFolder(path) }

    package func delete(_ key: String) async throws {
        try await turn()
        try await store.delete(key)
    }

    private func turn() async throws {
        if calls.add(1, ordering: .relaxed).newValue == call { try await act() }
    }
}
