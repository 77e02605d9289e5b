/// How a run keeps the sets it works with from being removed under it.
///
/// The run writes its hold, and only then looks for a deletion note. Prune writes its deletion note, and removes data no
/// earlier than an hour later, after it has read all holds again. So one of the two sees the other, whoever comes first.
package struct Holds: Sendable {
    package struct Hold: Sendable, Equatable {
        package let policy: String
        package let set: String
        package let run: String
        package let until: Timestamp
        /// Its key in the store.
        fileprivate let key: String
    }

    private let store: any Store
    private let digests: any Digesting
    private let time: any TimeSource
    private let host: String

    package init(store: any Store, digests: any Digesting, time: any TimeSource, host: String) {
        self.store = store
        self.digests = digests
        self.time = time
        self.host = host
    }

    /// One that the same run has left there in an earlier life is replaced.
    ///
    /// Throws `Failure(.notFound)` when the set is not there, `Failure(.refused)` when it is marked for deletion; then nothing
    /// is held. A run that dies leaves its hold until it expires.
    ///
    /// - Parameter run: the run's id, or what else works with the set.
    package func take(_ policy: String, _ set: String, for run: String, until: Timestamp) async throws -> Hold {
        let note = Note(kind: .hold, writtenAt: time.now, host: host, run: run, expires: until, text: "in use by \(run)")
        let key = try await SetNotes(store: store, digests: digests).write(note, on: policy, set)
        let hold = Hold(policy: policy, set: set, run: run, until: until, key: key)
        do { try await refuseWhatGoes(hold) } catch {
            let store = store
            // What is left of it when this fails too expires by itself.
            await uncancelled { try? await store.delete(key) }
            throw error
        }
        // What stays of them expires by itself.
        for earlier in (try? await keys(of: run, on: policy, set)) ?? [] where earlier != key { try? await store.delete(earlier) }
        return hold
    }

    /// Gives back what a run that is not going on has held there.
    package func releaseAll(of run: String, on policy: String, _ set: String) async throws {
        for key in try await keys(of: run, on: policy, set) { try await store.delete(key) }
    }

    /// Where the run's holds lie.
    private func keys(of run: String, on policy: String, _ set: String) async throws -> [String] {
        try await SetReader(store: store, digests: digests).notes(of: policy, set)
            .filter { $0.note?.kind == .hold && $0.note?.run == run }.map(\.key)
    }

    /// Succeeds when it is gone already.
    package func release(_ hold: Hold) async throws { try await store.delete(hold.key) }

    private func refuseWhatGoes(_ hold: Hold) async throws {
        let reader = SetReader(store: store, digests: digests)
        if let mark = try await reader.notes(of: hold.policy, hold.set).lazy.compactMap(\.note).first(where: { $0.kind == .deletion }) {
            throw Failure(
                .refused, "\(hold.policy)/\(hold.set) is marked for deletion since \(mark.writtenAt.text): \(mark.text)",
                hint: "choose another backup; `lifeboat backups list` shows them")
        }
        guard try await store.size(of: "\(hold.policy)/\(hold.set)/set.json") != nil else {
            throw Failure(
                .notFound, "there is no finished set \(hold.policy)/\(hold.set) in store '\(store.name)'",
                hint: "`lifeboat backups list` shows what there is")
        }
    }
}
