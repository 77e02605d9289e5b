import Bindings
import Engines
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// PostgreSQL servers of the recipe under test: one of each version for all tests, gone when the tests are.
enum TestServers {
    /// The newer one, with pgvector.
    static let binaries16 = folder("LIFEBOAT_POSTGRES_BIN")
    /// Debian's, with the contrib extensions.
    static let binaries15 = folder("LIFEBOAT_POSTGRES_TLS_BIN") ?? debian

    static let missing16 = binaries16 == nil ? "PostgreSQL with pgvector; LIFEBOAT_POSTGRES_BIN names its folder" : nil
    static let missing15 = binaries15 == nil ? "Debian's PostgreSQL (package postgresql)" : nil
    static let missing = missing16 ?? missing15

    static func server16() async throws -> DisposableServer { try await Shared.newer.server(in: try #require(binaries16)) }
    static func server15() async throws -> DisposableServer { try await Shared.older.server(in: try #require(binaries15)) }

    /// A server of one's own; it ends when the second value is let go.
    /// - Parameter libraries: what it preloads, which no disposable server does.
    static func own(_ binaries: String, preloading libraries: String = "") async throws -> (DisposableServer, RunningTestServer) {
        let provider = TestProvider(binaries: binaries, preloading: libraries)
        let server = try await provider.disposable()
        return (server, try #require(await provider.running))
    }

    static func tools() -> PostgresTools {
        PostgresTools(folders: [binaries16, binaries15].compactMap { $0 }, path: "", debianFolder: "/nowhere", commands: TestCommands())
    }

    static func engine() -> PostgresEngine {
        PostgresEngine(
            EngineParts(
                commands: TestCommands(), time: RealTime(), toolFolders: [binaries16, binaries15].compactMap { $0 }, path: "",
                sessionName: "tests-\(getpidText)"))
    }

    private static let getpidText = "\(ProcessInfo.processInfo.processIdentifier)"

    private static func folder(_ variable: String) -> String? {
        let value = ProcessInfo.processInfo.environment[variable] ?? ""
        return value.isEmpty ? nil : value
    }

    private static var debian: String? {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap { Int($0) }.max().map { "/usr/lib/postgresql/\($0)/bin" }
    }

    private actor Shared {
        static let newer = Shared()
        static let older = Shared()
        private var starting: Task<DisposableServer, any Error>?
        private var provider: TestProvider?

        func server(in binaries: String) async throws -> DisposableServer {
            if let starting { return try await starting.value }
            let provider = TestProvider(binaries: binaries)
            self.provider = provider
            let task = Task { try await provider.disposable() }
            starting = task
            return try await task.value
        }
    }
}

/// Starts one server by its recipe and keeps it as long as somebody holds `running`.
actor TestProvider: EnvironmentProvider {
    nonisolated let kind = "test"
    nonisolated let isolation = "none"
    private let binaries: String
    private let libraries: String
    private(set) var running: RunningTestServer?

    init(binaries: String, preloading libraries: String = "") {
        self.binaries = binaries
        self.libraries = libraries
    }

    func disposable() async throws -> DisposableServer {
        let commands = TestCommands()
        let version = try #require(
            PostgresVersion(
                String(
                    decoding: try await commands.run(CommandSpec("\(binaries)/postgres", ["--version"])).output.dropFirst(22), as: UTF8.self
                )))
        let recipe = PostgresServerRecipe(PostgresInstallation(folder: binaries, version: version))
        let request = EnvironmentRequest(
            run: RunID(rawValue: "test"), generation: 1, expires: Timestamp(millisecondsSince1970: 0), servers: [("db", recipe)], apps: [],
            connectionURL: { _, _, _ in Secret("") })
        return try await withEnvironment(request, whenLeaving: { _ in }, use: { servers in try #require(servers.servers["db"]) })
    }

    nonisolated func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {}

    func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment {
        let recipe = try #require(request.servers.first?.recipe)
        let server = try await RunningTestServer.start(libraries.isEmpty ? recipe : PreloadingRecipe(recipe: recipe, libraries: libraries))
        running = server
        return server
    }

    nonisolated func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] { [] }
    nonisolated func remove(_ leftover: Leftover) async throws {}
}

/// A recipe whose server preloads libraries, as servers of companies do.
private struct PreloadingRecipe: ServerRecipe {
    let recipe: any ServerRecipe
    let libraries: String

    var engine: EngineName { recipe.engine }

    func processPlan(in place: ProcessPlace) async throws -> ProcessPlan {
        var plan = try await recipe.processPlan(in: place)
        plan.files = plan.files.map { file in
            let text = file.content.reveal { $0 }
            let line = "shared_preload_libraries = '"
            return (file.path, Secret(text.replacing("\n\(line)", with: "\n\(line)\(libraries)")))
        }
        return plan
    }

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        try await recipe.waitUntilReady(address, within: limit, time)
    }
}

final class RunningTestServer: RunningEnvironment {
    let servers: [String: StartedServer]
    let process: GuardedProcess
    let log: String

    private init(_ server: StartedServer, _ process: GuardedProcess, log: String) {
        servers = ["db": server]
        self.process = process
        self.log = log
    }

    static func start(_ recipe: any ServerRecipe) async throws -> RunningTestServer {
        let isRoot = UserAccount.current.uid == 0
        let account = isRoot ? UserAccount.named("postgres") : nil
        let folder = "/tmp/lifeboat-engines-\(randomHex(8))"
        try await blocking { _ in
            try Files.makeFolder(folder)
            if let account { try Files.changeOwner(of: folder, to: account) }
        }
        var failure: (any Error)?
        // The port may be taken.
        for _ in 0..<5 {
            let port = Int.random(in: 20_000...32_000)
            let plan = try await recipe.processPlan(
                in: ProcessPlace(folder: folder, port: port, password: Secret(randomHex(16)), account: account?.name))
            do { return try await start(plan, recipe, in: folder, account) } catch { failure = error }
            _ = try await blocking { _ in try Files.list(folder).map { try Files.removeTree("\(folder)/\($0.name)") } }
        }
        throw failure ?? Failure(.bug, "no server was started")
    }

    private static func start(
        _ plan: ProcessPlan, _ recipe: any ServerRecipe, in folder: String, _ account: UserAccount?
    ) async throws -> RunningTestServer {
        try await blocking { _ in
            for file in plan.files {
                try Files.create(file.path, file.content.reveal { Array($0.utf8) })
                if let account { try Files.changeOwner(of: file.path, to: account) }
            }
        }
        for command in plan.preparation {
            let outcome = try await TestCommands().run(command)
            guard outcome.succeeded else { throw Failure(.environmentUnavailable, "initdb: \(outcome.errors)") }
        }
        let log = "\(folder)/log"
        let process = try await GuardedProcess.start(
            TestCommands.command(plan.server), log: log, stopSignal: plan.stopSignal, grace: plan.grace, removing: [folder])
        let identity = try await recipe.waitUntilReady(plan.address, within: .seconds(30), RealTime())
        return RunningTestServer(StartedServer(engine: recipe.engine, address: plan.address, identity: identity), process, log: log)
    }

    func app(_ name: String) -> (any AppControl)? { nil }
    func log(of service: String) async -> String { await blocking { [log] _ in (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" } }
    /// The tests outlive the environment's block.
    func stop() async throws {}
}

/// Runs programs with nothing of the tests' own environment.
struct TestCommands: CommandRunner {
    static func command(_ spec: CommandSpec) -> Command {
        let account = UserAccount.current.uid == 0 ? spec.account.flatMap { UserAccount.named($0) } : nil
        return Command(
            spec.executable, spec.arguments, environment: ["PATH": "/usr/bin:/bin"].merging(spec.environment) { $1 },
            workingFolder: spec.folder ?? "/", runAs: account)
    }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        do {
            let result = try await Bindings.run(Self.command(command), onStandardErrorLine: onErrorLine)
            let status: CommandOutcome.Status =
                switch result.status {
                case .exited(let code): .exited(code)
                case .signalled(let signal): .signalled(signal)
                }
            return CommandOutcome(status: status, output: result.output, errors: result.errorTail, seconds: 0)
        } catch let error as ProcessError {
            throw Failure(.toolMissing, error.description)
        }
    }

    func find(_ executable: String) -> String? { findExecutable(executable, path: "/usr/bin:/bin") }
}

/// A folder that is gone when nobody holds it any longer.
final class TestFolder: Sendable {
    let path = "/tmp/lifeboat-engines-\(randomHex(8))"

    init() throws { try Files.makeFolder(path) }
    deinit { _ = try? Files.removeTree(path) }
}
