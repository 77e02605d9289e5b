/// What keeps a set whatever the rules say.
enum Claims {
    /// Reasons by path of the set.
    static func reasons(_ sets: [SetStanding], now: Timestamp) -> [String: [KeepReason]] {
        var reasons: [String: [KeepReason]] = [:]
        for set in sets {
            let found = set.isBeingRemoved ? [] : inUse(set, now) + (set.deletedByHand == nil ? judged(set, now) : [])
            if !found.isEmpty { reasons[set.path] = found }
        }
        return reasons
    }

    private static func inUse(_ set: SetStanding, _ now: Timestamp) -> [KeepReason] {
        set.claims.filter { $0.isOn(at: now) }.compactMap { claim in
            let until = claim.until.map { "until \($0.text)" } ?? "without an end"
            switch claim.kind {
            case .writing: return KeepReason(.inUse, "being written, \(until) at the latest")
            case .hold where set.policy == Catalog.safety && claim.run == set.set:
                // Its own hold is what makes it a safety copy; deleting it by hand is how it leaves before its time.
                return set.deletedByHand == nil ? KeepReason(.safetyCopy, "safety copy of run \(set.set), \(until)") : nil
            case .hold: return KeepReason(.inUse, "in use \(until) by \(claim.run.map { "run \($0)" } ?? "somebody")")
            }
        }
    }

    private static func judged(_ set: SetStanding, _ now: Timestamp) -> [KeepReason] {
        var found = set.pins.map { KeepReason(.pinned, $0.isEmpty ? "pinned" : "pinned: \($0)") }
        found += set.unreadable.map { KeepReason(.unclear, $0) }
        if set.isForeign { found.append(KeepReason(.unclear, "not written by lifeboat: it has neither begin.json nor set.json")) }
        if let point = set.recoveryPoint, point > now { found.append(KeepReason(.unclear, "dated in the future: \(point.text)")) }
        return found
    }

    /// Sets whose parts are needed by sets that stay, and by those in turn.
    static func addNeeded(_ sets: [SetStanding], _ elsewhere: [SetStanding], to reasons: inout [String: [KeepReason]]) {
        let byPath = Dictionary(sets.map { ($0.path, $0) }) { first, _ in first }
        var staying = sets.filter { reasons[$0.path] != nil } + elsewhere
        while let set = staying.popLast() {
            var needed = set.neededSets.subtracting([set.path]).compactMap { byPath[$0] }
            var why = "\(set.path) needs parts of it"
            if set.hidesReferences {
                // It can only point to what was there before it.
                needed = sets.filter { StoreKey.isBefore($0.set, set.set) }
                why = "\(set.path) may need parts of it, and cannot be read"
            }
            for other in needed.sorted(by: { StoreKey.isBefore($0.set, $1.set) }) where !other.isBeingRemoved && other.path != set.path {
                if reasons[other.path] == nil {
                    reasons[other.path] = [KeepReason(.inUse, why)]
                    staying.append(other)
                } else if !set.hidesReferences {
                    reasons[other.path]?.append(KeepReason(.inUse, why))
                }
            }
        }
    }
}
