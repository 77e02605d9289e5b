internal import Documents

/// Judges the backups of one target.
struct TargetCheck {
    private let target: String
    private let policy: String
    private let limits: CheckLimits
    private let catalog: Catalog
    private let recent: RecentSets
    private let now: Timestamp

    init(_ target: String, _ subject: Check.Subject, _ recent: RecentSets, _ now: Timestamp) {
        self.target = target
        policy = subject.policy
        limits = subject.limits
        catalog = subject.catalog
        self.recent = recent
        self.now = now
    }

    func item() async throws -> CheckItem {
        var item = CheckItem(policy: policy, target: target)
        item.sets = recent.names.count
        item.maxAgeSeconds = limits.maxAge?.inSeconds
        item.minBytes = limits.minBytes
        item.provenWithinSeconds = limits.provenWithin?.inSeconds
        judgeUse(&item)
        if let usable = recent.usable[target] {
            item.backup = usable.id
            item.recoveryPoint = usable.manifest.recoveryPoint
            judgeAge(&item, max(0, now.seconds(since: usable.manifest.recoveryPoint)))
            judgeSize(&item, usable.id, usable.manifest.storedBytes)
            try await judgeProof(&item)
        }
        judgeSchedule(&item)
        return item
    }

    /// Is there a backup, and is the newest attempt one?
    private func judgeUse(_ item: inout CheckItem) {
        for set in recent.ahead.prefix(1) {
            item.note(
                .warning, .backup,
                "set \(set.set) is dated \(set.end.recoveryPoint.text), which lies in the future; compare the clocks of its host and this one"
            )
        }
        let flaws = recent.flaws[target] ?? []
        guard recent.usable[target] != nil else {
            item.note(.critical, .backup, noBackup(flaws))
            return
        }
        if let broken = flaws.first(where: { $0.flaw.kind == .damaged }) {
            item.note(.critical, .backup, "the backup in set \(broken.set) is damaged: \(broken.flaw.words)")
        } else if let broken = recent.damaged.first {
            item.note(.critical, .backup, "set \(broken.set) is damaged: \(broken.reason)")
        } else if let partial = flaws.first(where: { $0.flaw.kind == .incomplete }) {
            item.note(.warning, .backup, "the backup in set \(partial.set) cannot be used: \(partial.flaw.words)")
        } else {
            item.note(.ok, .backup, "the newest backup has all its parts at their sizes")
        }
    }

    private func noBackup(_ flaws: [(set: String, flaw: BackupFlaw)]) -> String {
        if let newest = flaws.first {
            let all = recent.names.count > RecentSets.furthest ? "the newest \(RecentSets.furthest) sets" : "\(recent.names.count) sets"
            return "no usable backup in \(all); the one in set \(newest.set): \(newest.flaw.words)"
        }
        if let broken = recent.damaged.first { return "no usable backup; set \(broken.set) is damaged: \(broken.reason)" }
        if let begun = recent.unfinished.first { return "no usable backup; set \(begun.set) was begun and not finished" }
        return recent.names.isEmpty
            ? "there is no backup in store '\(catalog.store.name)'" : "no usable backup in store '\(catalog.store.name)'"
    }

    private func judgeAge(_ item: inout CheckItem, _ age: Double) {
        item.ageSeconds = age
        // Without an age of its own a policy is late when a whole backup was missed.
        let limit = limits.maxAge ?? limits.every.map { $0 * 2 }
        let words = "the newest backup restores to \(Self.roughly(age)) ago"
        guard let limit, age > limit.inSeconds else {
            item.note(.ok, .age, limits.maxAge.map { "\(words); it may be \($0.canonical)" } ?? words)
            return
        }
        if let maxAge = limits.maxAge {
            item.note(.critical, .age, "\(words); it may be \(maxAge.canonical)")
        } else {
            item.note(.warning, .age, "\(words), and one is taken every \(limits.every?.canonical ?? "")")
        }
    }

    private func judgeSize(_ item: inout CheckItem, _ id: BackupID, _ bytes: Int64) {
        item.bytes = bytes
        let size = ByteSize(bytes).description
        if let least = limits.minBytes, bytes < least {
            item.note(.critical, .size, "it has \(size), less than \(ByteSize(least).description), which is implausible")
        }
        let before = recent.finished.drop { $0.set != id.set }.dropFirst().compactMap { set in
            set.end.members.first { $0.target == target && $0.complete }?.bytes
        }
        guard let change = limits.sizeChange, let median = Self.median(before.prefix(5)) else {
            if !item.findings.contains(where: { $0.about == .size }) { item.note(.ok, .size, "it has \(size)") }
            return
        }
        // Rounded inwards: what the range says to monitoring is what is judged here.
        let low = max(0, (Double(median) * (1 - change)).rounded(.up))
        let high = max(low, min((Double(median) * (1 + change)).rounded(.down), 9e18))
        let likely = Int64(low)...Int64(high)
        item.likelyBytes = likely
        if !likely.contains(bytes) {
            item.note(
                .warning, .size,
                "it has \(size), and those before it had about \(ByteSize(median).description); a change of \(Self.percent(change)) is expected at most"
            )
        } else if !item.findings.contains(where: { $0.about == .size }) {
            item.note(.ok, .size, "it has \(size), those before it had about \(ByteSize(median).description)")
        }
    }

    private func judgeProof(_ item: inout CheckItem) async throws {
        let proof = try await ProofIndex.newest(policy: policy, target: target, in: catalog)
        item.provenAt = proof?.at
        item.provenAgeSeconds = proof.map { max(0, now.seconds(since: $0.at)) }
        guard let limit = limits.provenWithin else {
            item.note(
                .ok, .proof, proof.map { "proven \(Self.roughly(now.seconds(since: $0.at))) ago by \($0.by)" } ?? "not proven by a drill")
            return
        }
        guard let proof else {
            // A policy that has just begun still has its time.
            let age = recent.names.last.flatMap(SetName.begun).map { now.seconds(since: $0) }
            if let age, age <= limit.inSeconds {
                item.note(
                    .ok, .proof,
                    "not proven by a drill yet; the oldest set is \(Self.roughly(age)) old, and a proof is due after \(limit.canonical)")
            } else {
                item.note(.warning, .proof, "no backup that is still there was proven by a drill; one is due every \(limit.canonical)")
            }
            return
        }
        let age = max(0, now.seconds(since: proof.at))
        let words = "proven \(Self.roughly(age)) ago by \(proof.by)"
        item.note(age > limit.inSeconds ? .warning : .ok, .proof, "\(words); a proof is due every \(limit.canonical)")
    }

    private func judgeSchedule(_ item: inout CheckItem) {
        for begun in recent.unfinished.prefix(1) {
            if let begin = begun.begin, now < begin.expires {
                item.note(.ok, .schedule, "set \(begun.set) is being written since \(begin.startedAt.text) on host \(begin.host)")
            } else {
                item.note(.warning, .schedule, "set \(begun.set) was begun and never finished")
            }
        }
        guard let every = limits.every else { return }
        let points = recent.finished.map(\.end.recoveryPoint).sorted(by: >)
        let gaps = zip(points, points.dropFirst()).filter { $0.seconds(since: $1) > every.inSeconds * 2 }
        if let (after, before) = gaps.first {
            item.note(
                .warning, .schedule,
                "no backup between \(before.text) and \(after.text), \(Self.roughly(after.seconds(since: before))), and one is taken every \(every.canonical)"
            )
        } else if points.count > 1 {
            item.note(.ok, .schedule, "no gaps in the newest \(points.count) sets")
        }
    }

    // MARK: - Words and numbers

    private static func median(_ sizes: some Collection<Int64>) -> Int64? {
        guard !sizes.isEmpty else { return nil }
        let sorted = sizes.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? sorted[middle - 1] / 2 + sorted[middle] / 2 : sorted[middle]
    }

    /// `42s`, `13min`, `26h13min`, `3d4h`.
    private static func roughly(_ seconds: Double) -> String {
        let whole = Int(min(max(0, seconds), 3e9))
        let step = whole >= 2 * 86_400 ? 3600 : whole >= 3600 ? 60 : 1
        return Duration.seconds(whole / step * step).canonical
    }

    private static func percent(_ fraction: Double) -> String { "\(Int((fraction * 100).rounded()))%" }
}
