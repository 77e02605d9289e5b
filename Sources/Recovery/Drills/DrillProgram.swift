internal import Bindings
internal import Documents

/// The steps of a drill, first as they will be listed, then bound to servers that live.
struct DrillProgram {
    let drill: Drill
    let world: World

    func keptParts() -> [KeptPart] {
        var parts: [KeptPart] = []
        if !drill.given.isEmpty {
            parts.append(
                KeptPart(
                    kind: .given, name: "given", title: "State before the disaster",
                    steps: RunbookProgram.listed(drill.given, prefix: "given")))
        }
        let programs = runbookPrograms
        for (index, program) in programs.enumerated() { parts.append(program.listed(bindings(index))) }
        if !drill.across.isEmpty {
            parts.append(
                KeptPart(
                    kind: .across, name: "across", title: "Across stores",
                    steps: RunbookProgram.listed(drill.across, prefix: "across")))
        }
        return parts + programs.compactMap { $0.listedAlways() }
    }

    /// The verifying steps of each runbook, with the roles of the backups that they compare with.
    func verifications() -> [[(path: String, backups: [String])]] {
        runbookPrograms.map { program in
            RunbookProgram.steps(program.runbook.steps, program.listed([]), inputs: program.inputs).filter { $0.kept.phase == .verify }.map
            {
                ($0.kept.path, (try? $0.foresee())?.uses.backups ?? [])
            }
        }
    }

    /// The paths of steps on servers of which only a person could tell how far they got, when they did not come through.
    func unrepeatable() -> Set<String> {
        let given = keptParts().first { $0.kind == .given }.map { RunbookProgram.steps(drill.given, $0, inputs: [:]) } ?? []
        let steps = given + runbookPrograms.flatMap { RunbookProgram.steps($0.runbook.steps, $0.listed([]), inputs: $0.inputs) }
        return Set(
            steps.filter { $0.kept.phase != .human && $0.kept.kind != "notify" && (try? $0.foresee())?.rerun == .never }.map(\.kept.path))
    }

    /// Throws `Failure(.bug)` for what lint should have found.
    ///
    /// - Parameter kept: the parts as the journal lists them: a drill that goes on keeps the order that it began with.
    func bind(
        _ kept: [KeptPart], to servers: DisposableServers, _ backups: DrillBackups, generation: Int, appsAreNew: Bool
    ) throws -> Program {
        var parts: [Program.Part] = []
        var always: [Program.Part] = []
        if let part = kept.first(where: { $0.kind == .given }) { parts.append(try self.part(part, drill.given, servers)) }
        for (index, (program, part)) in zip(runbookPrograms, kept.filter { $0.kind == .runbook }).enumerated() {
            let roles = try roles(of: index, servers, backups)
            parts.append(program.part(part, bound: roles))
            if let end = kept.first(where: { $0.kind == .always && $0.number == "\(program.number)" }) {
                always.append(program.part(end, bound: roles))
            }
        }
        if let part = kept.first(where: { $0.kind == .across }) { parts.append(try self.part(part, drill.across, servers)) }
        return Program(parts: parts + always, generation: generation, appsAreNew: appsAreNew)
    }

    /// Steps of the drill's own document: its servers are their roles.
    private func part(_ kept: KeptPart, _ documents: [StepDocument], _ servers: DisposableServers) throws -> Program.Part {
        let targets = try Dictionary(uniqueKeysWithValues: servers.servers.map { ($0.key, try target($0.value, role: $0.key)) })
        return Program.Part(
            kept: kept, steps: RunbookProgram.steps(documents, kept, inputs: [:]), bindings: RoleBindings(targets: targets))
    }

    private var runbookPrograms: [RunbookProgram] {
        let order = RunOrder(drill)
        return zip(drill.runbooks, drill.document.runs).enumerated().map { index, pair in
            let given = Dictionary(uniqueKeysWithValues: pair.1.inputs.entries.map { ($0.key.text, $0.value.text) })
            return RunbookProgram(
                runbook: pair.0, number: index + 1, given: given, rto: pair.1.rto, waitsFor: order.waitsFor?[index].map { $0 + 1 })
        }
    }

    private func bindings(_ index: Int) -> [RunResult.Part.Binding] {
        let run = drill.document.runs[index]
        return run.targets.entries.map { .init(.target, $0.key.text, $0.value.value.text) }
            + run.apps.entries.map { entry in
                switch entry.value {
                case .standIn(let name): .init(.app, entry.key.text, standIn(name))
                case .notDrilled(let reason): .init(.app, entry.key.text, "not drilled: \(reason)")
                }
            }
            + run.backups.entries.map { .init(.backup, $0.key.text, "\($0.value.policy.value)/\($0.value.target)") }
    }

    private func standIn(_ name: Name) -> String {
        guard case .app(let app)? = drill.document.environment[name], let server = app.server else { return "stand-in \(name)" }
        return "the drill's own server '\(server)'"
    }

    private func target(_ server: DisposableServer, role: String) throws -> any EngineTarget {
        try world.engine(server.engine).target(.disposable(role: role, server))
    }

    private func roles(of index: Int, _ servers: DisposableServers, _ backups: DrillBackups) throws -> RoleBindings {
        let run = drill.document.runs[index]
        var bindings = RoleBindings(backups: backups.byRun[index])
        for entry in run.targets.entries {
            guard let server = servers.servers[entry.value.value.text] else {
                throw Failure(.bug, "the environment did not start '\(entry.value.value)'")
            }
            bindings.targets[entry.key.text] = try target(server, role: entry.key.text)
        }
        for entry in run.apps.entries {
            switch entry.value {
            case .notDrilled(let reason): bindings.apps[entry.key.text] = .notDrilled(because: reason)
            case .standIn(let name):
                guard let app = servers.app(name.text) else { throw Failure(.bug, "the environment did not start '\(name)'") }
                bindings.apps[entry.key.text] = .control(app)
            }
        }
        return bindings
    }
}
