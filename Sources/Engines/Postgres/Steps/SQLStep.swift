import Bindings
import Documents
import Recovery
import Synchronization

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
        Field.maybe(
            "refill", as: Name.self, literal: true,
            "role of the backup that fills again what is destroyed; without it, a run wants --accept-unproven for each object"),
        Field.optional("read_only", as: Bool.self, default: false, "runs in a session that cannot write"),
        Field.maybe("deadline", as: Duration.self, limit: .positive, "how long one statement may take"))

    let database: String
    private let script: SQLScript
    private let bind: [BindValue]
    private let destroys: [String]?
    private let refillRole: String?
    private let readOnly: Bool
    private let deadline: Duration?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let sql: String
        let refill: Name?
        (database, sql, bind, destroys, refill, readOnly, deadline) = try Self.fields.read(node, reading)
        refillRole = refill?.text
        try Self.refuse(refill, of: destroys, at: node)
        script = SQLScript(sql)
        guard bind.isEmpty || script.statements.count < 2 else {
            throw InvalidDocument(
                "values can be bound to one statement, and there are \(script.statements.count)", hint: "write a step for each", at: node)
        }
    }

    var uses: StepUses {
        StepUses(target: .one(.postgres), backups: [refillRole].compactMap(\.self), isOpaque: !readOnly && destroys == nil)
    }
    var rerun: Rerun { readOnly ? .safe : .never }
    var refill: RefillDeclaration? { refillRole.map { .role($0) } }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadablePostgres.self)
        return (destroys ?? []).map { name in
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: ObjectName.anyKind, name: name),
                .unknown(because: "the runbook says that its SQL destroys it"),
                refill: refillRole.map { Effect.Refill(backupRole: $0, nameInBackup: name) })
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        // A session of its own: what the statements set and begin ends with it.
        let session = try await target.server.connect(
            to: database, options: readOnly ? ReadablePostgres.readOnly : "-c default_transaction_read_only=off")
        let outcome: Swift.Result<StepResult, any Error>
        do { outcome = .success(try await run(through: session, target, context)) } catch { outcome = .failure(error) }
        await uncancelled { await session.close() }
        return try outcome.get()
    }

    private func run(through session: PostgresConnection, _ target: PostgresTarget, _ context: StepContext) async throws -> StepResult {
        var result = StepResult()
        for (index, statement) in script.statements.enumerated() {
            context.services.say("statement \(index + 1) of \(script.statements.count)")
            do {
                let answer = try await run(statement, through: session)
                result.facts["rows"] = .integer(answer.count)
                if let value = answer.value { result.facts["value"] = .text(value) }
                if !answer.tag.isEmpty { result.notes.append(answer.tag) }
            } catch {
                throw failure(error, in: statement, number: index + 1, target)
            }
        }
        try await refuseOpenTransaction(session, target)
        return result
    }

    private struct Answer: Sendable {
        var count: Int64
        /// The first value of the first row.
        var value: String?
        var tag: String
    }

    private func run(_ statement: SQLScript.Statement, through session: PostgresConnection) async throws -> Answer {
        if readOnly {
            // A statement inside a transaction that has begun to read cannot make it writable any more.
            try await session.ask("BEGIN READ ONLY")
            try await session.ask("SELECT 1 FROM pg_catalog.pg_class LIMIT 1")
        }
        // Row by row: there may be more of them than there is memory.
        let seen = Mutex<(count: Int64, value: String?)>((0, nil))
        let summary = try await session.stream(statement.text, bind.map(\.parameter), deadline: deadline) { row in
            seen.withLock { seen in
                if seen.count == 0 { seen.value = row.first ?? nil }
                seen.count += 1
            }
        }
        if readOnly { try await session.ask("ROLLBACK") }
        let (count, value) = seen.withLock { $0 }
        return Answer(count: count > 0 ? count : Int64(summary.affectedRows ?? 0), value: value, tag: summary.commandTag)
    }

    /// Closing the session would undo without a word what the runbook says was done.
    private func refuseOpenTransaction(_ session: PostgresConnection, _ target: PostgresTarget) async throws {
        let answer = try await attempt("see whether the SQL in database '\(database)' on \(target.server.words) was committed") {
            // Outside of a transaction of somebody's, each statement is one that begins with it.
            try await session.ask("SELECT pg_catalog.statement_timestamp() OPERATOR(pg_catalog.>) pg_catalog.transaction_timestamp()")
        }
        guard answer.rows.first?.first == "t" else { return }
        throw Failure(
            .document, "the SQL for database '\(database)' begins a transaction and does not end it; it was rolled back",
            hint: "end it with COMMIT")
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
