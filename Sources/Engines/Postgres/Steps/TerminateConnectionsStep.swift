import Bindings
import Documents
import Recovery

/// Ends everybody's sessions in a database but our own.
struct TerminateConnectionsStep: Step {
    static let kind = "postgres.terminate-connections"
    static let summary = "End the sessions in a database, all but lifeboat's own."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "database", Field.required("database", as: String.self, limit: .notEmpty, "the database whose sessions are ended"))

    let database: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { database = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(.postgres)) }
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadablePostgres.self)
        let object = ObjectName(target: target.binding.name, kind: "sessions", name: database)
        do {
            let count = try await target.strangers(in: database).count
            return [Effect(.change, object, count == 0 ? .absent : .known(count: Int64(count), unit: "sessions", bytes: nil))]
        } catch {
            return [Effect(.change, object, .unknown(because: Failure.wrapping(error, while: "counting sessions").sentence))]
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        var ended = 0
        var left: [String] = []
        // A session ends at its own pace, and one that is about to begin is not seen by the first look.
        for _ in 0..<Self.looks {
            ended += try await target.endSessions(in: database)
            left = try await target.readable.strangers(in: database)
            if left.isEmpty { break }
            try await context.services.time.sleep(for: .milliseconds(20))
        }
        guard left.isEmpty else {
            throw Failure(
                .engine,
                "sessions in database '\(database)' on \(target.server.words) come back or do not end: \(left.joined(separator: ", "))",
                hint: "stop the application that they belong to first (`app.stop`)")
        }
        let words = ended == 1 ? "1 session" : "\(ended) sessions"
        return StepResult(
            facts: ["ended": .integer(Int64(ended))], notes: [ended == 0 ? "nobody was connected to '\(database)'" : "\(words) ended"],
            exercised: ended > 0)
    }

    private static let looks = 100
}
