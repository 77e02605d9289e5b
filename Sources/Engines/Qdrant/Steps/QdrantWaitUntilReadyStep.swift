import Bindings
import Documents
import Recovery

/// Waits until the server says that it is ready, and takes our key.
struct QdrantWaitUntilReadyStep: Step {
    static let kind = "qdrant.wait-until-ready"
    static let summary = "Wait until the server is ready and takes the key."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "within",
        Field.optional("within", as: Duration.self, default: .seconds(60), limit: .positive, "how long it may take"))

    let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { within = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(.qdrant)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let version = try await waitUntilItAnswers(within: within, context.services.time) {
            try await target.client.ready()
            let root = try await target.client.root()
            _ = try await target.client.collections()
            return root.version
        } otherwise: {
            Failure(
                .timedOut, "\(target.server.words) was not ready within \(within.canonical)",
                hint: "see whether the server runs; it listens only when all collections are loaded, and its log says what it is doing",
                cause: $0)
        }
        return StepResult(facts: ["version": .text(version.description)], notes: ["Qdrant \(version) is ready"])
    }
}
