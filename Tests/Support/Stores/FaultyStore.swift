import Recovery

/// A store whose calls can be made to fail, for loops that break everything once. Pieces of a reader count as calls.
package final class FaultyStore: Store {
    package typealias Moment = Faults.Moment

    private let store: any Store
    private let faults: Faults

    package init(_ store: any Store, _ faults: Faults) {
        self.store = store
        self.faults = faults
    }

    /// A store whose nth call does not get an answer.
    package convenience init(_ store: any Store, failingCall: Int, _ moment: Moment = .beforeTheEffect, _ extent: Faults.Extent = .once) {
        let faults = Faults()
        faults.fail(
            .store, call: failingCall, with: Failure(.storeUnavailable, "store '\(store.name)' does not answer", hint: "this is a test"),
            moment, extent)
        self.init(store, faults)
    }

    /// False when there were fewer calls than `failingCall`: the loop has come to its end.
    package var hasFailed: Bool { faults.struck != nil }

    package var name: String { store.name }
    package var location: String { store.location }

    package func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] {
        try await faults.call(.store, "list \(prefix)") { try await store.list(prefix, after: after, limit: limit) }
    }

    package func size(of key: String) async throws -> Int64? {
        try await faults.call(.store, "size \(key)") { try await store.size(of: key) }
    }

    package func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        try await faults.call(.store, "open \(key)") {
            FaultyReader(key: key, reader: try await store.open(key, from: offset), faults: faults)
        }
    }

    package func localPath(of key: String) -> String? { store.localPath(of: key) }

    package func create(_ key: String, _ bytes: [UInt8]) async throws {
        try await faults.call(.store, "create \(key)", changes: true) { try await store.create(key, bytes) }
    }

    package func adopt(file path: String, as key: String) async throws -> StoredObject {
        try await faults.call(.store, "adopt \(key)", changes: true) { try await store.adopt(file: path, as: key) }
    }

    package func makeWorkFolder(owner: String) async throws -> String {
        try await faults.call(.store, "make a work folder", changes: true) { try await store.makeWorkFolder(owner: owner) }
    }

    package func removeWorkFolder(_ path: String) async throws {
        try await faults.call(.store, "remove a work folder", changes: true) { try await store.removeWorkFolder(path) }
    }

    package func delete(_ key: String) async throws {
        try await faults.call(.store, "delete \(key)", changes: true) { try await store.delete(key) }
    }
}

private struct FaultyReader: StoreReader {
    let key: String
    let reader: any StoreReader
    let faults: Faults

    func next() async throws -> [UInt8]? {
        let piece = try await faults.call(.store, "read \(key)") { try await reader.next() }
        if piece == nil { faults.note("store end \(key)") }
        return piece
    }

    func close() async { await reader.close() }
}
