import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestServers.missing), .timeLimit(.minutes(2))) struct PostgresTargetTests {
    @Test func aTargetKnowsWhoItIs() async throws {
        let server = try await TestServers.server16()
        let target = TestTarget.real(server, database: "postgres")
        let identity = try await target.identity()
        #expect(
            identity
                == SourceIdentity(engine: .postgres, address: server.address.text, system: server.identity.system, database: "postgres"))
        await target.close()
    }

    @Test func aTargetWhoseDatabaseIsLostStillKnowsWhoItIs() async throws {
        let server = try await TestServers.server16()
        let target = TestTarget.real(server, database: "lost")
        #expect(try await target.identity().system == server.identity.system)
        await target.close()
    }

    @Test func aReadableTargetCannotWrite() async throws {
        let target = TestTarget.disposable(try await TestServers.server16())
        let reading = try #require(target.reading as? ReadablePostgres)
        let session = try await reading.session(in: "postgres")
        let error = await #expect(throws: PostgresError.self) { try await session.query("CREATE TABLE written (a int)") }
        #expect(error?.sqlState == "25006")
        await target.close()
    }

    @Test func aWrongPasswordSaysWhoseItIsAndWhatToCheck() async throws {
        let server = try await TestServers.server16()
        let target = TestTarget.real(server, password: Secret("wrong"))
        let failure = await #expect(throws: Failure.self) { try await target.identity() }
        #expect(failure?.kind == .credentials)
        #expect(
            failure?.description == """
                cannot log in to database 'postgres' on 'app-db' (\(server.address.text)) as 'postgres'
                  because: connection to server at "127.0.0.1", port \(server.address.port) failed: FATAL:  password authentication failed for user "postgres" (28P01)
                  hint: check user and password, and the server's pg_hba.conf
                """)
    }

    @Test func aServerThatIsStoppedInTheMiddleIsAParagraphWithCauseAndHint() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let target = TestTarget.real(server)
        try await target.sql("postgres", "SELECT 1")
        _ = await running.process.stop()
        let failure = await #expect(throws: Failure.self) { try await target.onServer(["SELECT 1"], cannot: "count to one") }
        #expect(failure?.kind == .unreachable)
        #expect(failure?.problem == "cannot count to one on 'app-db' (\(server.address.text))")
        #expect(failure?.advice == "the server ended the connection; its log says why (a crash, a restart, an administrator)")

        let next = await #expect(throws: Failure.self) { try await target.onServer(["SELECT 1"], cannot: "count to one") }
        #expect(next?.kind == .unreachable)
        #expect(next?.problem == "cannot log in to database 'postgres' on 'app-db' (\(server.address.text)) as 'postgres'")
        #expect(next?.advice == "check that the server runs, that host and port are right and that no firewall is between")
    }

    @Test func backupsShareTheLockAndARecoveryHasItAlone() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries15))
        let targets = (0..<3).map { _ in TestTarget.real(server) }
        try await targets[0].lockOnServer(.shared, as: "backup-1")
        try await targets[1].lockOnServer(.shared, as: "backup-2")
        let failure = await #expect(throws: Failure.self) { try await targets[2].lockOnServer(.exclusive, as: "recovery") }
        #expect(failure?.kind == .lockHeld)
        let problem = try #require(failure?.problem)
        #expect(problem.hasPrefix("another lifeboat is at work on 'app-db' (\(server.address.text)): lifeboat backup-1 (server process "))
        #expect(problem.contains(" from 127.0.0.1, since 20"))
        #expect(problem.contains("lifeboat backup-2 (server process "))

        await targets[0].close()
        await targets[1].close()
        // The server notices the end of a session a moment later.
        try await eventually { (try? await targets[2].lockOnServer(.exclusive, as: "recovery")) != nil }
        await #expect(throws: Failure.self) { try await targets[0].lockOnServer(.shared, as: "backup-3") }
        await targets[2].close()
        await targets[0].close()
        _ = await running.process.stop()
    }

    @Test func aRunWaitsForTheSessionOfItsOwnEarlierLife() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries15))
        let died = TestTarget.real(server)
        let resumed = TestTarget.real(server)
        try await died.lockOnServer(.exclusive, as: "run 1 of runbook rebuild")
        async let lock: Void = resumed.lockOnServer(.exclusive, as: "run 1 of runbook rebuild")
        // It has asked once, and been refused.
        try await eventually {
            try await died.column(
                "postgres",
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lifeboat run 1 of runbook rebuild' AND query LIKE '%pg_locks%'"
            ) == ["1"]
        }
        await died.close()
        try await lock
        await resumed.close()
        _ = await running.process.stop()
    }

    @Test func anEarlierLifeThatDoesNotEndIsNamed() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries15))
        let died = TestTarget.real(server)
        let resumed = TestTarget.real(server, time: InstantTime())
        try await died.lockOnServer(.exclusive, as: "run 1 of runbook rebuild")
        let failure = await #expect(throws: Failure.self) { try await resumed.lockOnServer(.exclusive, as: "run 1 of runbook rebuild") }
        #expect(failure?.kind == .lockHeld)
        #expect(failure?.problem.contains(": lifeboat run 1 of runbook rebuild (server process ") == true)
        #expect(failure?.hint?.contains("pg_terminate_backend") == true)
        await died.close()
        await resumed.close()
        _ = await running.process.stop()
    }

    @Test func aLongHolderKeepsItsEndInTheServersSixtyThreeBytes() {
        let name = PostgresServer.sessionName(for: "20261120T020000Z-a-drill-with-a-name-of-forty-characters-long-4f1c9a")
        #expect(name.utf8.count <= 63)
        #expect(name.hasPrefix("lifeboat 20261120T020000Z-a-drill"))
        #expect(name.hasSuffix("4f1c9a"))
    }

    @Test func theAddressForApplicationsIsEscaped() {
        let address = ServerAddress(
            host: "127.0.0.1", port: 5432, user: "a b", password: Secret("p@ss:w/rd"), database: "app", options: ["sslmode": "disable"])
        let url = TestServers.engine().connectionURL(address, database: "my ünit").reveal { $0 }
        #expect(url == "postgres://a%20b:p%40ss%3Aw%2Frd@127.0.0.1:5432/my%20%C3%BCnit?sslmode=disable")
    }

    @Test func aUrlOfTheConfigurationBecomesAnAddress() throws {
        let address = try TestServers.engine().address(
            url: "postgres://a%20b@db.internal:6432/my%20app?sslmode=verify-full&sslrootcert=/ca.pem", target: "app-db")
        #expect(address.host == "db.internal" && address.port == 6432 && address.user == "a b" && address.database == "my app")
        #expect(address.password == nil)
        #expect(address.options == ["sslmode": "verify-full", "sslrootcert": "/ca.pem", "connect_timeout": "10"])
    }

    @Test func aPasswordInAUrlIsRefusedWithoutBeingShown() {
        let failure = #expect(throws: Failure.self) {
            try TestServers.engine().address(url: "postgres://u:hunter2@h/app", target: "app-db")
        }
        #expect(
            failure?.description == """
                the url of target 'app-db' holds a password
                  hint: write the password beside it, as in password: {file: /run/secrets/…} or {env: NAME}
                """)
    }

    @Test func aUrlThatCannotBeReadSaysHowToWriteOne() {
        let failure = #expect(throws: Failure.self) { try TestServers.engine().address(url: "postgres://u@h", target: "app-db") }
        #expect(failure?.problem == "the url of target 'app-db' cannot be understood: the connection string names no database")
        #expect(failure?.hint == "write it as postgres://USER@HOST:PORT/DATABASE, with %XX for special characters")
    }
}
