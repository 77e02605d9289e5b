import Bindings
import Documents
import Recovery

/// A search whose answer somebody knows: `queries:` of qdrant.verify.
struct SampleSearch: DocumentMapping {
    static let fields = Fields(
        Field.required("name", as: Line.self, "what reports call it"),
        Field.maybe("vector", as: [Double].self, limit: .atLeast(1), "what is searched for"),
        Field.maybe("point", as: String.self, "id of the point whose neighbours are searched for"),
        Field.maybe("using", as: String.self, "name of the vector; the unnamed one when left out"),
        Field.maybe("filter", as: YAMLNode.self, "a filter of Qdrant, as in its documentation"),
        Field.optional("limit", as: Int.self, default: 10, limit: .range(1...1000), "how many neighbours are asked for"),
        Field.optional("exact", as: Bool.self, default: true, "`false`: search by the index, as applications do"),
        Field.maybe("ids", as: [String].self, limit: .atLeast(1), "the ids that have to be the answer, in any order"),
        Field.maybe("payload", as: YAMLNode.self, "what the payload of the nearest has to hold"),
        Field.maybe("least_score", as: Double.self, "the least score of the nearest (the greatest distance, where less is nearer)"),
        Field.maybe("count", as: Int.self, limit: .atLeast(0), "how many there have to be")
    ).atMostOne(of: "vector", "point")

    let name: String
    private let body: [UInt8]
    private let using: String
    private let ids: [PointID]?
    private let payload: JSONValue?
    private let leastScore: Double?
    private let count: Int?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (name, vector, point, using, filter, limit, exact, ids, payload, leastScore, count) = try Self.fields.read(node, reading)
        guard ids != nil || payload != nil || leastScore != nil || count != nil else {
            throw InvalidDocument(
                "the query '\(name.text)' expects nothing",
                hint: "say what has to come out: `ids:`, `payload:`, `least_score:` or `count:`", at: node)
        }
        guard vector != nil || point != nil || filter != nil else {
            throw InvalidDocument(
                "the query '\(name.text)' searches for nothing", hint: "give it `vector:`, `point:` or `filter:`", at: node)
        }
        guard payload?.json.members != nil || payload == nil else {
            throw InvalidDocument("`payload:` has to be a mapping", at: node)
        }
        var members: [String] = []
        if let vector { members.append("\"query\":[\(vector.map { JSONValue.double($0).text() }.joined(separator: ","))]") }
        if let point { members.append("\"query\":\(try Self.id(point, node).json)") }
        if let using { members.append("\"using\":\(JSONValue.string(using).text())") }
        if let filter { members.append("\"filter\":\(filter.json.text())") }
        members.append("\"limit\":\(limit),\"params\":{\"exact\":\(exact)},\"with_payload\":true,\"with_vector\":false")
        body = Array("{\(members.joined(separator: ","))}".utf8)
        self.name = name.text
        self.using = using ?? ""
        if let ids {
            var read: [PointID] = []
            for id in ids { read.append(try Self.id(id, node)) }
            self.ids = read
        } else {
            self.ids = nil
        }
        (self.payload, self.leastScore, self.count) = (payload?.json, leastScore, count)
    }

    private static func id(_ text: String, _ node: YAMLNode) throws(InvalidDocument) -> PointID {
        if let number = UInt64(text) { return .number(number) }
        guard let id = PointID(uuid: text) else {
            throw InvalidDocument("\(text.quoted) is no id of a point", hint: "ids are whole numbers or UUIDs", at: node)
        }
        return id
    }

    /// Asks, and compares. A refusal of the server is a failure of the query, not of the run.
    func run(_ collection: String, _ client: QdrantClient, distance: VectorDistance?) async throws -> [CheckResult] {
        let subject = "query \(name)"
        let answer: [UInt8]
        do { answer = try await client.query(collection, body, "search collection '\(collection)'") } catch let failure as Failure
            where failure.kind == .engine || failure.kind == .notFound
        {
            return [
                CheckResult(
                    subject, "answer", expected: "an answer", actual: ([failure.problem] + failure.causes).joined(separator: ": "),
                    verdict: .differed)
            ]
        }
        guard let json = try? JSONValue(parsing: answer), let points = json["result"]?["points"]?.array,
            let neighbours = try? GoldenQuery.neighbours(reading: answer)
        else {
            return [CheckResult(subject, "answer", expected: "an answer", actual: "one that cannot be read", verdict: .differed)]
        }
        var checks: [CheckResult] = []
        if let ids {
            checks.append(
                CheckResult(
                    subject, "ids", expected: Self.words(ids), actual: Self.words(neighbours.map(\.id)), compared: ids.count))
        }
        if let count { checks.append(CheckResult(subject, "points", expected: count, actual: neighbours.count)) }
        if let leastScore {
            let score = neighbours.first?.score.map(Double.init)
            let isNearer = distance == .euclid || distance == .manhattan
            let holds = score.map { isNearer ? $0 <= leastScore : $0 >= leastScore } ?? false
            checks.append(
                CheckResult(
                    subject, "score", expected: "\(isNearer ? "at most" : "at least") \(leastScore)",
                    actual: score.map { "\($0)" } ?? "none",
                    verdict: holds ? .held : .differed))
        }
        for member in payload?.members ?? [] {
            let found = points.first?["payload"]?[member.key]
            checks.append(
                CheckResult(
                    subject, "payload \(member.key)", expected: member.value.text(.canonical), actual: found?.text(.canonical) ?? "none",
                    verdict: found == member.value ? .held : .differed))
        }
        return checks
    }

    private static func words(_ ids: [PointID]) -> String { ids.sorted().map(\.description).joined(separator: ", ") }

    func distance(in configuration: JSONValue) -> VectorDistance? {
        (try? CollectionConfiguration(configuration))?.vectors.first { $0.name == using }.flatMap { VectorDistance(rawValue: $0.distance) }
    }
}
