import Bindings
import Documents
import Recovery

/// Waits until the server takes a login.
struct WaitUntilReadyStep: Step {
    static let kind = "postgres.wait-until-ready"
    static let summary = "Wait until the server takes a login."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "within",
        Field.optional("within", as: Duration.self, default: .seconds(60), limit: .positive, "how long it may take"))

    let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { within = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(.postgres)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        let version = try await waitUntilItAnswers(within: within, context.services.time) {
            try await target.version()
        } otherwise: {
            Failure(
                .timedOut, "\(target.server.words) took no login within \(within.canonical)",
                hint: "see whether the server runs; its log says what it is doing", cause: $0)
        }
        return StepResult(facts: ["version": .text(version.description)], notes: ["PostgreSQL \(version) takes logins"])
    }
}
