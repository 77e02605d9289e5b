import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

/// A server with databases of numbered rows: enough to lose something, and to prove that it came back.
package final class MemoryServer: Sendable {
    private struct State {
        var databases: [String: [Int]] = [:]
        /// A number that no other database ever had, by name.
        var numbers: [String: Int] = [:]
        var lastNumber = 0
        var acts: [String] = []
        var isDown = false
        var system: String?
        var lockedBy: String?
        var hooks: [String: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())
    /// Throws when the process that acts is dead.
    private let live: @Sendable () throws -> Void
    private let faults: Faults

    package init(
        holding databases: [String: [Int]] = [:], system: String? = "memory-1", faults: Faults = Faults(),
        live: @escaping @Sendable () throws -> Void = {}
    ) {
        self.live = live
        self.faults = faults
        state.withLock { state in
            state.system = system
            Self.change(&state) { $0 = databases }
        }
    }

    package var databases: [String: [Int]] { state.withLock { $0.databases } }
    /// Everything that was done to it, in order.
    package var acts: [String] { state.withLock { $0.acts } }

    package func act(_ words: String, _ change: (inout [String: [Int]]) -> Void) throws {
        try live()
        try isUp()
        let hook = try faults.call(.server, words, changes: true) {
            state.withLock { state in
                state.acts.append(words)
                Self.change(&state, change)
                return state.hooks.removeValue(forKey: words)
            }
        }
        hook?()
    }

    /// Something happens right after the next act of these words.
    package func after(_ words: String, _ hook: @escaping @Sendable () -> Void) { state.withLock { $0.hooks[words] = hook } }

    private static func change(_ state: inout State, _ change: (inout [String: [Int]]) -> Void) {
        let before = Set(state.databases.keys)
        change(&state.databases)
        for name in state.databases.keys where !before.contains(name) {
            state.lastNumber += 1
            state.numbers[name] = state.lastNumber
        }
        for name in before where state.databases[name] == nil { state.numbers[name] = nil }
    }

    private func isUp() throws {
        guard state.withLock({ $0.isDown }) else { return }
        throw Failure(.unreachable, "nobody answers, the password was hunter2-memory")
    }

    /// One question to the server.
    private func ask<Answer>(_ words: String, _ answer: (inout State) throws -> Answer) throws -> Answer {
        try isUp()
        return try faults.call(.server, words) { try state.withLock { try answer(&$0) } }
    }

    fileprivate func rows(of database: String) throws -> [Int]? { try ask("rows of \(database)") { $0.databases[database] } }
    fileprivate func number(of database: String) throws -> Int? { try ask("number of \(database)") { $0.numbers[database] } }
    fileprivate func system() throws -> String? { try ask("who are you") { $0.system } }

    fileprivate func lock(for holder: String) throws {
        let other = try ask("lock") { state -> String? in
            if let other = state.lockedBy { return other }
            state.lockedBy = holder
            return nil
        }
        if let other { throw Failure(.lockHeld, "the server is in use: held by \(other)") }
    }

    fileprivate func unlock() { state.withLock { $0.lockedBy = nil } }
    package var isLocked: Bool { state.withLock { $0.lockedBy != nil } }

    // MARK: What happens to it behind lifeboat's back

    package func goesDown(_ isDown: Bool = true) { state.withLock { $0.isDown = isDown } }
    package func isReplaced(by system: String?) { state.withLock { $0.system = system } }
    package func somebody(_ change: (inout [String: [Int]]) -> Void) { state.withLock { Self.change(&$0, change) } }
}

/// The servers that a configuration can name, by host.
package final class MemoryMachines: Sendable {
    private let servers: Mutex<[String: MemoryServer]>

    package init() { servers = Mutex([:]) }

    package subscript(host: String) -> MemoryServer? {
        get { servers.withLock { $0[host] } }
        set { servers.withLock { $0[host] = newValue } }
    }
}

/// A memory server as plans see it: there is nothing here to write with.
package struct ReadableMemory: ReadableTarget {
    package let binding: TargetBinding
    private let server: MemoryServer

    fileprivate init(binding: TargetBinding, server: MemoryServer) {
        self.binding = binding
        self.server = server
    }

    func rows(of database: String) throws -> [Int]? { try server.rows(of: database) }
    func number(of database: String) throws -> Int? { try server.number(of: database) }
}

package struct MemoryTarget: EngineTarget {
    package let binding: TargetBinding
    package let server: MemoryServer
    private let holdsLock = LockFlag()

    package init(binding: TargetBinding, server: MemoryServer) {
        self.binding = binding
        self.server = server
    }

    package var reading: any ReadableTarget { ReadableMemory(binding: binding, server: server) }

    package func identity() async throws -> SourceIdentity {
        SourceIdentity(engine: MemoryEngine.engineName, address: binding.address.text, system: try server.system(), database: nil)
    }

    package func capture(object: String?, _ options: CaptureOptions, into sink: any CaptureSink) async throws -> Captured {
        let system = try server.system()
        guard let object, let rows = try server.rows(of: object) else { throw Failure(.notFound, "there is no database '\(object ?? "")'") }
        let file = "\(sink.workFolder)/rows"
        try await blocking { _ in try Data(rows.map(UInt8.init)).write(to: URL(filePath: file)) }
        try await sink.adopt(file: file, as: "rows")
        try await sink.record([InventoryItem(kind: "database", name: object, count: Int64(rows.count))])
        return Captured(
            engineVersion: "1.0", standIn: false,
            source: SourceIdentity(engine: MemoryEngine.engineName, address: binding.address.text, system: system, database: object),
            recoveryPoint: Timestamp(millisecondsSince1970: 1_795_000_000_000), totals: ["rows": Int64(rows.count)], problems: [])
    }

    package func lockOnServer(_ mode: LockMode, as holder: String) async throws {
        try server.lock(for: holder)
        holdsLock.isSet = true
    }

    package func close() async {
        if holdsLock.isSet { server.unlock() }
        holdsLock.isSet = false
    }
}

private final class LockFlag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

package struct MemoryEngine: Engine {
    package static let engineName = EngineName("memory")
    package let servers: MemoryProvider
    package let machines: MemoryMachines

    package init(_ servers: MemoryProvider, _ machines: MemoryMachines = MemoryMachines()) {
        self.servers = servers
        self.machines = machines
    }

    package var name: EngineName { Self.engineName }
    package var steps: [any Step.Type] {
        [MemoryDropStep.self, MemoryRestoreStep.self, MemoryVerifyStep.self, MemoryFailStep.self, MemoryFlakyStep.self]
    }
    package func serverRecipe(version: String?, holding backups: [BackupInHand]) async throws -> any ServerRecipe { MemoryRecipe() }
    package func target(_ binding: TargetBinding) -> any EngineTarget {
        switch binding {
        case .disposable: MemoryTarget(binding: binding, server: servers.server(at: binding.address.port))
        case .configured: MemoryTarget(binding: binding, server: machines[binding.address.host] ?? MemoryServer())
        }
    }
    package func examine(_ backup: BackupInHand, scratch: String) async throws -> [CheckResult] { [] }
    package func instructions(for manifest: Manifest) -> String { "copy it back" }
    package func connectionURL(_ address: ServerAddress, database: String?) -> Secret { Secret("memory://\(address.text)") }
    package func address(url: String, target: String) throws -> ServerAddress {
        guard url.hasPrefix("memory://") else {
            throw Failure(.configuration, "target '\(target)': '\(url)' is not the address of a memory server")
        }
        return ServerAddress(host: String(url.dropFirst("memory://".count)), port: 1, user: nil, password: nil)
    }
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
    fileprivate let faults: Faults

    /// - Parameter given: what each server holds when it starts.
    package init(
        given: [String: [Int]] = [:], standIn: Bool = false, faults: Faults = Faults(), live: @escaping @Sendable () throws -> Void = {}
    ) {
        self.faults = faults
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
        try faults.call(.environment, "start") {}
        var servers: [String: StartedServer] = [:]
        for (name, recipe) in request.servers {
            let port = state.withLock { state in
                state.started += 1
                state.running += 1
                state.servers[state.started] = MemoryServer(holding: given, faults: faults, live: live)
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
        try faults.call(.environment, "stop", changes: true) { state.withLock { $0.running -= count } }
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
        let target = try reading.target(as: ReadableMemory.self)
        let amount: Effect.Amount
        do {
            let rows = try target.rows(of: database)
            amount = rows.map { .known(count: Int64($0.count), unit: "rows", bytes: nil) } ?? .absent
        } catch {
            amount = .unknown(because: "unreachable: \(Failure.wrapping(error, while: "reading").problem)")
        }
        return [
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: "database", name: database), amount,
                refill: refillRole.flatMap { $0 == "none" ? nil : .init(backupRole: $0, nameInBackup: database) })
        ]
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard let number = try reading.target(as: ReadableMemory.self).number(of: database) else { return .done }
        return reading.remembered["number"]?.text == "\(number)" ? .notDone : .unknown
    }

    func run(in context: StepContext) async throws -> StepResult {
        let server = try context.target(as: MemoryTarget.self).server
        let existed = try server.rows(of: database) != nil
        if existed { try context.mustHaveAgreed(toDestroy: "database", database) }
        if let number = try server.number(of: database) { try await context.remember("number", .integer(Int64(number))) }
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

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableMemory.self)
        let rows = reading.backups[from.text]?.manifest.totals["rows"]
        return [
            Effect(
                .create, ObjectName(target: target.binding.name, kind: "database", name: database),
                .known(count: rows, unit: "rows", bytes: nil))
        ]
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard let number = try reading.target(as: ReadableMemory.self).number(of: database) else { return .notDone }
        return reading.remembered["done"]?.text == "\(number)" ? .done : .partial("database \(database) is not the one that was restored")
    }

    func run(in context: StepContext) async throws -> StepResult {
        let server = try context.target(as: MemoryTarget.self).server
        guard try server.rows(of: database) == nil else { throw Failure(.engine, "database \(database) is not empty") }
        let backup = try context.backup(from.text)
        let rows = try await backup.store.bytes(of: "\(backup.manifest.id)/rows").map(Int.init)
        try await context.remember("found-empty", .flag(true))
        try server.act("create \(database)") { $0[database] = [] }
        for row in rows {
            try server.act("insert \(row)") { $0[database]?.append(row) }
            try Task.checkCancellation()
        }
        try await context.remember("rows", .integer(Int64(rows.count)))
        if let number = try server.number(of: database) { try await context.remember("done", .integer(Int64(number))) }
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
        let found = try context.target(as: MemoryTarget.self).server.rows(of: database)?.count ?? 0
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

/// Loses its server in the middle, once. Another attempt has to find taken back what the first one did, and what it wrote down.
struct MemoryFlakyStep: Step {
    static let kind = "memory.flaky"
    static let summary = "Lose the server in the middle of the first attempt."
    static let phase = Phase.other
    static let fields = Fields(Field.required("database", as: String.self, "which"))
    let database: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { database = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName)) }
    var rerun: Rerun { .afterUndo }

    func run(in context: StepContext) async throws -> StepResult {
        let server = try context.target(as: MemoryTarget.self).server
        guard context.remembered["began"] == nil else {
            return StepResult(checks: [
                CheckResult("database \(database)", "rows", expected: nil, actual: server.databases[database]?.count)
            ])
        }
        try await context.remember("began", .flag(true))
        try server.act("half of \(database)") { $0[database] = [1] }
        throw Failure(.unreachable, "the server went away")
    }

    func undo(in context: StepContext) async throws {
        try context.target(as: MemoryTarget.self).server.act("undo \(database)") { $0[database] = nil }
    }
}
