/// Asks before something on a target that is guarded as production is destroyed: its name, typed at the terminal, or given with `--confirm`.
///
/// Agreement is to what was shown. Within one life of a run it covers the objects that were named then; after an interruption only exactly
/// what was agreed to, object by object and count by count: anything else is asked about again. On a target that is known to be neither
/// production nor the backup's own source, nobody is asked; a name given with `--confirm` all the same does no harm.
actor TargetConfirmations: Confirmations {
    private let run: RunID
    private let targets: HeldTargets
    private let people: any People
    /// Names given with `--confirm`.
    private let given: Set<String>
    private let agreedBefore: [String: [Effect]]
    private var agreedNow: [String: Set<ObjectName>] = [:]
    private var journal: Journal?
    private var unwritten: [Confirmed] = []

    init(run: RunID, targets: HeldTargets, people: any People, given: Set<String>, history: RunHistory?) {
        self.run = run
        self.targets = targets
        self.people = people
        self.given = given
        var before: [String: [Effect]] = [:]
        for confirmation in history?.confirmed ?? [] { before[confirmation.target, default: []] += confirmation.effects }
        // What a step began with, the guard had let through.
        for effect in (history?.begun ?? [:]).values.joined().flatMap(\.effects) {
            before[effect.object.target, default: []].append(effect)
        }
        agreedBefore = before
    }

    func write(to journal: Journal) async throws {
        self.journal = journal
        for confirmation in unwritten { try await journal.record(.confirmed(confirmation)) }
        unwritten = []
    }

    func meet(_ target: TargetBinding) async throws { try await targets.meet(target.name) }

    func isAnother(_ target: TargetBinding) async -> Bool { await targets.isAnother(target.name) }

    func confirm(_ effects: [Effect], on target: TargetBinding) async throws -> [String] {
        let name = target.name
        let isAnother = await targets.isAnother(name)
        let changed = isAnother ? "it may not be the server that it was before the interruption" : nil
        guard let because = await targets.guardedBecause(name) ?? changed else { return [] }
        if agreedNow[name, default: []].isSuperset(of: effects.map(\.object)) { return [] }
        if !isAnother, effects.allSatisfy({ agreedBefore[name, default: []].contains($0) }) { return [] }
        if given.contains(name) {
            try await agree(to: effects, on: name, how: "--confirm")
            return ["'\(name)' confirmed with --confirm"]
        }
        guard people.canAnswer else { throw nobody(target, because) }
        let answer = try await people.ask(question(effects, target, because))
        guard answer == name else { throw refusal(answer, target) }
        try await agree(to: effects, on: name, how: "typed at the terminal")
        return ["'\(name)' confirmed at the terminal"]
    }

    private func agree(to effects: [Effect], on name: String, how: String) async throws {
        let confirmation = Confirmed(target: name, how: how, effects: effects)
        if let journal { try await journal.record(.confirmed(confirmation)) } else { unwritten.append(confirmation) }
        agreedNow[name, default: []].formUnion(effects.map(\.object))
    }

    // MARK: Words

    private func question(_ effects: [Effect], _ target: TargetBinding, _ because: String) -> String {
        let lines = effects.map { "  - \($0.object.kind) \($0.object) (\($0.amount.words))" }
        return """
            What is on '\(target.name)' (\(target.engine) at \(target.address.text)) will be destroyed, and \(because):
            \(lines.joined(separator: "\n"))
            Type \(target.name) to go on:\u{20}
            """
    }

    /// Before the run has begun it does not begin; later it waits, so that what has been done is not lost.
    private func nobody(_ target: TargetBinding, _ because: String) -> any Error {
        let words = "'\(target.name)' needs somebody's agreement: \(because)"
        guard journal != nil else {
            return Failure(.refused, words, hint: "look at `lifeboat plan`, then add --confirm \(target.name), or run it at a terminal")
        }
        return Paused("\(words) (`lifeboat resume \(run) --confirm \(target.name)`, or resume at a terminal)")
    }

    private func refusal(_ answer: String?, _ target: TargetBinding) -> any Error {
        let words = "'\(answer ?? "")' is not '\(target.name)': what is on it stays as it is"
        guard journal != nil else { return Failure(.declined, words, hint: "nothing has been changed") }
        return Paused("\(words) (`lifeboat resume \(run)` asks again)")
    }
}

extension Effect.Amount {
    /// `12 tables, 4096 bytes`, `unknown (unreachable: …)`, `not there`.
    package var words: String {
        switch self {
        case .known(let count, let unit, let bytes):
            let parts = [count.map { "\($0) \(unit ?? "objects")" }, bytes.map { "\($0) bytes" }].compactMap { $0 }
            return parts.isEmpty ? "of unknown size" : parts.joined(separator: ", ")
        case .unknown(let because): return "unknown (\(because))"
        case .absent: return "not there"
        }
    }
}
