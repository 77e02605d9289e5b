import Bindings
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Programs that only say a version.
private final class ScriptedTools: CommandRunner {
    private let calls = Mutex<[String]>([])
    let root = "/tmp/lifeboat-engines-\(randomHex(8))"
    var asked: [String] { calls.withLock { $0 } }

    /// Makes `ROOT/FOLDER/PROGRAM` for each version.
    init(_ folders: [String: [String]]) throws {
        for (folder, programs) in folders {
            try Files.makeFolders("\(root)/\(folder)/bin")
            for program in programs { try Files.create("\(root)/\(folder)/bin/\(program)", [], mode: 0o755) }
        }
    }

    deinit { _ = try? Files.removeTree(root) }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        calls.withLock { $0.append(command.executable) }
        let parts = command.executable.split(separator: "/")
        let version = parts.dropLast(2).last ?? ""
        return CommandOutcome(
            status: .exited(0), output: Array("\(parts.last ?? "") (PostgreSQL) \(version) (Debian \(version)-0)\n".utf8), errors: "",
            seconds: 0)
    }

    func find(_ executable: String) -> String? { nil }

    func tools(folders: [String] = []) -> PostgresTools {
        PostgresTools(folders: folders.map { "\(root)/\($0)/bin" }, path: "", debianFolder: root, commands: self)
    }
}

@Suite struct PostgresToolsTests {
    private let clients = ["pg_dump", "pg_restore", "psql"]
    private let servers = ["postgres", "initdb"]

    @Test(arguments: [
        ("16.14", 16, 14), ("16", 16, 0), ("17beta1", 17, 0), ("15.20 (Debian 15.20-0+deb12u1)", 15, 20), ("18devel", 18, 0),
    ])
    func aVersionIsReadFromWhatServersAndProgramsSay(text: String, major: Int, minor: Int) {
        #expect(PostgresVersion(text) == PostgresVersion(major: major, minor: minor))
    }

    @Test func whatIsNoVersionIsNone() {
        #expect(PostgresVersion("newest") == nil)
        #expect(PostgresVersion(number: 160014) == PostgresVersion(major: 16, minor: 14))
    }

    @Test func aClientIsNeverOlderThanTheServerAndOtherwiseAsNearAsThereIs() async throws {
        let scripted = try ScriptedTools(["14": clients, "15": clients, "16": clients, "18": clients])
        let tools = scripted.tools()
        #expect(try await tools.client("pg_restore", forServer: 15).version.major == 15)
        #expect(try await tools.client("pg_restore", forServer: 15, reading: 16).version.major == 16)
        #expect(try await tools.client("pg_restore", forServer: 17).version.major == 18)
    }

    @Test func whatTheConfigurationNamesIsFoundBesideDebiansFolders() async throws {
        let scripted = try ScriptedTools(["15": clients, "own/16.14": clients])
        #expect(try await scripted.tools(folders: ["own/16.14"]).client("psql", forServer: 16).path.contains("own/16.14"))
    }

    @Test func eachProgramIsAskedForItsVersionOnce() async throws {
        let scripted = try ScriptedTools(["15": clients, "16": clients])
        let tools = scripted.tools()
        for _ in 0..<3 { _ = try await tools.client("pg_dump", forServer: 15) }
        #expect(scripted.asked.count == 2)
    }

    @Test func aMissingClientIsNamedWithWhatThereIsAndThePackageToInstall() async throws {
        let scripted = try ScriptedTools(["15": clients])
        let failure = await #expect(throws: Failure.self) { try await scripted.tools().client("pg_dump", forServer: 16) }
        #expect(failure?.kind == .toolMissing)
        #expect(
            failure?.problem == "no pg_dump of version 16 or newer was found; there is 15.0 (\(scripted.root)/15/bin/pg_dump)")
        #expect(
            failure?.hint
                == "install the Debian package postgresql-client-16 (apt.postgresql.org has the versions that Debian lacks), "
                + "or name the folder of the programs with `tools:` in the configuration")
    }

    @Test func aServerOfTheSameMajorVersionIsPreferredAndAnOlderOneNeverTaken() async throws {
        let scripted = try ScriptedTools(["14": servers, "15": servers, "16": servers])
        let tools = scripted.tools()
        #expect(try await tools.server(atLeast: 15).version.major == 15)
        #expect(try await tools.server(atLeast: nil).version.major == 16)
        let failure = await #expect(throws: Failure.self) { try await tools.server(atLeast: 17) }
        #expect(failure?.kind == .toolMissing)
        #expect(failure?.problem.hasPrefix("no PostgreSQL server of version 17 or newer was found; there is 16.0 (") == true)
    }

    @Test func theServerThatHasTheExtensionsOfTheBackupIsChosen() async throws {
        let scripted = try ScriptedTools(["15": servers, "16": servers])
        try Files.makeFolders("\(scripted.root)/16/share/postgresql/extension")
        try Files.create("\(scripted.root)/16/share/postgresql/extension/vector.control", [])
        try Files.makeFolders("\(scripted.root)/15/share/postgresql/extension")
        #expect(try await scripted.tools().server(atLeast: 15, extensions: ["vector"]).version.major == 16)

        let failure = await #expect(throws: Failure.self) {
            try await scripted.tools().server(atLeast: 15, extensions: ["vector", "postgis"])
        }
        #expect(
            failure?.problem
                == "no PostgreSQL server here has all extensions of the backup: PostgreSQL 16.0 in \(scripted.root)/16/bin lacks postgis; "
                + "PostgreSQL 15.0 in \(scripted.root)/15/bin lacks vector, postgis")
    }

    @Test func debiansScriptThatChoosesVersionsItselfIsPassedBy() async throws {
        let scripted = try ScriptedTools(["15": clients])
        try Files.makeFolders("\(scripted.root)/usr/bin")
        try FileManager.default.createSymbolicLink(
            atPath: "\(scripted.root)/usr/bin/pg_dump", withDestinationPath: "../share/postgresql-common/pg_wrapper")
        let tools = PostgresTools(folders: [], path: "\(scripted.root)/usr/bin", debianFolder: scripted.root, commands: scripted)
        #expect(try await tools.client("pg_dump", forServer: 15).path == "\(scripted.root)/15/bin/pg_dump")
    }

    @Test(.requires(TestServers.missing), .timeLimit(.minutes(1)))
    func theRealProgramsOfThisMachineAreFound() async throws {
        let tools = TestServers.tools()
        let sixteen = try await tools.server(atLeast: 16, extensions: ["vector", "plpgsql"])
        #expect(sixteen.folder == TestServers.binaries16)
        let older = try await tools.server(atLeast: 15, extensions: ["postgres_fdw"])
        #expect(older.folder == TestServers.binaries15)
    }
}
