import Bindings
import Recovery
import Synchronization

/// A sample query in SQL.
package struct SQLSample: Sendable {
    package let query: SampleQuery
    /// One statement, with `$1`, `$2`, … for what is bound. It runs in a transaction that cannot write.
    package let sql: String
    package let bind: [PostgresParameter]

    package init(_ query: SampleQuery, sql: String, bind: [PostgresParameter] = []) {
        self.query = query
        self.sql = sql
        self.bind = bind
    }
}

extension SampleContext {
    /// - Parameter recoveryPoint: used when the inventory does not say what the server's clock said.
    package init(inventory: [InventoryItem], recoveryPoint: Timestamp, now: Timestamp) {
        let server = inventory.first { $0.kind == "server" }
        self.init(
            backup: server?.facts["time in milliseconds"].flatMap { Int64($0) }.map(Timestamp.init(millisecondsSince1970:))
                ?? recoveryPoint, now: now, zone: server?.facts["timezone"] ?? "UTC")
    }
}

/// Runs sample queries, each in a transaction of its own that cannot write, and says of each whether its answer is the expected one.
package enum SampleQueries {
    /// More rows than this are counted and not kept.
    static let keptRows = 10_000

    /// One result per query. A query that the server refuses or that takes too long is undetermined, which is a finding; a lost
    /// connection throws `Failure(.unreachable)`.
    /// - Parameter connection: to the restored database, best one whose transactions are read-only by default: a script of several
    ///   statements could end ours. In no transaction, and given back in none.
    package static func run(
        _ samples: [SQLSample], on connection: PostgresConnection, _ context: SampleContext, say: @Sendable (String) -> Void = { _ in }
    ) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        for sample in samples {
            say("sample query '\(sample.query.name)'")
            results.append(try await run(sample, on: connection, context))
        }
        return results
    }

    private static func run(_ sample: SQLSample, on connection: PostgresConnection, _ context: SampleContext) async throws -> CheckResult {
        let query = sample.query
        let result: Result<CheckResult, any Error>
        do {
            try await connection.query(transaction, deadline: .seconds(30))
            let rows = try await ask(sample, on: connection)
            result = .success(try await SampleJudgement(query, context, PostgresSampleReader(connection)).judge(rows))
        } catch {
            result = .failure(error)
        }
        await uncancelled { await PostgresSnapshot.end(on: connection) }
        do { return try result.get() } catch let error as PostgresError {
            switch error.kind {
            case .cancelled: throw CancellationError()
            case .queryFailed, .timedOut, .invalidInput:
                return .undetermined(
                    "query \(query.name)", query.expectation.aspect, expected: query.expectation.words(context), because: "\(error)")
            default: throw Failure(error, cannot: "run sample query '\(query.name)'")
            }
        }
    }

    private static func ask(_ sample: SQLSample, on connection: PostgresConnection) async throws -> SampleRows {
        let answer = Answer()
        let summary = try await connection.stream(sample.sql, sample.bind, deadline: sample.query.limit) { answer.take($0) }
        let rows = answer.rows.map { row in zip(row, summary.columns).map { SampleCell($0, type: $1.type) } }
        return SampleRows(columns: summary.columns.count, rows: rows, count: answer.count)
    }

    private final class Answer: Sendable {
        private let state = Mutex<(rows: [PostgresRow], count: Int64)>(([], 0))

        func take(_ row: PostgresRow) {
            state.withLock { state in
                state.count += 1
                if state.rows.count < keptRows { state.rows.append(row) }
            }
        }

        var rows: [PostgresRow] { state.withLock { $0.rows } }
        var count: Int64 { state.withLock { $0.count } }
    }

    private static let transaction = """
        BEGIN READ ONLY;
        SET LOCAL DateStyle = 'ISO, YMD';
        SET LOCAL IntervalStyle = 'postgres';
        SET LOCAL TimeZone = 'UTC';
        SET LOCAL bytea_output = 'hex';
        SET LOCAL extra_float_digits = 1;
        """
}
