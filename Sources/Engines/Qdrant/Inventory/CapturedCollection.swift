import Documents
import Recovery

/// What the inventory of a backup keeps of one collection, beside its points.
struct CapturedCollection: Sendable, Equatable {
    /// Whether anybody wrote while it was captured.
    enum Writers: String, Sendable {
        /// Every point was the same before and after.
        case idle
        case active
        /// Counted before and after, and the count was the same.
        case unwatched
    }

    var name: String
    /// Exact, as counted by the server before it was captured; of a capture by points, those in the file.
    var points: Int64
    /// As counted afterwards.
    var pointsAfter: Int64?
    var way: CaptureWay
    /// The whole configuration as the server tells it.
    var config: JSONValue
    var status: String
    /// Snapshots or point files: by peer, since each node of a cluster has its own. Points are one file under an empty peer.
    var parts: [String: String]
    /// The file of all points' fingerprints, when the policy asked for one.
    var fingerprints: String?
    var writers: Writers
    /// Points that no capture by points can bring back: a value beyond float32 reads back as null.
    var unreadable: [String] = []
    var unreadableCount: Int64 = 0
    /// Of a storage folder whose number of points cannot be read; `points` is 0 then, and otherwise what there is at most.
    var pointsAreUnknown = false

    static let kind = "collection"

    private enum Fact {
        static let way = "way"
        static let config = "config"
        static let status = "status"
        static let part = "part of peer "
        static let points = "part"
        static let fingerprints = "fingerprints"
        static let writers = "writers"
        static let after = "points afterwards"
        static let unknown = "points are unknown"
        static let unreadable = "unreadable points"
        static let unreadableIDs = "ids of unreadable points"
    }

    var item: InventoryItem {
        var facts = [
            Fact.way: way.rawValue, Fact.config: config.text(.canonical), Fact.status: status, Fact.writers: writers.rawValue,
        ]
        for (peer, key) in parts { facts[peer.isEmpty ? Fact.points : Fact.part + peer] = key }
        facts[Fact.fingerprints] = fingerprints
        facts[Fact.after] = pointsAfter.map(String.init)
        if pointsAreUnknown { facts[Fact.unknown] = "yes" }
        if unreadableCount > 0 {
            facts[Fact.unreadable] = String(unreadableCount)
            facts[Fact.unreadableIDs] = unreadable.joined(separator: ", ")
        }
        return InventoryItem(kind: Self.kind, name: name, count: points, facts: facts)
    }

    init(
        name: String, points: Int64, way: CaptureWay, config: JSONValue, status: String, parts: [String: String], fingerprints: String?,
        writers: Writers
    ) {
        self.name = name
        self.points = points
        self.way = way
        self.config = config
        self.status = status
        self.parts = parts
        self.fingerprints = fingerprints
        self.writers = writers
    }

    /// Nil for what is no collection. Throws `Failure(.damaged)` for one that does not say what it must.
    init?(_ item: InventoryItem) throws {
        guard item.kind == Self.kind else { return nil }
        guard let points = item.count, let way = item.facts[Fact.way].flatMap(CaptureWay.init(rawValue:)),
            let text = item.facts[Fact.config], let config = try? JSONValue(parsing: text)
        else {
            throw Failure(.damaged, "the inventory does not say how collection '\(item.name)' was captured", hint: "choose another backup")
        }
        self.init(
            name: item.name, points: points, way: way, config: config, status: item.facts[Fact.status] ?? "", parts: [:],
            fingerprints: item.facts[Fact.fingerprints],
            writers: item.facts[Fact.writers].flatMap(Writers.init(rawValue:)) ?? .unwatched)
        for (fact, value) in item.facts {
            if fact == Fact.points { parts[""] = value }
            if fact.hasPrefix(Fact.part) { parts[String(fact.dropFirst(Fact.part.count))] = value }
        }
        pointsAfter = item.facts[Fact.after].flatMap { Int64($0) }
        pointsAreUnknown = item.facts[Fact.unknown] != nil
        unreadableCount = item.facts[Fact.unreadable].flatMap { Int64($0) } ?? 0
        unreadable = item.facts[Fact.unreadableIDs]?.split(separator: ", ").map(String.init) ?? []
    }
}

extension CapturedCollection {
    /// As a storage folder has it.
    init(name: String, inStorage collection: SnapshotCollection) {
        self.init(
            name: name, points: collection.pointsAtMost ?? 0, way: .storage, config: collection.configuration?.json ?? .null, status: "",
            parts: ["": PartName.storage], fingerprints: nil, writers: .idle)
        pointsAreUnknown = collection.pointsAtMost == nil
    }

    var pointsInWords: String { pointsAreUnknown ? "unknown" : String(points) }

    /// How many points a recovered collection has. When somebody wrote during a snapshot nobody can tell exactly: as many as were counted
    /// before and after, and between, and as far beyond these as they lie apart, or by one in a hundred.
    var acceptablePoints: ClosedRange<Int64> {
        // Segments count some points twice, and deleted ones; the log of a server that was killed holds more. None at all were never many.
        if way == .storage { return min(points, 1)...Int64.max }
        guard way == .snapshot else { return points - unreadableCount...points - unreadableCount }
        guard writers == .active else { return points...points }
        let (least, most) = (min(points, pointsAfter ?? points), max(points, pointsAfter ?? points))
        let slack = max(most - least, most / 100)
        return max(least - slack, min(least, 1))...(most + slack)
    }

    /// A recovered collection's exact count beside that.
    func check(_ actual: Int64, of subject: String) -> CheckResult {
        let range = acceptablePoints
        if way == .storage {
            let most = pointsAreUnknown ? "" : "; its segments hold \(points) at most, and its log may hold more"
            return CheckResult(
                subject, "points", expected: "at least \(range.lowerBound)", actual: "\(actual)",
                verdict: range.contains(actual) ? .held : .differed, tolerance: "as far as the folder of a stopped server tells\(most)")
        }
        guard range.lowerBound < range.upperBound else { return CheckResult(subject, "points", expected: range.lowerBound, actual: actual) }
        return CheckResult(
            subject, "points", expected: "\(range.lowerBound) to \(range.upperBound)", actual: "\(actual)",
            verdict: range.contains(actual) ? .held : .differed, tolerance: "somebody wrote while it was captured")
    }
}
