import Recovery
import Synchronization

/// A store whose nth call fails, for loops that break everything once. Pieces of a reader count as calls.
package final class FaultyStore: Store {
    /// When a failing call that changes something fails. A store may also fail to say that it has done what it did.
    package enum Moment: Sendable, CaseIterable { case beforeTheEffect, afterTheEffect }

    private let store: any Store
    private let failingCall: Int
    private let moment: Moment
    private let calls = Atomic(0)

    package init(_ store: any Store, failingCall: Int, _ moment: Moment = .beforeTheEffect) {
        self.store = store
        self.failingCall = failingCall
        self.moment = moment
    }

    /// False when there were fewer calls than `failingCall`: the loop has come to its end.
    package var hasFailed: Bool { calls.load(ordering: .relaxed) >= failingCall }

    package var name: String { store.name }
    package var location: String { store.location }

    package func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] {
        try await reading { try await store.list(prefix, after: after, limit: limit) }
    }

    package func size(of key: String) async throws -> Int64? { try await reading { try await store.size(of: key) } }

    package func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        try await reading { FaultyReader(reader: try await store.open(key, from: offset), store: self) }
    }

    package func localPath(of key: String) -> String? { store.localPath(of: key) }

    package func create(_ key: String, _ bytes: [UInt8]) async throws { try await changing { try await store.create(key, bytes) } }

    package func adopt(file path: String, as key: String) async throws -> StoredObject {
        try await changing { try await store.adopt(file: path, as: key) }
    }

    package func makeWorkFolder(owner: String) async throws -> String {
        try await changing { try await store.makeWorkFolder(owner: owner) }
    }

    package func removeWorkFolder(_ path: String) async throws { try await changing { try await store.removeWorkFolder(path) } }

    package func delete(_ key: String) async throws { try await changing { try await store.delete(key) } }

    fileprivate func reading<Result>(_ call: () async throws -> Result) async throws -> Result {
        if countsToTheFailure() { throw failure }
        return try await call()
    }

    private func changing<Result>(_ call: () async throws -> Result) async throws -> Result {
        let fails = countsToTheFailure()
        if fails, moment == .beforeTheEffect { throw failure }
        let result = try await call()
        if fails { throw failure }
        return result
    }

    private func countsToTheFailure() -> Bool { calls.add(1, ordering: .relaxed).newValue == failingCall }

    private var failure: Failure { Failure(.storeUnavailable, "store '\(name)' does not answer", hint: "this is a test") }
}

private struct FaultyReader: StoreReader {
    let reader: any StoreReader
    let store: FaultyStore

    func next() async throws -> [UInt8]? { try await store.reading { try await reader.next() } }
    func close() async { await reader.close() }
}
