/// Removes the data of a set, in an order that is safe to be cut off anywhere.
///
/// The manifests go first: from then on the set holds no backup, whatever else is still there. The deletion notes go last,
/// the oldest at the very end: until everything is gone, everybody sees that the set is going, and the next prune goes on.
struct Removal: Sendable {
    let store: any Store
    let digests: any Digesting
    let time: any TimeSource

    /// Returns the bytes removed. Throws `Failure(.refused)` when somebody has taken hold of the set in the meantime, or when
    /// other sets need parts of it; those stay, and the notes with them.
    func remove(_ set: SetStanding, sparing needed: Set<String>) async throws -> Int64 {
        let reader = SetReader(store: store, digests: digests)
        if !set.isBeingRemoved { try await refuseIfClaimed(set, reader) }
        let sizes = try await PartSizes.sizes(below: set.path, in: store)
        let order = sizes.keys.sorted { a, b in
            let (first, second) = (rank(a, set), rank(b, set))
            return first == second ? StoreKey.isBefore(a, b) : first < second
        }
        let spared = order.filter(needed.contains)
        var removed: Int64 = 0
        for key in order where !needed.contains(key) && (spared.isEmpty || rank(key, set) <= Self.parts) {
            try Task.checkCancellation()
            try await store.delete(key)
            removed += sizes[key] ?? 0
        }
        guard spared.isEmpty else { throw Failure(.refused, "other sets need \(spared.count) of its parts") }
        return removed
    }

    /// The notes once more: what was read at the beginning may be hours old by now.
    private func refuseIfClaimed(_ set: SetStanding, _ reader: SetReader) async throws {
        let now = time.now
        let notes = try await reader.notes(of: set.policy, set.set)
        guard notes.contains(where: { $0.note?.kind == .deletion }) else {
            throw Failure(.refused, "somebody has withdrawn the deletion of \(set.path)")
        }
        let wasBeingWritten = set.claims.contains { $0.kind == .writing }
        if wasBeingWritten, try await store.size(of: "\(set.path)/set.json") != nil {
            throw Failure(.refused, "\(set.path) was finished meanwhile")
        }
        let isByHand = notes.contains { $0.note?.kind == .deletion && $0.note?.byHand == true }
        for stored in notes {
            guard let note = stored.note else {
                if isByHand { continue }
                throw Failure(.refused, "\(stored.key) cannot be read")
            }
            let isOwnHold = set.policy == Catalog.safety && note.run == set.set
            if note.kind == .hold, !isOwnHold || !isByHand, note.expires.map({ now < $0 }) ?? true {
                throw Failure(.refused, "\(note.run ?? "somebody") has taken hold of \(set.path)")
            }
            if note.kind == .renewal, wasBeingWritten, note.expires.map({ now < $0 }) ?? true {
                throw Failure(.refused, "\(set.path) is still being written, on host \(note.host)")
            }
            if note.kind == .pin, !isByHand { throw Failure(.refused, "\(set.path) was pinned") }
        }
    }

    private static let parts = 2

    private func rank(_ key: String, _ set: SetStanding) -> Int {
        let parts = key.dropFirst(set.path.count + 1).split(separator: "/")
        switch (parts.first, parts.last) {
        case (_, "manifest.json") where parts.count == 2 && parts.first != "notes": return 0
        case ("set.json", _): return 1
        case ("begin.json", _): return 3
        case ("notes", _): return isMark(key, set) ? (key == oldestMark(set) ? 6 : 5) : 4
        default: return Self.parts
        }
    }

    private func isMark(_ key: String, _ set: SetStanding) -> Bool { set.marks.contains { $0.key == key } }

    private func oldestMark(_ set: SetStanding) -> String? { set.marks.min { $0.at < $1.at }?.key }
}
