import Bindings
import FoundationEssentials
import TestSupport
import Testing

@testable import lifeboat

@Suite(.requires(TestPostgres.missingVectors), .timeLimit(.minutes(1)))
struct LibraryAppTests {
    @Test func itAnswersFromTheDatabase() async throws {
        let app = try await RunningApp.start()
        #expect(try await app.get("/health") == "200 the library is open\n")
        #expect(
            try await app.get("/books?count=1")
                == """
                200 [
                  {
                    "author" : "Łucja Lindqvist",
                    "published" : "1966",
                    "shelf" : "music",
                    "title" : "The Quiet Tide"
                  }
                ]

                """)
        #expect(try await app.get("/search?q=music+melody").contains("On music: the"))
        #expect(try await app.get("/loans/latest").contains("\"number\" : \"5000\""))
        #expect(try await app.get("/books?count=many") == "400 count is to be between 1 and 1000\n")
        await app.stop()
    }

    @Test func itIsNotWellWhenTheDataIsGone() async throws {
        let app = try await RunningApp.start()
        try await app.library.connection.execute(LibraryData.damage)
        #expect(try await app.get("/health") == "503 nothing in catalogue.chunks, lending.loans\n")
        await app.stop()
    }

    @Test func itConnectsAgainAfterItsConnectionWasCut() async throws {
        let app = try await RunningApp.start()
        #expect(try await app.get("/health") == "200 the library is open\n")
        try await app.library.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'library-app' AND datname = current_database()"
        )
        #expect(try await app.get("/health") == "200 the library is open\n")
        await app.stop()
    }

    @Test func aWrongPasswordIsSaidWithoutSayingIt() async throws {
        let app = try await RunningApp.start(passwordInAddress: "an0ther-s3cret")
        let answer = try await app.get("/health")
        #expect(answer.hasPrefix("503 the library cannot be asked: "))
        #expect(answer.contains("password authentication failed for user"))
        #expect(try app.log().contains("answers on"))
        #expect(try !(answer + app.log()).contains("s3cret"))
        await app.stop()
    }

    @Test func itEndsAtOnceWhenAsked() async throws {
        let app = try await RunningApp.start()
        #expect(await app.process.stop() == .exited(143))
        await app.stop()
    }
}

/// The built program, on a library of its own.
private struct RunningApp {
    let library: LibraryDatabase
    let process: GuardedProcess
    private let folder: String
    private let address: String

    static func start(passwordInAddress: String = "s3cret") async throws -> RunningApp {
        // As every program of ours does: a process that has gone is an error, not our end.
        ThisProcess.ignoreBrokenPipes()
        let library = try await LibraryDatabase.make()
        let server = library.parameters
        let user = "app_\(server.database)"
        try await library.connection.execute("CREATE ROLE \(user) LOGIN SUPERUSER PASSWORD 's3cret'")
        let folder = FileManager.default.temporaryDirectory.path + "/library-app-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let environment = [
            "PORT": "0", "DATABASE_URL": "postgres://\(user):\(passwordInAddress)@\(server.host):\(server.port)/\(server.database)",
        ]
        let process = try await GuardedProcess.start(
            Command(try program(), [], environment: environment), log: folder + "/log", removing: [folder])
        let line = try await run(
            Command(
                "/bin/sh", ["-c", "tail -n +1 -F '\(folder)/log' 2>/dev/null | grep -m 1 'answers on'"],
                environment: ["PATH": "/usr/bin:/bin"]))
        let address = try #require(line.outputText.split(separator: " ").last).filter { !$0.isNewline }
        return RunningApp(library: library, process: process, folder: folder, address: address)
    }

    /// Built beside this test.
    private static func program() throws -> String {
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try #require(findExecutable("library-app", path: String(test.prefix(upTo: test.lastIndex(of: "/") ?? test.endIndex))))
    }

    /// Status and text.
    func get(_ path: String) async throws -> String {
        let answer = try await HTTPClient().send(HTTPRequest("GET", address + path))
        return "\(answer.status) \(answer.text)"
    }

    func log() throws -> String { try String(contentsOfFile: folder + "/log", encoding: .utf8) }

    func stop() async { _ = await process.stop() }
}
