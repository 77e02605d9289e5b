/// Where backups live, as something that can only be read. Plans, checks and restores are given this.
///
/// Keys are relative paths of clean components (`nightly/20261120T020000Z-4f1c9a/app-db/manifest.json`); `StoreKey` says which.
/// Folders are there as long as there are objects in them. All calls throw `Failure`: `.refused` for what cannot be a key,
/// `.notFound` for a missing one, `.storeUnavailable` when the store does not answer, `.localStorage` for a full or failing disk.
package protocol ReadableStore: Sendable {
    /// The name it has in the configuration.
    var name: String { get }
    /// Where it is, for people: a folder's path, a bucket's address. Holds no secret.
    var location: String { get }
    /// Names right below the folder `prefix` (folders and objects; empty: the root), in byte order, after `after`, at most `limit`.
    /// A folder that is not there, and an object, have nothing below them.
    func list(_ prefix: String, after: String?, limit: Int) async throws -> [StoreEntry]
    /// Size in bytes, nil when there is no such object.
    func size(of key: String) async throws -> Int64?
    /// The object's bytes from `offset` (none, when it is shorter), in pieces of at most 1 MiB, as they are asked for.
    func open(_ key: String, from offset: Int64) async throws -> any StoreReader
    /// The path of the object, or of the folder of objects, on this machine, where the store has one: tools may read there and must not write.
    func localPath(of key: String) -> String?
}

/// A store that may also be changed.
package protocol Store: ReadableStore {
    /// Writes an object that did not exist: visible, whole and on disk when this returns, absent when it throws.
    /// Never replaces: a key that exists is `Failure(.refused)`.
    func create(_ key: String, _ bytes: [UInt8]) async throws
    /// Takes over a finished local file as an object, by renaming when it already lies on the store's own disk.
    /// The bytes are hashed by reading them. The file is gone afterwards, and still there when it throws. Never replaces.
    func adopt(file path: String, as key: String) async throws -> StoredObject
    /// A folder on this machine for preparing files that will be adopted, on the store's own disk where that is
    /// possible; named after `owner` so that `sweep` finds it when its owner is dead.
    func makeWorkFolder(owner: String) async throws -> String
    func removeWorkFolder(_ path: String) async throws
    /// Succeeds when the key is already gone. Removes a folder with all that is in it only through its objects.
    func delete(_ key: String) async throws
}

package protocol StoreReader: Sendable {
    /// The next piece, nil at the end.
    func next() async throws -> [UInt8]?
    func close() async
}

package struct StoreEntry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case folder
        case object(bytes: Int64)
        /// In the way where an object might be, and none: a link, a pipe. Nothing of it can be read.
        case foreign
    }

    /// One path component.
    package let name: String
    package let kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    package var isFolder: Bool { kind == .folder }
    package var isObject: Bool { if case .object = kind { true } else { false } }
}

/// An object as it lies in the store.
package struct StoredObject: Sendable, Codable, Hashable {
    package let bytes: Int64
    package let sha256: String

    package init(bytes: Int64, sha256: String) {
        self.bytes = bytes
        self.sha256 = sha256
    }
}

extension ReadableStore {
    /// All names right below `prefix`.
    package func list(_ prefix: String) async throws -> [StoreEntry] {
        var entries: [StoreEntry] = []
        while true {
            let page = try await list(prefix, after: entries.last?.name, limit: 20_000)
            entries += page
            if page.count < 20_000 { return entries }
        }
    }

    /// A small object whole. Larger than `limit` is `Failure(.damaged)`: manifests and notes are small.
    package func bytes(of key: String, limit: Int = 8 << 20) async throws -> [UInt8] {
        let reader = try await open(key, from: 0)
        var bytes: [UInt8] = []
        do {
            while let piece = try await reader.next() {
                bytes += piece
                guard bytes.count <= limit else {
                    throw Failure(.damaged, "\(key) in store '\(name)' is larger than \(limit) bytes, which no such file is")
                }
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return bytes
    }
}
