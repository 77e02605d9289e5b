/// Decides which recovery sets stay. Pure: the same sets, rules and time give the same answer, with reasons.
///
/// Rules are asked for every target by itself, so that a target whose captures fail cannot have its last good backups
/// pushed out by sets that hold only the others. A set stays whole when one of its backups is to stay.
package struct Retention: Sendable {
    private let rules: KeepRules

    package init(_ rules: KeepRules) { self.rules = rules }

    /// - Parameter elsewhere: sets of other policies in the same store, which may need parts of these.
    /// - Returns: one decision per set, newest first.
    package func decide(_ sets: [SetStanding], elsewhere: [SetStanding] = [], now: Timestamp) -> [Decision] {
        var reasons = Claims.reasons(sets, now: now)
        // What nobody can date, what is deleted by hand and what is half gone neither counts nor pushes others out.
        let counted = sets.filter { set in
            guard let point = set.recoveryPoint else { return false }
            return point <= now && set.deletedByHand == nil && !set.isBeingRemoved
        }
        for rule in TargetRules.wanted(by: rules, among: counted) { reasons[rule.set, default: []].append(rule.reason) }
        for set in counted where set.whole.isEmpty && !counted.contains(where: { !$0.whole.isEmpty && Self.isNewer($0, than: set) }) {
            reasons[set.path, default: []].append(KeepReason(.rule, "no newer set holds a whole backup"))
        }
        Claims.addNeeded(sets, elsewhere, to: &reasons)
        return Self.decisions(sets, reasons)
    }

    /// Copies that runs took of what they were about to destroy: no rule counts them. They leave when their time is over, or
    /// by hand.
    package static func decideSafetyCopies(_ sets: [SetStanding], elsewhere: [SetStanding] = [], now: Timestamp) -> [Decision] {
        var reasons = Claims.reasons(sets, now: now)
        for set in sets where set.deletedByHand == nil && !set.isBeingRemoved {
            let holdsNothing = !set.isFinished && set.whole.isEmpty && set.flaws.isEmpty
            guard !set.claims.contains(where: { $0.kind == .hold }), !holdsNothing else { continue }
            reasons[set.path, default: []].append(
                KeepReason(.safetyCopy, "safety copy that nobody gave an end; `lifeboat backups delete \(set.path)` removes it"))
        }
        Claims.addNeeded(sets, elsewhere, to: &reasons)
        return decisions(sets, reasons)
    }

    private static func isNewer(_ a: SetStanding, than b: SetStanding) -> Bool {
        guard let first = a.recoveryPoint, let second = b.recoveryPoint else { return false }
        return first > second
    }

    private static func decisions(_ sets: [SetStanding], _ reasons: [String: [KeepReason]]) -> [Decision] {
        sets.sorted { StoreKey.isBefore($1.set, $0.set) }.map {
            Decision(set: $0.set, reasons: reasons[$0.path] ?? [], otherwise: otherwise($0))
        }
    }

    private static func otherwise(_ set: SetStanding) -> String {
        if set.isBeingRemoved { return "its removal has begun" }
        if let mark = set.deletedByHand { return mark.text }
        guard set.isFinished else { return "it was never finished, and its time is over" }
        if set.policy == Catalog.safety { return "its time is over" }
        guard set.whole.isEmpty, let flaw = set.flaws.min(by: { $0.key < $1.key }) else { return "no rule keeps it" }
        return "'\(flaw.key)' is not whole (\(flaw.value)), and a newer set is"
    }
}
