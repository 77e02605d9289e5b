/// `_proofs/POLICY/TARGET/TIME-RANDOM.json`: which notes are proofs. A monthly drill of hourly backups leaves one proof among
/// some seven hundred sets, and `check` reads only a handful of them.
package enum ProofIndex {
    package struct Entry: Sendable, Codable, Equatable {
        package var format = 1
        package let backup: BackupID
        /// Key of the note.
        package let note: String

        package init(backup: BackupID, note: String) {
            self.backup = backup
            self.note = note
        }
    }

    package static let folder = "_proofs"

    static func add(_ entry: Entry, _ note: Note, to store: any Store, _ digests: any Digesting) async throws {
        let key = "\(folder)/\(entry.backup.policy)/\(entry.backup.target)/\(note.writtenAt.compact)-\(digests.randomName(6)).json"
        try await store.create(key, CanonicalJSON.encode(entry, pretty: true))
    }

    /// The newest proof of a target whose set is still there; nil when none of the newest few is.
    package static func newest(policy: String, target: String, in catalog: Catalog) async throws -> (
        backup: BackupID, at: Timestamp, by: String
    )? {
        let path = "\(folder)/\(policy)/\(target)"
        let names = try await catalog.store.list(path).filter(\.isObject).map(\.name)
        for name in names.suffix(furthest).reversed() {
            guard let entry = try await read(Entry.self, "\(path)/\(name)", in: catalog.store),
                entry.backup.policy == policy, entry.backup.target == target, entry.note.hasPrefix("\(entry.backup.setPath)/notes/"),
                let note = try await read(Note.self, entry.note, in: catalog.store), note.kind == .proof,
                let hash = note.manifests[target], let manifest = try await manifestHash(entry.backup, catalog), manifest == hash
            else { continue }
            return (entry.backup, note.writtenAt, note.text.split(separator: ":").first.map(String.init) ?? "a drill")
        }
        return nil
    }

    /// Proofs of sets that were removed since are passed over; more than these in a row do not happen by themselves.
    private static let furthest = 8

    /// Nil for what is gone or cannot be read: it proves nothing.
    private static func read<Value: Decodable>(_ type: Value.Type, _ key: String, in store: any ReadableStore) async throws -> Value? {
        let bytes: [UInt8]
        do { bytes = try await store.bytes(of: key) } catch let failure as Failure
            where failure.kind == .notFound || failure.kind == .damaged || failure.kind == .refused
        {
            return nil
        }
        return try? CanonicalJSON.decode(type, from: bytes)
    }

    private static func manifestHash(_ backup: BackupID, _ catalog: Catalog) async throws -> String? {
        do { return try await catalog.manifest(backup).sha256 } catch let failure as Failure
            where failure.kind == .notFound || failure.kind == .damaged || failure.kind == .unfit
        {
            return nil
        }
    }
}
