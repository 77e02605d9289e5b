import Bindings
import Glibc
import TestSupport
import Testing

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(1)))
struct PostgresConnectingTests {
    private func failure(_ parameters: PostgresParameters) async -> PostgresError? {
        do { _ = try await PostgresConnection.connect(parameters) } catch let error as PostgresError { return error } catch {}
        return nil
    }

    @Test func aWrongPasswordIsAnAuthenticationFailure() async throws {
        let parameters = try await TestPostgres.shared().parameters
        let error = await failure(parameters.login(user: "postgres", password: "wrong"))
        #expect(error?.kind == .authenticationFailed)
        #expect(error?.sqlState == "28P01")
        #expect(
            error?.message == "connection to server at \"127.0.0.1\", port \(parameters.port) failed: "
                + "FATAL:  password authentication failed for user \"postgres\"")
    }

    @Test func aMissingPasswordIsAnAuthenticationFailure() async throws {
        let parameters = try await TestPostgres.shared().parameters
        let error = await failure(parameters.login(user: "postgres", password: nil))
        #expect(error?.kind == .authenticationFailed)
        #expect(
            error?.message == "connection to server at \"127.0.0.1\", port \(parameters.port) failed: "
                + "fe_sendauth: no password supplied")
    }

    @Test func aLoginThatIsNotAllowedIsAnAuthenticationFailure() async throws {
        let parameters = try await TestPostgres.shared().parameters
        let role = "nologin_\(UInt32.random(in: 0...UInt32.max))"
        let admin = try await connect()
        try await admin.execute("CREATE ROLE \(role) NOLOGIN PASSWORD 'x'")
        let error = await failure(parameters.login(user: role, password: "x"))
        #expect(error?.kind == .authenticationFailed)
        #expect(error?.sqlState == "28000")
        try await admin.execute("DROP ROLE \(role)")
    }

    @Test func aMissingDatabaseIsAnAnswerOfTheServer() async throws {
        let error = await failure(try await TestPostgres.shared().parameters.database("no such"))
        #expect(error?.kind == .queryFailed)
        #expect(error?.sqlState == "3D000")
    }

    @Test func tooManyConnectionsHaveAKindOfTheirOwn() async throws {
        let parameters = try await TestPostgres.shared().parameters
        let role = "crowded_\(UInt32.random(in: 0...UInt32.max))"
        let admin = try await connect()
        try await admin.execute("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 0 PASSWORD 'x'")
        let error = await failure(parameters.login(user: role, password: "x"))
        #expect(error?.kind == .tooManyConnections)
        #expect(error?.sqlState == "53300")
        try await admin.execute("DROP ROLE \(role)")
    }

    @Test func aClosedPortIsUnreachable() async throws {
        let listener = try RawServer()
        let port = listener.port
        listener.stop()
        let error = await failure(
            PostgresParameters(host: "127.0.0.1", port: port, user: "u", database: "d", connectTimeout: .seconds(5)))
        #expect(error?.kind == .unreachable)
        #expect(
            error?.message == "connection to server at \"127.0.0.1\", port \(port) failed: Connection refused")
    }

    @Test func aPortWhereSomethingElseListensIsUnreachable() async throws {
        let listener = try RawServer { connection, _ in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.read(until: "never")
        }
        for mode in [PostgresParameters.SSLMode.prefer, .disable] {
            var parameters = PostgresParameters(
                host: "127.0.0.1", port: listener.port, user: "u", database: "d", connectTimeout: .seconds(5))
            parameters.sslMode = mode
            let error = await failure(parameters)
            #expect(error?.kind == .unreachable, "\(mode)")
            #expect(error?.message.hasSuffix(": that is not PostgreSQL") == true, "\(error?.message ?? "")")
        }
        listener.stop()
    }

    @Test func aHostThatDoesNotExistIsUnreachable() async {
        let error = await failure(PostgresParameters(host: "no-such-host.invalid", user: "u", database: "d"))
        #expect(error?.kind == .unreachable || error?.kind == .noAnswer)
        #expect(error?.message.contains("no-such-host.invalid") == true)
    }

    @Test func aServerThatNeverAnswersIsLeftAtTheDeadline() async throws {
        let silent = try RawServer()
        let parameters = PostgresParameters(
            host: "127.0.0.1", port: silent.port, user: "u", database: "d", connectTimeout: .milliseconds(200))
        let error = await failure(parameters)
        #expect(error == PostgresError(.noAnswer, "no connection to u@127.0.0.1:\(silent.port)/d within 0.2 seconds"))
    }

    @Test func connectingCanBeCancelled() async throws {
        let (arrived, arrive) = AsyncStream<Void>.makeStream()
        let silent = try RawServer { connection, _ in
            arrive.finish()
            connection.read(until: "never")
        }
        let parameters = PostgresParameters(
            host: "127.0.0.1", port: silent.port, user: "u", database: "d", sslMode: .disable, connectTimeout: .seconds(60))
        let task = Task { try await PostgresConnection.connect(parameters) }
        for await _ in arrived {}
        task.cancel()
        await #expect(throws: PostgresError(.cancelled, "cancelled while connecting to \(parameters)")) { try await task.value }
    }

    @Test func aServerThatStartsSaysSo() async throws {
        // What a starting server sends, word for word; a real one starts too fast to be caught.
        let fields = ["SFATAL", "VFATAL", "C57P03", "Mthe database system is starting up", ""].map { $0 + "\0" }.joined()
        let length = UInt32(fields.utf8.count + 4)
        let header = "E" + String(decoding: withBytes(of: length), as: UTF8.self)
        let starting = try RawServer { connection, _ in
            connection.read(until: "lifeboat")
            connection.write(header + fields)
        }
        let error = await failure(
            PostgresParameters(host: "127.0.0.1", port: starting.port, user: "u", database: "d", sslMode: .disable))
        #expect(error?.kind == .serverStarting)
        #expect(error?.sqlState == "57P03")
    }

    private func withBytes(of number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    @Test func whatTheEnvironmentSaysIsIgnored() async throws {
        await #expect(processExitsWith: .success) {
            let hostile = [
                "PGHOST": "no-such-host.invalid", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "nobody", "PGPASSWORD": "wrong",
                "PGDATABASE": "missing", "PGSERVICE": "missing", "PGOPTIONS": "-c work_mem=77kB", "PGSSLMODE": "verify-full",
                "PGTZ": "Asia/Tokyo", "PGAPPNAME": "other", "PGTARGETSESSIONATTRS": "standby", "HOME": "/nonexistent",
            ]
            for (name, value) in hostile { unsafe _ = setenv(name, value, 1) }
            let connection = try await connect()
            let answer = try await connection.query(
                "SELECT current_setting('work_mem') <> '77kB', current_setting('TimeZone') <> 'Asia/Tokyo', "
                    + "current_setting('application_name'), current_user, current_database()")
            #expect(answer.rows == [["t", "t", "lifeboat", "postgres", "postgres"]])
        }
    }
}
