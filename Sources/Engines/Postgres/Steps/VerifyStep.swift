import Bindings
import Documents
import Recovery

/// Compares a restored database with the inventory of its backup, and puts sample queries to it.
struct VerifyStep: Step {
    static let kind = "postgres.verify"
    static let summary = "Compare a restored database with the backup's inventory: counts, definitions, rights; and run sample queries."
    static let phase = Phase.verify
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "the restored database"),
        Field.required("against", as: Name.self, literal: true, "role of the backup that it was restored from"),
        Field.optional("queries", as: [SampleQueryDocument<SQLSamples>].self, default: [], "questions whose answers are known"),
        Field.optional(
            "ignore", as: [String].self, default: [],
            "what is not compared, as `KIND NAME` with `*`, or `KIND NAME: ASPECT`: `index public.tmp_*`, `table public.books: owner`"),
        Field.optional("jobs", as: Int.self, default: 2, limit: .range(1...16), "over how many connections rows are counted"))

    let database: String
    private let against: Name
    private let queries: [SampleQueryDocument<SQLSamples>]
    private let ignore: [String]
    private let jobs: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (database, against, queries, ignore, jobs) = try Self.fields.read(node, reading)
    }

    var uses: StepUses { StepUses(target: .one(.postgres), backups: [against.text]) }
    /// It only reads.
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: PostgresTarget.self)
        let backup = try context.backup(against.text)
        let inventory = try await backup.inventory().all()
        // One's own: sample queries are to find what applications find, on the path that is set for the database.
        let connection = try await target.server.connect(to: database, options: ReadablePostgres.readOnly)
        let counters: [PostgresConnection]
        do { counters = try await self.counters(target) } catch {
            await connection.close()
            throw error
        }
        let outcome: Swift.Result<StepResult, any Error>
        do {
            outcome = .success(try await verify(inventory, of: backup, target, connection, counters, context))
        } catch {
            outcome = .failure(error)
        }
        await uncancelled { for session in counters + [connection] { await session.close() } }
        return try outcome.get()
    }

    private func verify(
        _ inventory: [InventoryItem], of backup: BackupInHand, _ target: PostgresTarget, _ connection: PostgresConnection,
        _ counters: [PostgresConnection], _ context: StepContext
    ) async throws -> StepResult {
        var options = VerificationOptions(ignore: ignore)
        if context.isDrill || target.binding.isDisposable {
            options.leftOut = VerificationOptions.leftOutOfDrills
            options.unfilled = Set(try await ForeignData.read(from: target, database: database).materializedViews.map(\.quotedName))
            options.missingRoles = .areNotExercised
        }
        let outcome = try await PostgresVerification.verify(
            inventory, against: connection, counters: counters, options: options, say: context.services.say)
        let samples = try await SampleQueries.run(
            queries.map(\.sample), on: connection,
            SampleContext(inventory: inventory, recoveryPoint: backup.manifest.recoveryPoint, now: context.services.time.now),
            say: context.services.say)
        let checks = outcome.checks + samples
        let tally = CheckTally(checks)
        return StepResult(
            checks: checks,
            facts: [
                "compared": .integer(Int64(tally.compared)), "differed": .integer(Int64(tally.differed)),
                "undetermined": .integer(Int64(tally.undetermined)),
            ], notExercised: outcome.notExercised)
    }

    /// One connection needs no others.
    private func counters(_ target: PostgresTarget) async throws -> [PostgresConnection] {
        guard jobs > 1 else { return [] }
        var counters: [PostgresConnection] = []
        do {
            for _ in 0..<jobs { counters.append(try await target.server.connect(to: database, options: ReadablePostgres.readOnly)) }
        } catch {
            for counter in counters { await counter.close() }
            throw error
        }
        return counters
    }
}
