import Bindings
import Documents
import Recovery

/// Makes an empty database.
struct ArangoCreateDatabaseStep: Step {
    static let kind = "arangodb.create-database"
    static let summary = "Create an empty database; the login of the target gets access to it."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "database", Field.required("database", as: String.self, limit: .notEmpty, "the database to create"))

    let database: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { database = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(.arangodb)) }
    /// An attempt that was cut off left at most an empty database, which the next one takes over.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        let object = ObjectName(target: target.binding.name, kind: DumpedDatabase.kind, name: database)
        return [Effect(.create, object, .known(count: nil, unit: nil, bytes: nil))]
    }

    private static let id = "id"

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let target = try reading.target(as: ReadableArango.self)
        guard let found = try await target.database(database) else { return .notDone }
        if reading.remembered[Self.id]?.text == found.id { return .done }
        let held = try await target.held(in: database)
        return held.isEmpty ? .notDone : .partial("database '\(database)' is there and holds \(held)")
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        try ArangoTarget.refuseSystem(database, to: "create")
        if try await target.client.database(database) == nil {
            try await target.client.createDatabase(database)
        } else {
            let held = try await target.readable.held(in: database)
            guard held.isEmpty else {
                throw Failure(
                    .refused, "database '\(database)' on \(target.server.words) is there already and holds \(held)",
                    hint: "drop it first (arangodb.drop-database), or name another one")
            }
        }
        guard let made = try await target.client.database(database) else {
            throw Failure(
                .engine, "database '\(database)' was created on \(target.server.words) and is not there",
                hint: "does the login of the target see it? It needs `rw` on it, or on `*`")
        }
        try await context.remember(Self.id, .text(made.id))
        return StepResult(facts: [Self.id: .text(made.id)])
    }
}

extension ReadableArango {
    /// Collections and views of a database that are not the system's own, in words; empty when it is.
    func held(in database: String) async throws -> String {
        let collections = try await collections(in: database).map(\.name)
        let views = try await views(in: database).map(\.name)
        var definitions: [String] = []
        for (name, noun) in DatabaseRestorePlan.definitions where try await collection(name, in: database) != nil {
            if try await count(name, in: database) > 0 { definitions.append("\(noun)s") }
        }
        let parts = [Self.words(collections, "collection"), Self.words(views, "view")].compactMap(\.self) + definitions
        return parts.joined(separator: ", ")
    }

    private static func words(_ names: [String], _ noun: String) -> String? {
        guard let first = names.first else { return nil }
        return names.count == 1 ? "\(noun) '\(first)'" : "\(names.count) \(noun)s ('\(first)', …)"
    }
}
