import Bindings
import Documents
import Recovery

/// Runs a query of the operator's.
struct AQLStep: Step {
    static let kind = "arangodb.aql"
    static let summary = "Run one query in AQL."
    static let phase = Phase.other
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to run it in"),
        Field.required("aql", as: String.self, limit: .notEmpty, "the query"),
        Field.optional("bind", as: AQLBindings.self, default: .empty, AQLSamples.aboutBindings),
        Field.maybe(
            "destroys", as: [String].self,
            "objects it destroys, as `DATABASE/COLLECTION`; without it, it counts as destructive on production"),
        Field.maybe(
            "refill", as: Name.self, literal: true,
            "role of the backup that fills again what is destroyed; without it, a run wants --accept-unproven for each object"),
        Field.optional("read_only", as: Bool.self, default: false, "a query that would write is refused"),
        Field.maybe("deadline", as: Duration.self, limit: .positive, "how long it may take"))

    private let database: String
    private let aql: String
    private let bind: AQLBindings
    private let destroys: [String]?
    private let refillRole: String?
    private let readOnly: Bool
    private let deadline: Duration?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let refill: Name?
        (database, aql, bind, destroys, refill, readOnly, deadline) = try Self.fields.read(node, reading)
        refillRole = refill?.text
        try Self.refuse(refill, of: destroys, at: node)
        guard readOnly, let word = AQLText.writingWord(in: aql) else { return }
        throw InvalidDocument("the query would write, and the step says `read_only: true`: it says \(word)", at: node)
    }

    var uses: StepUses {
        StepUses(target: .one(.arangodb), backups: [refillRole].compactMap(\.self), isOpaque: writes && destroys == nil)
    }
    private var writes: Bool { AQLText.writingWord(in: aql) != nil }
    var rerun: Rerun { writes ? .never : .safe }
    var refill: RefillDeclaration? { refillRole.map { .role($0) } }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableArango.self)
        return (destroys ?? []).map { name in
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: ObjectName.anyKind, name: name),
                .unknown(because: "the runbook says that its query destroys it"),
                refill: refillRole.map { Effect.Refill(backupRole: $0, nameInBackup: name) })
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: ArangoTarget.self)
        let answer = try await target.client.query(aql, bind: bind.json, in: database, keeping: 1, within: deadline)
        var result = StepResult(facts: ["rows": .integer(answer.count), "writes": .integer(answer.writes)])
        if let row = answer.rows.first, let rows = try? AQLRows.read(ArangoRows(rows: [row], count: 1, writes: 0)) {
            if let value = rows.rows.first?.first?.text { result.facts["value"] = .text(value) }
        }
        result.notes.append(
            answer.writes > 0
                ? "\(answer.writes) document\(answer.writes == 1 ? "" : "s") written or removed"
                : "\(answer.count) row\(answer.count == 1 ? "" : "s")")
        return result
    }
}
