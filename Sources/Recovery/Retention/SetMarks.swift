/// What people say about a set by hand: keep it, no longer keep it, remove it.
package struct SetMarks: Sendable {
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

    /// Keeps a set, whatever the rules say. A deletion that no prune can be carrying out yet is withdrawn; a later one refuses.
    ///
    /// - Returns: whether a deletion was withdrawn.
    @discardableResult
    package func pin(_ policy: String, _ set: String, because reason: String) async throws -> Bool {
        _ = try await existing(policy, set)
        let notes = SetNotes(store: store, digests: digests)
        let key = try await notes.write(Note(kind: .pin, writtenAt: time.now, host: host, run: nil, text: reason), on: policy, set)
        do { return try await withdrawMarks(policy, set) } catch {
            let store = store
            await uncancelled { try? await store.delete(key) }
            throw error
        }
    }

    /// Removes the pins of a set. Returns how many there were.
    package func unpin(_ policy: String, _ set: String) async throws -> Int {
        _ = try await existing(policy, set)
        var count = 0
        for stored in try await reader.notes(of: policy, set) where stored.note?.kind == .pin {
            try await store.delete(stored.key)
            count += 1
        }
        return count
    }

    /// Marks a set for deletion by hand: a prune at least an hour on removes its data.
    ///
    /// Refused while a run or backup works with it or another set needs parts of it, whatever `force` says; and without
    /// `force` when it is pinned, is the last proven backup of a target, or its last whole one.
    package func delete(_ policy: String, _ set: String, force: Bool, by operatorName: String) async throws {
        let standing = try await existing(policy, set)
        let all = try await reader.standings(of: policy)
        if let problem = inUse(standing, all) {
            throw Failure(.refused, "\(standing.path) cannot be deleted: \(problem)", hint: "wait until it is no longer needed")
        }
        if !force, let problem = worthKeeping(standing, all) {
            throw Failure(
                .refused, "\(standing.path) should not be deleted: \(problem)", hint: "repeat with --force to delete it all the same")
        }
        let note = Note(
            kind: .deletion, writtenAt: time.now, host: host, run: nil, text: "deleted by hand by \(operatorName) at \(time.now.text)",
            byHand: true)
        try await SetNotes(store: store, digests: digests).write(note, on: policy, set)
    }

    private var reader: SetReader { SetReader(store: store, digests: digests) }

    private func existing(_ policy: String, _ set: String) async throws -> SetStanding {
        let path = "\(policy)/\(set)"
        _ = try StoreKey.components(of: path)
        let names = try await reader.sets(of: policy)
        guard names.contains(set) else {
            throw Failure(
                .notFound, "there is no set \(path) in store '\(store.name)'", hint: "`lifeboat backups list` shows what there is")
        }
        return try await reader.standing(of: policy, set)
    }

    private func withdrawMarks(_ policy: String, _ set: String) async throws -> Bool {
        let marks = try await reader.notes(of: policy, set).filter { $0.note?.kind == .deletion }
        // Five minutes before its time a prune on a host whose clock is ahead may be at it.
        let safe = time.now.advanced(bySeconds: 300 - Pruner.grace.inSeconds)
        if let late = marks.lazy.compactMap(\.note).first(where: { $0.writtenAt <= safe }) {
            throw Failure(
                .refused, "\(policy)/\(set) is marked for deletion since \(late.writtenAt.text), and may be going at this moment",
                hint: "nothing was changed; choose another set")
        }
        for mark in marks { try await store.delete(mark.key) }
        return !marks.isEmpty
    }

    private func inUse(_ set: SetStanding, _ all: [SetStanding]) -> String? {
        let now = time.now
        for claim in set.claims where claim.isOn(at: now) {
            let until = claim.until.map { "until \($0.text)" } ?? "without an end"
            if claim.kind == .writing { return "a backup is writing it, \(until) at the latest" }
            if set.policy == Catalog.safety, claim.run == set.set { continue }
            return "it is in use \(until) by \(claim.run.map { "run \($0)" } ?? "somebody")"
        }
        return all.filter { $0.set != set.set && $0.neededSets.contains(set.path) }.map(\.path).min().map { "\($0) needs parts of it" }
    }

    private func worthKeeping(_ set: SetStanding, _ all: [SetStanding]) -> String? {
        if let pin = set.pins.first { return "it is pinned: \(pin)" }
        guard set.policy != Catalog.safety else { return nil }
        let others = all.filter { $0.set != set.set && $0.deletedByHand == nil && !$0.isBeingRemoved && $0.isFinished }
        for target in set.whole.sorted() {
            if set.proofs.contains(where: { $0.target == target }),
                !others.contains(where: { other in other.whole.contains(target) && other.proofs.contains { $0.target == target } })
            {
                return "it holds the last proven backup of '\(target)'"
            }
            if !others.contains(where: { $0.whole.contains(target) }) { return "it holds the last whole backup of '\(target)'" }
        }
        return nil
    }
}
