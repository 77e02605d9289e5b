import Recovery

/// An inventory held against what is live, item by item and fact by fact.
///
/// What holds is summed up, one line for a kind (tables: one line each, for their rows); what does not is one finding per object and
/// aspect, with its name. An object that is missing or should not be there is one finding: its columns, indexes and the like go without
/// saying.
struct Comparison {
    private let options: VerificationOptions
    private let expected: [InventoryItem]
    private let actual: [Key: InventoryItem]
    private let expectedKeys: Set<Key>
    /// Relations and types by name, on either side, to tell whether a missing index misses its table too.
    private let expectedParents: Set<String>
    private let actualParents: Set<String>
    private let roles: MissingRoles
    private let differentViews: Bool

    private(set) var checks: [CheckResult] = []
    private(set) var notExercised: [NotExercised] = []
    private var held: [String: (objects: Int, compared: Int)] = [:]

    private struct Key: Hashable {
        let kind: String
        let name: String

        /// There is one database, whatever it is called now.
        init(_ item: InventoryItem) {
            kind = item.kind
            name = item.kind == "database" ? "" : item.name
        }
    }

    /// - Parameter liveRoles: all roles of the live server, quoted.
    init(expected: [InventoryItem], actual: [InventoryItem], liveRoles: Set<String>, options: VerificationOptions) {
        self.options = options
        self.expected = expected
        self.actual = Dictionary(actual.map { (Key($0), $0) }) { $1 }
        expectedKeys = Set(expected.map(Key.init))
        expectedParents = Set(expected.filter(\.canBeParent).map(\.name))
        actualParents = Set(actual.filter(\.canBeParent).map(\.name))
        roles = MissingRoles(expected: expected, live: liveRoles)
        // Since 16 a view of one table is written back without naming the table before each column.
        differentViews = (expected.serverVersion < 160000) != (actual.serverVersion < 160000)

        compareRoles()
        for item in expected where !ComparedFacts.uncomparedKinds.contains(item.kind) { compare(item) }
        for item in actual { noteIfExtra(item) }
        sumUp()
    }

    // MARK: Objects

    private mutating func compareRoles() {
        for role in roles.missing.sorted() where !options.ignores("role \(role)") {
            switch options.missingRoles {
            case .areFindings: checks.append(CheckResult("role \(role)", "exists", expected: "present", actual: "missing"))
            case .areNotExercised:
                notExercised.append(
                    NotExercised("role \(role)", because: "the server has none of this name; its objects and rights are not compared"))
            }
        }
        let present = roles.named.subtracting(roles.missing).count
        if present > 0 { held["role"] = (present, present) }
    }

    private mutating func compare(_ item: InventoryItem) {
        guard !options.ignores(item.subject), !roles.explain(item) else { return }
        if let why = options.reasonLeftOut(item) {
            if item.kind != "comment" { notExercised.append(NotExercised(item.subject, because: why)) }
            return
        }
        guard let live = actual[Key(item)] else { return noteMissing(item) }
        compareRows(item, live)
        compareFacts(item, live)
        if item.kind == "sequence", !options.ignores(item.subject, "position") { checks.append(SequencePosition.check(item, live)) }
    }

    private mutating func noteMissing(_ item: InventoryItem) {
        if let parent = item.parent, expectedParents.contains(parent), !actualParents.contains(parent) { return }
        if item.kind == "index", item.facts["valid"] == "no" {
            notExercised.append(
                NotExercised(item.subject, because: "it was invalid when the backup was taken, and dumps leave out such indexes"))
            return
        }
        checks.append(CheckResult(item.subject, "exists", expected: "present", actual: "missing"))
    }

    private mutating func noteIfExtra(_ item: InventoryItem) {
        guard !expectedKeys.contains(Key(item)), !ComparedFacts.uncomparedKinds.contains(item.kind), !options.ignores(item.subject),
            options.reasonLeftOut(item) == nil
        else { return }
        // Every new database has it, and no dump takes it away.
        if item.kind == "schema" && item.name == "public" || item.kind == "comment" && item.name == "schema public" { return }
        if let parent = item.parent, !expectedParents.contains(parent) { return }
        checks.append(CheckResult(item.subject, "exists", expected: "absent", actual: "present"))
    }

    // MARK: Rows

    private mutating func compareRows(_ item: InventoryItem, _ live: InventoryItem) {
        if item.kind == "materialized view" { return compareRowsOfView(item, live) }
        if let count = item.count, !options.ignores(item.subject, "rows") {
            if let now = live.count {
                checks.append(CheckResult(item.subject, item.kind == "large objects" ? "number" : "rows", expected: count, actual: now))
            } else {
                checks.append(.undetermined(item.subject, "rows", expected: "\(count)", because: "not counted"))
            }
        }
        if let print = item.facts[Fingerprints.fact], !options.ignores(item.subject, "content") {
            if let now = live.facts[Fingerprints.fact] {
                checks.append(CheckResult(item.subject, "content", expected: "fingerprint \(print)", actual: "fingerprint \(now)"))
            } else {
                checks.append(.undetermined(item.subject, "content", expected: "fingerprint \(print)", because: "not read"))
            }
        }
    }

    /// Restoring fills it from the restored rows, so one that was out of date when the backup was taken now has what its query gives.
    private mutating func compareRowsOfView(_ item: InventoryItem, _ live: InventoryItem) {
        if options.unfilled.contains(item.name) {
            notExercised.append(NotExercised("rows of \(item.subject)", because: "the restore left it unfilled"))
            return
        }
        let expected = item.facts["populated"] ?? "no"
        let now = live.facts["populated"] ?? "no"
        if !options.ignores(item.subject, "populated") {
            checks.append(CheckResult(item.subject, "populated", expected: expected, actual: now))
        }
        guard let count = item.count, let liveCount = live.count, !options.ignores(item.subject, "rows") else { return }
        if count != liveCount, live.facts[ComparedFacts.queryRows] == "\(liveCount)" {
            checks.append(
                CheckResult(
                    item.subject, "rows", expected: "\(count), or what its query gives now: \(liveCount)", actual: "\(liveCount)",
                    verdict: .held,
                    tolerance: "filled anew by the restore"))
        } else {
            checks.append(CheckResult(item.subject, "rows", expected: count, actual: liveCount))
        }
    }

    // MARK: Facts

    private mutating func compareFacts(_ item: InventoryItem, _ live: InventoryItem) {
        var same = 1
        var differs = false
        for fact in Set(item.facts.keys).union(live.facts.keys).sorted() where ComparedFacts.isCompared(fact, of: item.kind) {
            guard !options.ignores(item.subject, fact), !roles.explain(fact, of: item) else { continue }
            // A user who may not read large objects has no size of them.
            if item.kind == "large objects", fact == "bytes", item.facts[fact] == nil || live.facts[fact] == nil { continue }
            let values = (item.facts[fact], live.facts[fact])
            if values.0 == values.1 || differentViews && isSameView(fact, item, values) {
                same += 1
            } else if item.kind == "index", fact == "valid", values.0 == "no" {
                // Restoring has built it anew.
                same += 1
            } else {
                differs = true
                checks.append(finding(fact, of: item, values.0, values.1))
            }
        }
        let sum = held[item.kind] ?? (0, 0)
        held[item.kind] = (sum.objects + (differs ? 0 : 1), sum.compared + same)
    }

    private func finding(_ fact: String, of item: InventoryItem, _ expected: String?, _ actual: String?) -> CheckResult {
        guard ComparedFacts.isShown(fact, of: item) else {
            return CheckResult(
                item.subject, fact, expected: "as in the backup (not shown)", actual: "another (not shown)", verdict: .differed)
        }
        let (before, now) = Excerpt.of(expected ?? "none", actual ?? "none")
        return CheckResult(item.subject, fact, expected: before, actual: now, verdict: .differed)
    }

    private func isSameView(_ fact: String, _ item: InventoryItem, _ values: (String?, String?)) -> Bool {
        guard item.kind == "view" || item.kind == "materialized view", fact == "definition", let before = values.0, let now = values.1
        else {
            return false
        }
        return DefinitionText.withoutQualifiers(before) == DefinitionText.withoutQualifiers(now)
    }

    private mutating func sumUp() {
        for (kind, sum) in held.sorted(by: { $0.key < $1.key }) where sum.objects > 0 {
            let words = "\(sum.objects) as in the backup"
            checks.append(
                CheckResult(
                    "all of kind \(kind)", "definition", expected: words, actual: words, verdict: .held, compared: sum.compared,
                    tolerance: differentViews && kind.hasSuffix("view")
                        ? "names of tables before columns are not compared between these versions" : nil))
        }
    }
}

extension InventoryItem {
    fileprivate var canBeParent: Bool { ["table", "view", "materialized view", "foreign table", "type"].contains(kind) }
}

extension [InventoryItem] {
    var serverVersion: Int { first { $0.kind == "server" }?.facts["version number"].flatMap { Int($0) } ?? 0 }
}
