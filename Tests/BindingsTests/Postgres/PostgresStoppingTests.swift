import Bindings
import Glibc
import TestSupport
import Testing

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(3)))
struct PostgresStoppingTests {
    @Test func aDeadlineStopsTheQueryOnTheServerAndTheConnectionGoesOn() async throws {
        let connection = try await connect()
        let pid = await connection.backendPID
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(30)", deadline: .milliseconds(100))
        }
        #expect(error?.kind == .timedOut)
        #expect(error?.message == "no answer within 0.1 seconds; the query was stopped on the server")
        #expect(error?.sqlState == "57014")
        let state = try await connect().query("SELECT state FROM pg_stat_activity WHERE pid = $1", [.text(String(pid))])
        #expect(state.rows == [["idle"]])
        #expect(try await connection.query("SELECT 1", deadline: .seconds(10)).rows == [["1"]])
        #expect(await !connection.isBroken)
    }

    @Test func aCancelledTaskStopsTheQueryOnTheServerAndTheConnectionGoesOn() async throws {
        let connection = try await connect()
        let watcher = try await connect()
        let pid = await connection.backendPID
        let task = Task { try await connection.query("SELECT pg_sleep(30)") }
        try await wait(for: pid, toBe: "active", seenBy: watcher)
        task.cancel()
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
        #expect(error?.message == "cancelled; the query was stopped on the server")
        #expect(try await connection.query("SELECT 1").rows == [["1"]])
    }

    @Test func aTaskCancelledBeforehandSendsNothing() async throws {
        let connection = try await connect()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await connection.query("CREATE TABLE never (a int)")
        }
        task.cancel()
        await #expect(throws: PostgresError(.cancelled, "cancelled before anything was sent")) { try await task.value }
        #expect(try await connection.query("SELECT to_regclass('never')").rows == [[nil]])
    }

    @Test func aQueryStoppedBySomebodyElseHasFailed() async throws {
        let connection = try await connect()
        try await connection.execute("SET statement_timeout = 50")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT pg_sleep(30)", deadline: .seconds(20))
        }
        #expect(error?.kind == .queryFailed)
        #expect(error?.sqlState == "57014")
        #expect(error?.message == "canceling statement due to statement timeout")
    }

    /// Cancels at every possible moment of a short query, and right behind it comes one that nobody cancels.
    @Test func noneOfAThousandCancelsHitsTheNextQuery() async throws {
        let connection = try await connect()
        var cancelled = 0
        for round in 0..<1000 {
            let task = Task { try await connection.query("SELECT 1") }
            // From before the query is sent to after its answer has come.
            for _ in 0..<(round % 40) { await Task.yield() }
            if round % 3 == 0 { await blocking { _ in } }
            task.cancel()
            async let next = connection.query("SELECT pg_sleep(0), \(round)")
            do { _ = try await task.value } catch let error as PostgresError where error.kind == .cancelled { cancelled += 1 }
            #expect(try await next.rows == [["", String(round)]])
        }
        for round in 0..<100 {
            // These are cancelled for sure, most of them while they run.
            let task = Task { try await connection.query("SELECT pg_sleep(30)") }
            for _ in 0..<round { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: PostgresError.self) { try await task.value }
            #expect(error?.kind == .cancelled)
            cancelled += 1
            #expect(try await connection.query("SELECT \(round)").rows == [[String(round)]])
        }
        #expect(cancelled >= 100)
        #expect(await !connection.isBroken)
    }

    @Test func aServerThatHangsCannotHoldTheCaller() async throws {
        let server = try await TestPostgres.start()
        var parameters = server.parameters
        parameters.cancelGrace = .milliseconds(300)
        let connection = try await PostgresConnection.connect(parameters)
        let backend = await connection.backendPID
        kill(server.postmaster, SIGSTOP)
        kill(backend, SIGSTOP)
        defer {
            kill(backend, SIGCONT)
            kill(server.postmaster, SIGCONT)
        }
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1", deadline: .milliseconds(200)) }
        #expect(error?.kind == .timedOut)
        #expect(
            error?.message
                == "no answer within 0.2 seconds; the server did not react to the request to stop, so the connection was closed")
        #expect(await connection.isBroken)
        await #expect(throws: PostgresError(.connectionLost, "the connection to \(parameters) is closed")) {
            try await connection.query("SELECT 1")
        }

        parameters.connectTimeout = .milliseconds(300)
        let refused = parameters
        await #expect(throws: PostgresError(.noAnswer, "no connection to \(parameters) within 0.3 seconds")) {
            try await PostgresConnection.connect(refused)
        }
        kill(backend, SIGCONT)
        kill(server.postmaster, SIGCONT)
        await server.stop()
    }
}

/// Asks the server until a session is in that state; it always gets there, or the test's time limit ends it.
func wait(for pid: Int32, toBe state: String, seenBy watcher: PostgresConnection) async throws {
    while try await watcher.query("SELECT state FROM pg_stat_activity WHERE pid = $1", [.text(String(pid))]).rows != [[state]] {
        await Task.yield()
    }
}
