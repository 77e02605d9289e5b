internal import Documents

/// The rules of a policy, asked for every target by itself.
enum TargetRules {
    /// Reasons by path of the set; those that hold for every target of a set are said once, others name their targets.
    static func wanted(by rules: KeepRules, among sets: [SetStanding]) -> [(set: String, reason: KeepReason)] {
        var wanted: [String: [(reason: KeepReason, targets: Set<String>)]] = [:]
        for target in Set(sets.flatMap(\.whole)).sorted() {
            let line = Line(target: target, sets: sets)
            for (set, reason) in line.wanted(by: rules) {
                if let index = wanted[set]?.firstIndex(where: { $0.reason == reason }) {
                    wanted[set]?[index].targets.insert(target)
                } else {
                    wanted[set, default: []].append((reason, [target]))
                }
            }
        }
        return sets.flatMap { set in
            (wanted[set.path] ?? []).map { entry in
                guard entry.targets != set.whole else { return (set.path, entry.reason) }
                return (
                    set.path, KeepReason(entry.reason.kind, "\(entry.reason.words) (\(entry.targets.sorted().joined(separator: ", ")))")
                )
            }
        }
    }
}

/// The sets that hold a whole backup of one target, newest first.
private struct Line {
    let target: String
    let sets: [(standing: SetStanding, point: Timestamp)]

    init(target: String, sets: [SetStanding]) {
        self.target = target
        self.sets = sets.filter { $0.whole.contains(target) }.compactMap { set in set.recoveryPoint.map { (set, $0) } }
            .sorted { $0.point == $1.point ? StoreKey.isBefore($1.standing.set, $0.standing.set) : $0.point > $1.point }
    }

    func wanted(by rules: KeepRules) -> [(set: String, reason: KeepReason)] {
        guard let newest = sets.first?.point else { return [] }
        var found: [(String, KeepReason)] = []
        for (place, set) in sets.enumerated() {
            if place == 0 { found.append((set.standing.path, KeepReason(.rule, "newest"))) }
            if let last = rules.last, place < last {
                found.append((set.standing.path, KeepReason(.rule, last == 1 ? "the last one" : "one of the last \(last)")))
            }
            if let within = rules.within, set.point > within.before(newest) {
                found.append((set.standing.path, KeepReason(.rule, "within \(within.words)")))
            }
        }
        for (span, within) in rules.calendar { found += firsts(of: span, within, since: within.before(newest)) }
        return found + proven(rules.proven)
    }

    /// The newest of every span. The oldest of all stays too as long as it lies within, so that the history reaches as far
    /// back as it can.
    private func firsts(of span: CalendarSpan, _ within: CalendarPeriod, since start: Timestamp) -> [(String, KeepReason)] {
        var found: [(String, KeepReason)] = []
        var seen: Int?
        for (place, set) in sets.enumerated() where set.point > start {
            let number = span.number(of: set.point)
            if number != seen {
                found.append((set.standing.path, KeepReason(.rule, "\(span.rawValue) within \(within.words)")))
                seen = number
            } else if place == sets.count - 1 {
                found.append((set.standing.path, KeepReason(.rule, "oldest \(span.rawValue) within \(within.words)")))
            }
        }
        return found
    }

    private func proven(_ count: Int) -> [(String, KeepReason)] {
        let proofs = sets.compactMap { set in
            set.standing.proofs.filter { $0.target == target }.max { $0.at < $1.at }.map { (set.standing.path, $0) }
        }
        return proofs.prefix(max(1, count)).map { path, proof in
            (path, KeepReason(.proven, "proven by \(proof.by) on \(proof.at.text.prefix(10))"))
        }
    }
}
