import Bindings
import Documents
import Recovery

/// Waits until the server takes work, and knows our login.
struct ArangoWaitUntilReadyStep: Step {
    static let kind = "arangodb.wait-until-ready"
    static let summary = "Wait until the server takes work and knows the login."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "within",
        Field.optional("within", as: Duration.self, default: .seconds(60), limit: .positive, "how long it may take"))

    let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { within = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(.arangodb)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        let version = try await waitUntilItAnswers(within: within, context.services.time) {
            try await target.client.ready().version
        } otherwise: {
            Failure(
                .timedOut, "\(target.server.words) was not ready within \(within.canonical)",
                hint: "see whether the server runs; after a crash it reads its log first, and says in its own how far it is", cause: $0)
        }
        return StepResult(facts: ["version": .text(version.description)], notes: ["ArangoDB \(version) is ready"])
    }
}
