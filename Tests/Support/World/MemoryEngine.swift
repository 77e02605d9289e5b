import Bindings
import Documents
import Recovery
import Synchronization

/// A server with databases of numbered rows: enough to lose something, and to prove that it came back.
package final class MemoryServer: Sendable {
    package struct State: Sendable, Equatable {
        package var databases: [String: [Int]] = [:]
        /// Everything that was done to it, in order.
        package var acts: [String] = []
    }

    private let state = Mutex(State())
    /// Throws when the process that acts is dead.
    private let live: @Sendable () throws -> Void

    package init(holding databases: [String: [Int]] = [:], live: @escaping @Sendable () throws -> Void = {}) {
        self.live = live
        state.withLock { $0.databases = databases }
    }

    package var databases: [String: [Int]] { state.withLock { $0.databases } }
    package var acts: [String] { state.withLock { $0.acts } }

    package func act(_ words: String, _ change: (inout [String: [Int]]) -> Void) throws {
        try live()
        state.withLock { state in
            state.acts.append(words)
            change(&state.databases)
        }
    }
}

package struct MemoryTarget: EngineTarget, ReadableTarget {
    package let binding: TargetBinding
    package let server: MemoryServer

    package var reading: any ReadableTarget { self }
    package func identity() async throws -> SourceIdentity {
        SourceIdentity(engine: MemoryEngine.engineName, address: binding.address.text, system: "memory-1", database: nil)
    }
    package func capture(object: String?, into sink: any CaptureSink) async throws -> Captured {
        throw Failure(.unreachable, "memory servers are not captured")
    }
    package func lockOnServer(_ mode: LockMode, as holder: String) async throws {}
    package func close() async {}
}

package struct MemoryEngine: Engine {
    package static let engineName = EngineName("memory")
    package let servers: MemoryProvider

    package init(_ servers: MemoryProvider) { self.servers = servers }

    package var name: EngineName { Self.engineName }
    package var steps: [any Step.Type] { [MemoryDropStep.self, MemoryRestoreStep.self, MemoryVerifyStep.self, MemoryFailStep.self] }
    package func serverRecipe(version: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe { MemoryRecipe() }
    package func target(_ binding: TargetBinding) -> any EngineTarget {
        MemoryTarget(binding: binding, server: servers.server(at: binding.address.port))
    }
    package func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult] { [] }
    package func instructions(for manifest: Manifest) -> String { "copy it back" }
    package func connectionURL(_ address: ServerAddress, database: String?) -> Secret { Secret("memory://\(address.text)") }
    package func address(url: String, target: String) throws -> ServerAddress { ServerAddress(host: url, port: 1, user: nil, password: nil) }
}

private struct MemoryRecipe: ServerRecipe {
    let engine = MemoryEngine.engineName
    func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "memory servers are no processes") }
    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        ServerIdentity(version: "1.0", system: nil, standIn: false)
    }
}

/// Gives each drill servers of its own, which die with the environment.
package final class MemoryProvider: EnvironmentProvider {
    package let kind = "memory"
    package let isolation = "none: it is a test"
    private let state = Mutex<(servers: [Int: MemoryServer], running: Int, started: Int)>(([:], 0, 0))
    private let live: @Sendable () throws -> Void
    private let given: [String: [Int]]
    private let standIn: Bool

    /// - Parameter given: what each server holds when it starts.
    package init(given: [String: [Int]] = [:], standIn: Bool = false, live: @escaping @Sendable () throws -> Void = {}) {
        self.live = live
        self.given = given
        self.standIn = standIn
    }

    package var running: Int { state.withLock { $0.running } }
    package var started: Int { state.withLock { $0.started } }
    /// The server that was started last.
    package var last: MemoryServer? { state.withLock { $0.servers[$0.started] } }

    package func server(at port: Int) -> MemoryServer { state.withLock { $0.servers[port] } ?? MemoryServer() }

    package func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment {
        try live()
        var servers: [String: StartedServer] = [:]
        for (name, recipe) in request.servers {
            let port = state.withLock { state in
                state.started += 1
                state.running += 1
                state.servers[state.started] = MemoryServer(holding: given, live: live)
                return state.started
            }
            servers[name] = StartedServer(
                engine: recipe.engine, address: ServerAddress(host: "memory", port: port, user: nil, password: Secret("hunter2-memory")),
                identity: ServerIdentity(version: "1.0", system: nil, standIn: standIn))
        }
        return MemoryEnvironment(servers: servers, provider: self)
    }

    package func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] { [] }
    package func remove(_ leftover: Leftover) async throws {}

    fileprivate func stopped(_ count: Int) throws {
        try live()
        state.withLock { $0.running -= count }
    }

    /// Servers die with the process that started them.
    package func died() { state.withLock { $0.running = 0 } }
}

private struct MemoryEnvironment: RunningEnvironment {
    let servers: [String: StartedServer]
    let provider: MemoryProvider
    func app(_ name: String) -> (any AppControl)? { nil }
    func log(of service: String) async -> String { "" }
    func stop() async throws { try provider.stopped(servers.count) }
}

struct MemoryDropStep: Step {
    static let kind = "memory.drop"
    static let summary = "Drop a database of the memory server."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, "which"),
        Field.maybe("refill", as: String.self, literal: true, "role of the backup that fills it again, or none"))
    let database: String
    let refillRole: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (database, refillRole) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName), backups: refillRole.map { $0 == "none" ? [] : [$0] } ?? []) }
    var rerun: Rerun { .safe }
    var refill: RefillDeclaration? { refillRole.map { $0 == "none" ? .none : .role($0) } }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: MemoryTarget.self)
        let rows = target.server.databases[database]
        return [
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: "database", name: database),
                rows.map { .known(count: Int64($0.count), unit: "rows", bytes: nil) } ?? .absent,
                refill: refillRole.flatMap { $0 == "none" ? nil : .init(backupRole: $0, nameInBackup: database) })
        ]
    }

    func run(in context: StepContext) async throws -> StepResult {
        let server = try context.target(as: MemoryTarget.self).server
        let existed = server.databases[database] != nil
        try server.act("drop \(database)") { $0[database] = nil }
        return StepResult(exercised: existed)
    }
}

/// Restores rows one by one, so that it can be cut off in the middle.
struct MemoryRestoreStep: Step {
    static let kind = "memory.restore"
    static let summary = "Restore a database of the memory server."
    static let phase = Phase.restore
    static let fields = Fields(
        Field.required("database", as: String.self, "which"),
        Field.required("from", as: Name.self, literal: true, "role of the backup"))
    let database: String
    let from: Name

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (database, from) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName), backups: [from.text]) }
    var rerun: Rerun { .afterUndo }
    var fills: String? { from.text }

    func run(in context: StepContext) async throws -> StepResult {
        let server = try context.target(as: MemoryTarget.self).server
        guard server.databases[database] == nil else { throw Failure(.engine, "database \(database) is not empty") }
        let backup = try context.backup(from.text)
        let rows = try await backup.store.bytes(of: "\(backup.manifest.id)/rows").map(Int.init)
        try await context.remember("found-empty", .flag(true))
        try server.act("create \(database)") { $0[database] = [] }
        for row in rows { try server.act("insert \(row)") { $0[database]?.append(row) } }
        return StepResult(facts: ["rows": .integer(Int64(rows.count))])
    }

    func undo(in context: StepContext) async throws {
        try context.target(as: MemoryTarget.self).server.act("undo \(database)") { $0[database] = nil }
    }
}

struct MemoryVerifyStep: Step {
    static let kind = "memory.verify"
    static let summary = "Count the rows of a database of the memory server."
    static let phase = Phase.verify
    static let fields = Fields(
        Field.required("database", as: String.self, "which"), Field.required("rows", as: Int.self, "how many there have to be"))
    let database: String
    let rows: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (database, rows) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let found = try context.target(as: MemoryTarget.self).server.databases[database]?.count ?? 0
        return StepResult(checks: [CheckResult("database \(database)", "rows", expected: rows, actual: found)])
    }
}

/// Fails as told: `memory.fail: unreachable`.
struct MemoryFailStep: Step {
    static let kind = "memory.fail"
    static let summary = "Fail."
    static let phase = Phase.other
    static let fields = Fields(
        shorthand: "kind", Field.required("kind", as: String.self, "kind of the failure, or `hang`"))
    let failure: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { failure = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        try context.target(as: MemoryTarget.self).server.act("fail \(failure)") { _ in }
        if failure == "hang" {
            // Ends by cancellation only.
            while true {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
        throw Failure(Failure.Kind(rawValue: failure) ?? .engine, "failed as told, the password was hunter2-memory", hint: "this is a test")
    }
}
