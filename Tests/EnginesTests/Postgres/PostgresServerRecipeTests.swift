import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestServers.missing), .timeLimit(.minutes(2))) struct PostgresServerRecipeTests {
    @Test func aDisposableServerTellsWhoItIsAsSoonAsALoginWorks() async throws {
        let server = try await TestServers.server16()
        #expect(server.identity.version.hasPrefix("16."))
        #expect(server.identity.system?.isEmpty == false)
        #expect(!server.identity.standIn)
    }

    @Test(arguments: [15, 16])
    func aDisposableServerListensOnLoopbackOnlyAndReachesOutToNobody(major: Int) async throws {
        let target = TestTarget.disposable(major == 15 ? try await TestServers.server15() : try await TestServers.server16())
        let expected = [
            "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_preload_libraries": "", "archive_mode": "off",
            "max_logical_replication_workers": "0", "max_wal_senders": "0", "fsync": "off", "password_encryption": "scram-sha-256",
            "log_statement": "none",
        ]
        for (name, value) in expected {
            #expect(try await target.column("postgres", "SELECT current_setting('\(name)')") == [value], "\(name)")
        }
        #expect(try await target.column("postgres", "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == ["C.UTF-8"])
        await target.close()
    }

    @Test func aWrongPasswordIsNotWaitedFor() async throws {
        let server = try await TestServers.server16()
        var address = server.address
        address.password = Secret("wrong")
        let recipe = PostgresServerRecipe(PostgresInstallation(folder: "/nowhere", version: PostgresVersion(major: 16, minor: 0)))
        let failure = await #expect(throws: Failure.self) {
            try await recipe.waitUntilReady(address, within: .seconds(20), RealTime())
        }
        #expect(failure?.kind == .credentials)
        #expect(failure?.problem == "cannot log in to the server that was started at \(address.text)")
    }

    @Test func aServerThatDoesNotComeIsTooSlowAndTheReasonIsTold() async throws {
        let port = 1
        let address = ServerAddress(host: "127.0.0.1", port: port, user: "postgres", password: nil)
        let recipe = PostgresServerRecipe(PostgresInstallation(folder: "/nowhere", version: PostgresVersion(major: 16, minor: 0)))
        let failure = await #expect(throws: Failure.self) {
            try await recipe.waitUntilReady(address, within: .milliseconds(200), RealTime())
        }
        #expect(failure?.kind == .timedOut)
        #expect(failure?.causes.first?.contains("Connection refused") == true)
    }

    @Test func thePasswordStandsInNoArgumentAndNoEnvironment() async throws {
        let recipe = PostgresServerRecipe(PostgresInstallation(folder: "/pg", version: PostgresVersion(major: 16, minor: 0)))
        let plan = try await recipe.processPlan(in: ProcessPlace(folder: "/place", port: 5, password: Secret("hunter2"), account: "nobody"))
        let said = (plan.preparation + [plan.server]).flatMap { [$0.executable] + $0.arguments + $0.environment.map { "\($0)=\($1)" } }
        #expect(!said.contains { $0.contains("hunter2") })
        #expect(plan.files.filter { $0.content.reveal { $0.contains("hunter2") } }.map(\.path) == ["/place/password"])
    }
}
