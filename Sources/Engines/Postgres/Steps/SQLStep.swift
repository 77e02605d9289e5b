import Bindings
import Documents
import Recovery

/// Runs statements of the operator's.
struct SQLStep: Step {
    static let kind = "postgres.sql"
    static let summary = "Run SQL statements, one by one, each on its own unless they say BEGIN and COMMIT."
    static let phase = Phase.other
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the database to run them in"),
        Field.required("sql", as: String.self, limit: .notEmpty, "the statements"),
        Field.optional("bind", as: [BindValue].self, default: [], "values for $1, $2, …; with a single statement only"),
        Field.maybe("destroys", as: [String].self, "objects it destroys; without it, it counts as destructive on production"),
        Field.optional("read_only", as: Bool.self, default: false, "runs in a session that cannot write"),
        Field.maybe("deadline", as: Duration.self, limit: .positive, "how long one statement may take"))

    let database: String
    private let script: SQLScript
    private let bind: [BindValue]
    private let destroys: [String]?
    private let readOnly: Bool
    private let deadline: Duration?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let sql: String
        (database, sql, bind, destroys, readOnly, deadline) = try Self.fields.read(node, reading)
        script = SQLScript(sql)
        guard bind.isEmpty || script.statements.count < 2 else {
            throw InvalidDocument(
                "values can be bound to one statement, and there are \(script.statements.count)", hint: "write a step for each", at: node)
        }
    }

    var uses: StepUses { StepUses(target: .one(.postgres), isOpaque: !readOnly && destroys == nil) }
    var rerun: Rerun { readOnly ? .safe : .never }
    var refill: RefillDeclaration? { nil }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadablePostgres.self)
        return (destroys ?? []).map { name in
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: "object", name: name),
                .unknown(because: "the runbook says that its SQL destroys it"))
        }
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation { readOnly ? .notDone : .unknown }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        let session = readOnly ? try await target.readable.session(in: database) : try await target.session(in: database)
        var result = StepResult()
        for (index, statement) in script.statements.enumerated() {
            context.services.say("statement \(index + 1) of \(script.statements.count)")
            do {
                let rows = try await run(statement, through: session)
                result.facts["rows"] = .integer(Int64(rows.rows.isEmpty ? rows.affectedRows ?? 0 : rows.rows.count))
                if let value = rows.rows.first?.first ?? nil { result.facts["value"] = .text(value) }
                if !rows.commandTag.isEmpty { result.notes.append(rows.commandTag) }
            } catch {
                // What a statement before it began is not left open for whoever uses the session next.
                _ = try? await session.query("ROLLBACK", deadline: .seconds(10))
                throw failure(error, in: statement, number: index + 1, target)
            }
        }
        _ = try? await session.query("ROLLBACK", deadline: .seconds(10))
        return result
    }

    private func run(_ statement: SQLScript.Statement, through session: PostgresConnection) async throws -> PostgresRows {
        guard readOnly else { return try await session.query(statement.text, bind.map(\.parameter), deadline: deadline) }
        // A statement inside a transaction that has begun to read cannot make it writable any more.
        try await session.query("BEGIN READ ONLY")
        try await session.query("SELECT 1 FROM pg_catalog.pg_class LIMIT 1")
        let rows = try await session.query(statement.text, bind.map(\.parameter), deadline: deadline)
        try await session.query("ROLLBACK")
        return rows
    }

    private func failure(_ error: any Error, in statement: SQLScript.Statement, number: Int, _ target: PostgresTarget) -> any Error {
        let which = script.statements.count == 1 ? "the SQL" : "statement \(number) of the SQL"
        let place = statement.place(of: (error as? PostgresError)?.position ?? 1)
        guard let error = error as? PostgresError, error.kind != .cancelled else {
            return error is PostgresError ? CancellationError() : error
        }
        return Failure(
            error,
            cannot: "run \(which) in database '\(database)' on \(target.server.words) (its line \(place.line), column \(place.column))")
    }
}
