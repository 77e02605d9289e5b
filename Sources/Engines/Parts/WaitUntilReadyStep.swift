import Bindings
import Documents
import Recovery

/// What is asked of a server to know that it takes work.
protocol AwaitedServer {
    associatedtype Target: EngineTarget
    associatedtype Version: CustomStringConvertible & Sendable

    static var engine: EngineName { get }
    static var kind: String { get }
    static var summary: String { get }
    /// Throws what is worth another try while it does not.
    static func ask(_ target: Target) async throws -> Version
    /// What is said when it does: `PostgreSQL 16.4 takes logins`.
    static func words(_ version: Version) -> String
    /// - Parameter within: as the runbook's author reads it.
    static func failure(_ target: Target, within: String, because last: Failure?) -> Failure
}

/// Waits until a server takes work, and knows our login.
struct WaitUntilReadyStep<Server: AwaitedServer>: Step {
    static var kind: String { Server.kind }
    static var summary: String { Server.summary }
    static var phase: Phase { .restore }
    static var fields: Fields<Duration> {
        Fields(
            shorthand: "within",
            Field.optional("within", as: Duration.self, default: .seconds(60), limit: .positive, "how long it may take"))
    }

    private let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { within = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(Server.engine)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: Server.Target.self)
        let version = try await waitUntilItAnswers(within: within, context.services.time) {
            try await Server.ask(target)
        } otherwise: {
            Server.failure(target, within: within.canonical, because: $0)
        }
        return StepResult(facts: ["version": .text(version.description)], notes: [Server.words(version)])
    }
}
