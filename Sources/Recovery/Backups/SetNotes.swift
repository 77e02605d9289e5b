/// Writes what is learned about a set beside it: one file per fact, never replaced.
package struct SetNotes: Sendable {
    private let store: any Store
    private let digests: any Digesting

    package init(store: any Store, digests: any Digesting) {
        self.store = store
        self.digests = digests
    }

    /// Returns the note's key.
    @discardableResult
    package func write(_ note: Note, on policy: String, _ set: String) async throws -> String {
        let key = "\(policy)/\(set)/notes/\(note.fileName(random: digests.randomName(6)))"
        try await store.create(key, CanonicalJSON.encode(note, pretty: true))
        return key
    }

    /// Writes a proof or rehearsal of one backup. A proof is also entered where `check` finds it without looking through
    /// all sets; the note beside the set remains the truth.
    package func write(_ note: Note, of backup: BackupID) async throws {
        let key = try await write(note, on: backup.policy, backup.set)
        guard note.kind == .proof else { return }
        try await ProofIndex.add(ProofIndex.Entry(backup: backup, note: key), note, to: store, digests)
    }
}
