import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

/// The environments that the contract is held against, with a way to see what they leave behind.
enum EnvironmentUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case process
    case docker

    /// Those of this machine. That Docker is among them is asked for by a test of its own, which is skipped and says why where it is not.
    static var allCases: [EnvironmentUnderTest] { TestDocker.missing == nil ? [.process, .docker] : [.process] }

    var testDescription: String { rawValue }

    struct Place: Sendable {
        let provider: any EnvironmentProvider
        /// The end of the names of its runs.
        var run = "1"
        fileprivate let look: @Sendable () async throws -> [String]

        /// What there is of servers and applications: processes, folders. Empty when nothing is left.
        func traces() async throws -> [String] { try await look() }

        /// Whether something of that server or application is there by now.
        func hasTrace(of service: String) async throws -> Bool {
            try await look().contains { $0.hasPrefix("\(service)-") && $0.hasSuffix(".log") || $0.contains("-\(service)-") }
        }

        func request(
            _ servers: [(String, FakeServer)], apps: [(String, AppRecipe)] = [], run: String = "20261120T020000Z-test"
        ) -> EnvironmentRequest {
            EnvironmentUnderTest.request(servers, apps: apps, run: "\(run)-\(self.run)")
        }

        func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
            let left = try await look()
            #expect(left == [], sourceLocation: sourceLocation)
        }
    }

    /// Of Docker, with what came of it.
    func withPlaceReturning<Result>(_ use: (Place) async throws -> Result) async throws -> Result {
        var result: Result?
        try await withPlace { result = try await use($0) }
        guard let result else { throw Failure(.bug, "nothing came of it") }
        return result
    }

    func withPlace(
        readyWithin: Duration = .seconds(90), owner: Owner = .us, state: String = "", _ use: (Place) async throws -> Void
    ) async throws {
        switch self {
        case .process:
            try await withTemporaryFolder { folder in
                try await blocking { _ in try Files.changeMode(of: folder, to: 0o755) }
                try await use(Self.processes(in: folder + "/work", readyWithin, owner))
            }
        case .docker:
            try await withTemporaryFolder { folder in
                try await blocking { _ in try Files.changeMode(of: folder, to: 0o755) }
                try await use(Self.containers(in: folder + "/work", readyWithin, owner, state: state))
            }
        }
    }

    static func provider(
        _ settings: DockerEnvironment.Settings, _ processes: ProcessEnvironment.Settings = .standard(temporary: "/tmp"),
        _ owner: Owner = .us, time: any TimeSource = RealTime()
    ) -> DockerEnvironment {
        DockerEnvironment(
            settings, owner: owner, processes: processes, child: ChildEnvironment(from: ["PATH": "/usr/bin:/bin"]), web: WebCalls(),
            digests: TestDigests(), time: time, commands: ChildCommands(environment: ChildEnvironment(from: ThisProcess.environment)),
            say: { _ in })
    }

    static func containers(in work: String, _ readyWithin: Duration = .seconds(30), _ owner: Owner = .us, state: String = "")
        -> Place
    {
        ThisProcess.ignoreBrokenPipes()
        var processes = ProcessEnvironment.Settings.standard(temporary: "/tmp")
        processes.workFolder = work
        // What other tests start at the same time is not ours to look at.
        let test = randomHex(8)
        let provider = Self.provider(
            DockerEnvironment.Settings(environment: ThisProcess.environment, pull: .never, readyWithin: readyWithin, state: state),
            processes, owner)
        return Place(provider: provider, run: test) {
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let things = try await engine.things(labelled: "\(DockerLabels.prefix)run").filter {
                ($0.labels["io.lifeboat.run"] ?? "").hasSuffix(test)
            }
            return try await traces(of: work) + things.map { "\($0.kind) \($0.name)" }
        }
    }

    static func processes(in work: String, _ readyWithin: Duration = .seconds(30), _ owner: Owner = .us) -> Place {
        // As our own main does: who is told to stop may be gone already.
        ThisProcess.ignoreBrokenPipes()
        var settings = ProcessEnvironment.Settings.standard(temporary: "/tmp")
        settings.workFolder = work
        settings.readyWithin = readyWithin
        let provider = ProcessEnvironment(
            settings, owner: owner, environment: ChildEnvironment(from: ["PATH": "/usr/bin:/bin"]), web: WebCalls(), digests: TestDigests(),
            time: RealTime())
        return Place(provider: provider) { try await traces(of: work) }
    }

    /// Files in the folder, and processes that name it or work in it.
    static func traces(of work: String) async throws -> [String] {
        try await blocking { _ in
            let files = try Files.status(of: work) == nil ? [] : try Files.list(work).map(\.name)
            let processes = try Files.list("/proc").filter { $0.name.allSatisfy(\.isNumber) }.compactMap { entry -> String? in
                let words = String(decoding: (try? Files.read("/proc/\(entry.name)/cmdline", limit: 1 << 20)) ?? [], as: UTF8.self)
                let isGuardian = words.isEmpty
                return words.contains(work) && !isGuardian && entry.name != "\(ThisProcess.pid)" ? "process \(entry.name)" : nil
            }
            return files + processes
        }
    }

    static func request(
        _ servers: [(String, FakeServer)], apps: [(String, AppRecipe)] = [], run: String = "20261120T020000Z-test-1"
    ) -> EnvironmentRequest {
        EnvironmentRequest(
            run: RunID(rawValue: run), generation: 1, expires: Timestamp(millisecondsSince1970: 1_800_000_000_000),
            servers: servers.map { (name: $0.0, recipe: $0.1) }, apps: apps.map { (name: $0.0, recipe: $0.1) },
            connectionURL: { engine, address, _ in Secret("\(engine)://\(address.text)/\(address.password?.reveal { $0 } ?? "")") })
    }
}

struct TestDigests: Digesting {
    func sha256(_ bytes: [UInt8]) -> String { bytes.map { String($0, radix: 16) }.joined() }
    func makeDigest() -> any RunningDigest { Nothing() }
    func randomBytes(_ count: Int) -> [UInt8] { Bindings.randomBytes(count) }

    private struct Nothing: RunningDigest {
        func update(_ bytes: [UInt8]) {}
        func finish() -> String { "" }
    }
}
