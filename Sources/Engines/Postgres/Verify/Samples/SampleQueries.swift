import Bindings
import Recovery
import Synchronization

/// Runs sample queries, each in a transaction of its own that cannot write, and says of each whether its answer is the expected one.
package enum SampleQueries {
    /// More rows than this are counted and not kept.
    static let keptRows = 10_000

    /// One result per query. A query that the server refuses or that takes too long is undetermined, which is a finding; a lost
    /// connection throws `Failure(.unreachable)`.
    /// - Parameter connection: to the restored database, best one whose transactions are read-only by default: a script of several
    ///   statements could end ours. In no transaction, and given back in none.
    package static func run(
        _ queries: [SampleQuery], on connection: PostgresConnection, _ context: SampleContext, say: @Sendable (String) -> Void = { _ in }
    ) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        for query in queries {
            say("sample query '\(query.name)'")
            results.append(try await run(query, on: connection, context))
        }
        return results
    }

    private static func run(_ query: SampleQuery, on connection: PostgresConnection, _ context: SampleContext) async throws -> CheckResult {
        let result: Result<CheckResult, any Error>
        do {
            try await connection.query(transaction, deadline: .seconds(30))
            let rows = try await ask(query, on: connection)
            result = .success(try await SampleJudgement(query, context, connection).judge(rows))
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

    private static func ask(_ query: SampleQuery, on connection: PostgresConnection) async throws -> SampleRows {
        let answer = Answer()
        let summary = try await connection.stream(query.sql, query.bind, deadline: query.limit) { answer.take($0) }
        return SampleRows(columns: summary.columns, rows: answer.rows, count: answer.count)
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
