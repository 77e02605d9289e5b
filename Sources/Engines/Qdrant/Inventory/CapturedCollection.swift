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
    /// Exact, as counted by the server.
    var points: Int64
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

    static let kind = "collection"

    private enum Fact {
        static let way = "way"
        static let config = "config"
        static let status = "status"
        static let part = "part of peer "
        static let points = "part"
        static let fingerprints = "fingerprints"
        static let writers = "writers"
        static let unreadable = "unreadable points"
        static let unreadableIDs = "ids of unreadable points"
    }

    var item: InventoryItem {
        var facts = [
            Fact.way: way.rawValue, Fact.config: config.text(.canonical), Fact.status: status, Fact.writers: writers.rawValue,
        ]
        for (peer, key) in parts { facts[peer.isEmpty ? Fact.points : Fact.part + peer] = key }
        facts[Fact.fingerprints] = fingerprints
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
        unreadableCount = item.facts[Fact.unreadable].flatMap { Int64($0) } ?? 0
        unreadable = item.facts[Fact.unreadableIDs]?.split(separator: ", ").map(String.init) ?? []
    }
}
