/// Removes what retention lets go, in two phases: a deletion note now, the data by a later prune at least an hour on, after
/// all holds, begins and manifests were read again.
package struct Pruner: Sendable {
    package enum Subject: Sendable {
        case policy(String, KeepRules)
        /// What runs kept of what they destroyed.
        case safetyCopies

        /// Where its sets lie.
        package var folder: String {
            switch self {
            case .policy(let name, _): name
            case .safetyCopies: Catalog.safety
            }
        }
    }

    /// Between a deletion note and the removal: longer than anybody needs from writing a hold to looking for the note, with
    /// room for clocks that differ.
    package static let grace: Duration = .seconds(3600)

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

    /// Throws when the store cannot be read: nothing is decided on half of the truth. What fails for one set is told in its row,
    /// and the next prune goes on with it.
    package func prune(_ subject: Subject, dryRun: Bool = false) async throws -> PruneReport {
        if case .policy(let name, let rules) = subject, rules.isEmpty {
            throw Failure(
                .configuration, "the rules of policy '\(name)' keep nothing, so nothing is removed",
                hint: "give `keep:` at least one of last, within and within-daily")
        }
        let reader = SetReader(store: store, digests: digests)
        let now = time.now
        let sets = try await reader.standings(of: subject.folder)
        var decisions = decide(subject, sets, [], now)
        var others: [SetStanding] = []
        if decisions.contains(where: { !$0.isKept }) {
            // Only now, since it means reading every manifest of the store.
            others = try await elsewhere(than: subject.folder, reader)
            decisions = decide(subject, sets, others, now)
        }
        var report = PruneReport(policy: subject.folder, store: store.name, dryRun: dryRun, rows: [])
        var standing = Dictionary(sets.map { ($0.set, $0) }) { first, _ in first }
        // Newest first: what points to others goes before what it points to.
        for decision in decisions {
            guard let set = standing[decision.set] else { continue }
            var row = plan(decision, set, among: Array(standing.values), now)
            let needed = (standing.values + others).filter { $0.path != set.path }.reduce(into: Set<String>()) {
                $0.formUnion($1.references)
            }
            if !dryRun { await carryOut(&row, set, decision, sparing: needed, now) }
            if row.action == .removed, row.problem == nil { standing[set.set] = nil }
            report.rows.append(row)
        }
        return report
    }

    private func decide(_ subject: Subject, _ sets: [SetStanding], _ elsewhere: [SetStanding], _ now: Timestamp) -> [Decision] {
        switch subject {
        case .policy(_, let rules): Retention(rules).decide(sets, elsewhere: elsewhere, now: now)
        case .safetyCopies: Retention.decideSafetyCopies(sets, elsewhere: elsewhere, now: now)
        }
    }

    private func elsewhere(than folder: String, _ reader: SetReader) async throws -> [SetStanding] {
        var sets: [SetStanding] = []
        for entry in try await store.list("") where entry.isFolder && entry.name != folder && entry.name != ProofIndex.folder {
            sets += try await reader.standings(of: entry.name).filter { !$0.references.isEmpty || $0.hidesReferences }
        }
        return sets
    }

    private func plan(_ decision: Decision, _ set: SetStanding, among sets: [SetStanding], _ now: Timestamp) -> PruneReport.Row {
        var row = PruneReport.Row(set: decision.set, action: .kept, keptBecause: decision.keptBecause)
        guard !decision.isKept else {
            if decision.isKeptForNowOnly, !set.marks.isEmpty {
                row.action = .waits
            } else if !set.marks.isEmpty, set.deletedByHand == nil {
                row.action = .withdrawn
            }
            return row
        }
        row.goesBecause = decision.otherwise
        guard let marked = set.markedAt else {
            row.action = .marked
            return row
        }
        let due = marked.advanced(bySeconds: Self.grace.inSeconds)
        let needing = sets.filter { $0.set != set.set && $0.neededSets.contains(set.path) }.map(\.path).min()
        if now < due {
            row.action = .waits
            row.goesBecause = "\(decision.otherwise); removed by a prune after \(due.text)"
        } else if let needing {
            row.action = .waits
            row.goesBecause = "\(decision.otherwise); removed after \(needing), which needs parts of it"
        } else {
            row.action = .removed
        }
        return row
    }

    private func carryOut(
        _ row: inout PruneReport.Row, _ set: SetStanding, _ decision: Decision, sparing needed: Set<String>, _ now: Timestamp
    ) async {
        do {
            switch row.action {
            case .kept, .waits: break
            case .marked:
                let note = Note(kind: .deletion, writtenAt: now, host: host, run: nil, text: decision.otherwise)
                try await SetNotes(store: store, digests: digests).write(note, on: set.policy, set.set)
            case .withdrawn:
                for mark in set.marks { try await store.delete(mark.key) }
            case .removed: row.bytes = try await Removal(store: store, digests: digests, time: time).remove(set, sparing: needed)
            }
        } catch let failure as Failure where failure.kind == .refused && row.action == .removed {
            row.action = .waits
            row.goesBecause = "\(decision.otherwise); \(failure.problem)"
        } catch {
            row.problem = Failure.wrapping(error, while: "pruning \(set.path)").problem
            if row.action == .removed { row.action = .waits }
        }
    }
}
