import Bindings
import FoundationEssentials
import Recovery
import Synchronization

/// A store that keeps every promise of one and forgets everything. Only work folders are real.
package final class MemoryStore: Store {
    package let name: String
    package let location = "memory"

    /// By bytes, since Swift takes two ways to write one letter for one string, and a store must not.
    private struct Key: Hashable {
        let bytes: [UInt8]
        init(_ text: String) { bytes = Array(text.utf8) }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }
    private let objects: Mutex<[Key: [UInt8]]>
    /// Throws when the process that writes is dead, or the store takes nothing.
    private let live = Mutex<@Sendable () throws -> Void>({})
    /// What `sweep` would find; gone with the store.
    private let folders = Mutex<Set<String>>([])

    package init(name: String = "memory", holding objects: [String: [UInt8]] = [:]) {
        self.name = name
        self.objects = Mutex(Dictionary(objects.map { (Key($0.key), $0.value) }, uniquingKeysWith: { first, _ in first }))
    }

    package func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry] {
        let folder = try StoreKey.components(ofPrefix: prefix).map { $0 + "/" }.joined()
        let entries = objects.withLock { objects in
            var entries: [Key: StoreEntry] = [:]
            for (key, bytes) in objects where key.bytes.starts(with: folder.utf8) {
                let rest = key.bytes.dropFirst(folder.utf8.count)
                let name = String(decoding: rest.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
                let isObject = rest.count == name.utf8.count
                entries[Key(name)] = StoreEntry(name: name, kind: isObject ? .object(bytes: Int64(bytes.count)) : .folder)
            }
            return entries.values
        }
        let sorted = entries.sorted { StoreKey.isBefore($0.name, $1.name) }
        guard let after else { return Array(sorted.prefix(limit)) }
        return Array(sorted.drop { !StoreKey.isBefore(after, $0.name) }.prefix(limit))
    }

    package func size(of key: String) async throws -> Int64? {
        _ = try StoreKey.components(of: key)
        return objects.withLock { $0[Key(key)].map { Int64($0.count) } }
    }

    package func open(_ key: String, from offset: Int64) async throws -> any StoreReader {
        _ = try StoreKey.components(of: key)
        guard let bytes = objects.withLock({ $0[Key(key)] }) else { throw Failure(.notFound, "store '\(name)' has no object \(key)") }
        return MemoryReader(bytes[min(Int(offset), bytes.count)...])
    }

    package func localPath(of key: String) -> String? { nil }

    package func create(_ key: String, _ bytes: [UInt8]) async throws {
        try live.withLock { $0 }()
        _ = try StoreKey.components(of: key)
        let isNew = objects.withLock { objects in
            guard objects[Key(key)] == nil else { return false }
            objects[Key(key)] = bytes
            return true
        }
        guard isNew else {
            throw Failure(.refused, "\(key) exists in store '\(name)' already, and nothing in a store is ever replaced")
        }
    }

    package func adopt(file path: String, as key: String) async throws -> StoredObject {
        _ = try StoreKey.components(of: key)
        let bytes = try await blocking { _ in [UInt8](try Data(contentsOf: URL(filePath: path))) }
        try await create(key, bytes)
        try await blocking { _ in try FileManager.default.removeItem(atPath: path) }
        return StoredObject(bytes: Int64(bytes.count), sha256: SHA256.hexDigest(of: bytes))
    }

    package func makeWorkFolder(owner: String) async throws -> String {
        try await blocking { _ in
            let folder = FileManager.default.temporaryDirectory.appending(path: "memory-store-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            self.folders.withLock { _ = $0.insert(folder) }
            return folder
        }
    }

    deinit {
        for folder in folders.withLock({ $0 }) where FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    package func removeWorkFolder(_ path: String) async throws {
        try await blocking { _ in
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            self.folders.withLock { _ = $0.remove(path) }
        }
    }

    package func delete(_ key: String) async throws {
        try live.withLock { $0 }()
        _ = try StoreKey.components(of: key)
        objects.withLock { _ = $0.removeValue(forKey: Key(key)) }
    }
}

/// What tests see and do behind the store's back.
extension MemoryStore {
    /// From now on nothing is written or deleted where this throws.
    package func writes(while live: @escaping @Sendable () throws -> Void) { self.live.withLock { $0 = live } }

    /// Work folders that nobody has removed.
    package var workFolders: Set<String> { folders.withLock { $0 } }

    package var keys: [String] { objects.withLock { $0.keys.map(\.text) }.sorted(by: StoreKey.isBefore) }

    package subscript(key: String) -> [UInt8]? {
        get { objects.withLock { $0[Key(key)] } }
        set { objects.withLock { $0[Key(key)] = newValue } }
    }

    package func truncate(_ key: String, to bytes: Int) { self[key] = self[key].map { Array($0.prefix(bytes)) } }

    /// Turns one bit of one byte.
    package func flip(_ key: String, byte: Int) { self[key]?[byte] ^= 1 }
}

private actor MemoryReader: StoreReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    func next() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        let piece = rest.prefix(1 << 20)
        rest = rest.dropFirst(piece.count)
        return Array(piece)
    }

    func close() {}
}
