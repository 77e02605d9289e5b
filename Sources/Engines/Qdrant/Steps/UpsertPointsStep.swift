import Bindings
import Documents
import Recovery

/// Writes some points that stand in the runbook: for the state before a disaster, and for marks that somebody wants to find again.
struct UpsertPointsStep: Step {
    static let kind = "qdrant.upsert-points"
    static let summary = "Write points that stand here; one with the same id is replaced."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("collection", as: CollectionName.self, CollectionScope.collectionDoc),
        Field.required(
            "points", as: [YAMLNode].self, limit: .atLeast(1), "as Qdrant takes them: `{id: 1, vector: [0.1, 0.2], payload: {…}}`"))

    private let collection: String
    private let points: [JSONValue]

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let (collection, points) = try Self.fields.read(node, reading)
        self.collection = collection.text
        self.points = points.map(\.json)
        guard self.points.allSatisfy({ $0["id"] != nil && $0["vector"] != nil }) else {
            throw InvalidDocument("every point has an `id:` and a `vector:`", hint: "`vector: {}` for a point without vectors", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.qdrant)) }
    /// A point that is written twice is there once.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        let object = ObjectName(target: target.binding.name, kind: CapturedCollection.kind, name: collection)
        return [Effect(.change, object, .known(count: Int64(points.count), unit: "points", bytes: nil))]
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        guard try await target.readable.hasCollection(collection, to: "write points into") else {
            throw Failure(
                .engine, "there is no collection '\(collection)' on \(target.server.words)",
                hint: "create it first (qdrant.create-collection)")
        }
        try await target.client.upsert(Array(JSONValue.object([.init("points", .array(points))]).text().utf8), into: collection)
        return StepResult(
            facts: ["points": .integer(Int64(points.count))],
            notes: ["wrote \(points.count == 1 ? "one point" : "\(points.count) points") into '\(collection)'"])
    }
}
