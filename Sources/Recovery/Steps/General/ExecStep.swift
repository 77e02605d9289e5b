internal import Bindings
internal import Documents

/// Runs a command of the operator's.
struct ExecStep: Step {
    static let kind = "exec"
    static let summary = "Run a command: an argument list, never a shell line."
    static let phase = Phase.other
    static let fields = Fields(
        shorthand: "command",
        Field.required("command", as: [String].self, "program and arguments"),
        Field.optional(
            "in_drills", as: InDrills.self, default: .refuse, literal: true,
            "what a drill does with it: `run`, `skip`, or `refuse` to start"),
        Field.optional("expect_status", as: Int.self, default: 0, "the exit status that means success"),
        Field.maybe(
            "destroys", as: [String].self, "objects it destroys, as `target/object`; without it, it counts as destructive on production"),
        Field.maybe(
            "refill", as: Name.self, literal: true,
            "role of the backup that fills again what is destroyed; without it, a run wants --accept-unproven for each object"),
        Field.optional("rerun", as: Repeatable.self, default: .never, "`safe` when running it twice does no harm"))

    enum InDrills: String, Choice { case run, skip, refuse }
    enum Repeatable: String, Choice { case never, safe }

    let command: [String]
    let inDrills: InDrills
    let expectedStatus: Int
    let destroys: [String]?
    let refillRole: String?
    let repeatable: Repeatable

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        let refill: Name?
        (command, inDrills, expectedStatus, destroys, refill, repeatable) = try Self.fields.read(node, reading)
        refillRole = refill?.text
        try Self.refuse(refill, of: destroys, at: node)
        guard !command.isEmpty else { throw InvalidDocument("the command is empty", hint: "write [program, argument, …]", at: node) }
    }

    var uses: StepUses { StepUses(backups: [refillRole].compactMap(\.self), isOpaque: destroys == nil) }
    var refill: RefillDeclaration? { refillRole.map { .role($0) } }
    var rerun: Rerun { repeatable == .safe ? .safe : .never }

    var obstacleToDrills: Mistake? {
        guard inDrills == .refuse else { return nil }
        return Mistake(
            "may reach servers that are not the drill's", hint: "say `in_drills: skip`, or `in_drills: run` if it is harmless")
    }

    func effects(reading: StepReading) async throws -> [Effect] {
        // In a drill it runs only where the runbook says that it is harmless there.
        guard !reading.isDrill else { return [] }
        return (destroys ?? []).map { object in
            let slash = object.firstIndex(of: "/")
            let name = slash.map { String(object[object.index(after: $0)...]) } ?? object
            return Effect(
                .destroy, ObjectName(target: slash.map { String(object[..<$0]) } ?? "", kind: ObjectName.anyKind, name: name),
                .unknown(because: "the runbook says that its command destroys it"),
                refill: refillRole.map { Effect.Refill(backupRole: $0, nameInBackup: name) })
        }
    }

    func lacks(reading: StepReading, commands: any CommandRunner) async throws -> [Lack] {
        // One before it may install it.
        commands.find(command[0]) == nil ? [.remark("the program \(command[0]) is not installed here")] : []
    }

    func run(in context: StepContext) async throws -> StepResult {
        if context.isDrill {
            switch inDrills {
            case .run: break
            case .skip: throw Skipped(because: "the runbook says in_drills: skip")
            case .refuse: throw Failure(.bug, "the command \(command[0]), which no drill may run, passed lint")
            }
        }
        let outcome = try await context.services.commands.run(CommandSpec(command[0], Array(command.dropFirst())))
        let output = String(decoding: outcome.output.prefix(2000), as: UTF8.self)
        guard outcome.status == .exited(Int32(clamping: expectedStatus)) else {
            let said = outcome.errors.isEmpty ? output : outcome.errors
            throw Failure(
                .application, "\(command[0]) \(outcome.words), expected status \(expectedStatus)",
                hint: said.isEmpty ? "it printed nothing" : "it said: \(said.suffix(500))")
        }
        return StepResult(facts: ["output": .text(output)], notes: output.isEmpty ? [] : [String(output.prefix(200))])
    }
}
