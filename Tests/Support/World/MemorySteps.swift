import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization

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

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        try reading.target(as: ReadableMemory.self).lack().map { [.fatal($0)] } ?? []
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
        Field.required("database", as: String.self, "which"), Field.required("rows", as: Int.self, "how many there have to be"),
        Field.maybe("against", as: String.self, literal: true, "role of the backup that they come from"))
    let database: String
    let rows: Int
    let against: String?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (database, rows, against) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName), backups: [against].compactMap(\.self)) }
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

/// Waits until steps of other runs have come as far.
struct MemoryMeetStep: Step {
    static let kind = "memory.meet"
    static let summary = "Wait for steps of other runs."
    static let phase = Phase.other
    static let fields = Fields(
        Field.required("at", as: String.self, "a name for where they meet"), Field.required("count", as: Int.self, "how many meet"))
    let place: String
    let count: Int

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (place, count) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(target: .one(MemoryEngine.engineName)) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        context.services.say("waiting at \(place)")
        try await context.target(as: MemoryTarget.self).server.meet(context.path, at: place, count)
        return StepResult()
    }
}
