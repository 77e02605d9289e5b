import Recovery

/// Where a sequence stands. Sequences are not transactional, so a restored one may be further on than the inventory, and never behind.
struct SequencePosition {
    let last: Int64
    let isCalled: Bool

    init?(_ item: InventoryItem) {
        guard let last = item.facts["last value"].flatMap({ Int64($0) }), let called = item.facts["called"] else { return nil }
        self.last = last
        isCalled = called == "yes"
    }

    func isBehind(_ other: SequencePosition, increment: Int64) -> Bool {
        if last == other.last { return other.isCalled && !isCalled }
        return increment < 0 ? last > other.last : last < other.last
    }

    /// One that wraps around can stand anywhere.
    static func check(_ expected: InventoryItem, _ actual: InventoryItem) -> CheckResult {
        guard let before = SequencePosition(expected), let now = SequencePosition(actual) else {
            return .undetermined(
                expected.subject, "position", expected: "at \(expected.facts["last value"] ?? "?") or later", because: "not read")
        }
        let increment = expected.facts["increment"].flatMap { Int64($0) } ?? 1
        let wraps = expected.facts["cycle"] == "yes"
        let holds = wraps || !now.isBehind(before, increment: increment)
        return CheckResult(
            expected.subject, "position", expected: "\(before.words) or later", actual: now.words, verdict: holds ? .held : .differed,
            tolerance: wraps ? "it may have wrapped around" : "not behind")
    }

    private var words: String { isCalled ? "after \(last)" : "before \(last)" }
}
