import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite struct PostgresLoginTests {
    private func folder() throws -> String {
        let path = "/tmp/lifeboat-engines-\(randomHex(8))"
        try Files.makeFolder(path)
        return path
    }

    @Test func thePasswordIsInAFileForUsAloneAndGoneAfterwards() async throws {
        let folder = try folder()
        let parameters = PostgresParameters(host: "h", user: "u", password: "hunter2", database: "d")
        let file = try await PostgresLogin.use(parameters, password: Secret("a:b\\c d"), folder: folder) { login in
            let file = try #require(login.environment["PGPASSFILE"])
            #expect(String(decoding: try Files.read(file, limit: 1000), as: UTF8.self) == "*:*:*:*:a\\:b\\\\c d\n")
            #expect(try Files.status(of: file)?.mode == 0o600)
            #expect(!login.connection.contains("hunter2") && !login.environment.values.contains { $0.contains("a:b") })
            return file
        }
        #expect(try Files.status(of: file) == nil)
        try Files.removeTree(folder)
    }

    @Test func theFileIsGoneAfterAFailureToo() async throws {
        let folder = try folder()
        let parameters = PostgresParameters(host: "h", user: "u", database: "d")
        await #expect(throws: Failure.self) {
            try await PostgresLogin.use(parameters, password: nil, folder: folder) { _ in throw Failure(.engine, "no") }
        }
        #expect(try Files.list(folder).isEmpty)
        try Files.removeTree(folder)
    }

    @Test func aNameThatLooksLikeAConnectionStringIsAName() async throws {
        let folder = try folder()
        let parameters = PostgresParameters(host: "h", user: "o'neil", database: "host=evil user='x\\", sslMode: .disable)
        let connection = try await PostgresLogin.use(parameters, password: nil, folder: folder) { $0.connection }
        #expect(connection.hasPrefix("host='h' port='5432' user='o\\'neil' dbname='host=evil user=\\'x\\\\' sslmode='disable' "))
        try Files.removeTree(folder)
    }

    @Test func aPasswordWithALineBreakIsRefusedBeforeAnythingRuns() async throws {
        let folder = try folder()
        let failure = await #expect(throws: Failure.self) {
            try await PostgresLogin.use(
                PostgresParameters(host: "h", user: "u", database: "d"), password: Secret("a\nb"), folder: folder
            ) { _ in }
        }
        #expect(failure?.problem == "the password holds a line break, which PostgreSQL's programs cannot be given")
        try Files.removeTree(folder)
    }

    @Test(.requires(TestServers.missing), .timeLimit(.minutes(1)))
    func thePasswordArrivesWhateverIsInIt() async throws {
        let (server, running) = try await TestServers.own(try #require(TestServers.binaries16))
        let folder = try folder()
        let target = TestTarget.disposable(server)
        let password = "p:a\\s s'w\"ö$(x)\u{301}"
        try await target.sql("postgres", "CREATE ROLE odd LOGIN PASSWORD \(try quoteLiteral(password))")
        var parameters = try target.server.parameters(database: "postgres")
        parameters.user = "odd"
        let psql = try await TestServers.tools().client("psql", forServer: 16)
        let outcome = try await PostgresLogin.use(parameters, password: Secret(password), folder: folder, options: "-c work_mem=3MB") {
            login in
            try await TestCommands().run(
                CommandSpec(
                    psql.path, ["-X", "-A", "-t", "-w", "-d", login.connection, "-c", "SELECT current_user, current_setting('work_mem')"],
                    environment: login.environment))
        }
        #expect(String(decoding: outcome.output, as: UTF8.self) == "odd|3MB\n", "\(outcome.errors)")
        await target.close()
        _ = await running.process.stop()
        try Files.removeTree(folder)
    }
}
