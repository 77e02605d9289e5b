import Bindings
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(1)))
struct PostgresStreamingTests {
    private struct Enough: Error, Equatable {}

    @Test func rowsComeOneByOneAndTheSummaryHasNone() async throws {
        let seen = Collected<PostgresRow>()
        let summary = try await connect().stream("SELECT n, nullif(n, 2) AS m FROM generate_series(1, $1::int) n", [3]) { seen.add($0) }
        #expect(seen.values == [["1", "1"], ["2", nil], ["3", "3"]])
        #expect(summary.columns.map(\.name) == ["n", "m"])
        #expect(summary.rows == [])
        #expect(summary.affectedRows == 3)
    }

    @Test func twoHundredThousandRowsStreamInFlatMemory() async {
        // In a process of its own: other tests would be measured too.
        await #expect(processExitsWith: .success) {
            let connection = try await connect()
            let sql = "SELECT n, repeat('x', 500) FROM generate_series(1, 200000) n"
            try await connection.stream("SELECT n, repeat('x', 500) FROM generate_series(1, 1000) n") { _ in }
            let before = anonymousKiB()
            let rows = Collected<Int>()
            rows.add(0)
            try await connection.stream(sql) { _ in rows.replaceLast { $0 + 1 } }
            let copied = Collected<Int>()
            copied.add(0)
            try await connection.copyOut("COPY (\(sql)) TO STDOUT") { bytes in copied.replaceLast { $0 + bytes.count } }
            let growth = anonymousKiB() - before
            #expect(rows.values == [200_000])
            #expect((copied.values.first ?? 0) > 100_000_000)
            #expect(growth < 4096, "grew by \(growth) KiB for 100 MB of rows")
        }
    }

    @Test func whatTheConsumerThrowsEndsTheStreamAndTheConnectionGoesOn() async throws {
        let connection = try await connect()
        let seen = Collected<PostgresRow>()
        await #expect(throws: Enough()) {
            try await connection.stream("SELECT generate_series(1, 100000000)") { row in
                seen.add(row)
                if seen.values.count == 3 { throw Enough() }
            }
        }
        #expect(seen.values == [["1"], ["2"], ["3"]])
        await #expect(throws: Enough()) {
            try await connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in throw Enough() }
        }
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
    }

    @Test func anErrorAfterSomeRowsIsThrown() async throws {
        let connection = try await connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.stream("SELECT 1 / (5000 - n) FROM generate_series(1, 10000) n") { _ in }
        }
        #expect(error?.sqlState == "22012")
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
    }

    @Test func aStreamIsStoppedAtItsDeadlineHoweverSlowlyItIsRead() async throws {
        let connection = try await connect()
        let error = await #expect(throws: PostgresError.self) {
            try await connection.stream("SELECT generate_series(1, 100000000)", deadline: .milliseconds(100)) { _ in await Task.yield() }
        }
        #expect(error?.kind == .timedOut)
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
    }

    @Test func aCancelledStreamIsStoppedAndTheConnectionGoesOn() async throws {
        let connection = try await connect()
        let (started, start) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await connection.stream("SELECT generate_series(1, 100000000)") { _ in start.finish() }
        }
        for await _ in started {}
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
    }

    @Test func aConnectionInTheMiddleOfAStreamTakesNoOtherCall() async throws {
        let connection = try await connect()
        let busy = PostgresError(.busy, "the connection is in the middle of a stream or a copy; use another one")
        try await connection.stream("SELECT 1") { _ in
            await #expect(throws: busy) { try await connection.query("SELECT 2") }
        }
    }
}

final class Collected<Value: Sendable>: Sendable {
    private let collected = Mutex<[Value]>([])
    var values: [Value] { collected.withLock { $0 } }
    func add(_ value: Value) { collected.withLock { $0.append(value) } }
    func replaceLast(_ change: @Sendable (Value) -> Value) {
        collected.withLock { if let last = $0.popLast() { $0.append(change(last)) } }
    }
}
