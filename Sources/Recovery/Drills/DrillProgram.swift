internal import Bindings
internal import Documents

/// The steps of a drill in order, first as they will be listed, then bound to servers that live.
struct DrillProgram {
    let drill: Drill
    let world: World

    func keptParts() -> [KeptPart] {
        var parts: [KeptPart] = []
        if !drill.given.isEmpty {
            parts.append(
                KeptPart(kind: .given, name: "given", title: "State before the disaster", steps: kept(drill.given, prefix: "given")))
        }
        for (index, runbook) in drill.runbooks.enumerated() {
            parts.append(
                KeptPart(
                    kind: .runbook, name: runbook.name.text, title: runbook.title, version: runbook.version, owner: runbook.owner,
                    reviewed: runbook.reviewed?.canonical, bindings: bindings(index), steps: kept(runbook.steps, prefix: "\(index + 1)")))
        }
        for (index, runbook) in drill.runbooks.enumerated() where !runbook.always.isEmpty {
            parts.append(
                KeptPart(
                    kind: .always, name: runbook.name.text, title: "Always, after \(runbook.name)",
                    steps: kept(runbook.always, prefix: "always-\(index + 1)")))
        }
        return parts
    }

    /// Throws `Failure(.bug)` for what lint should have found.
    func bind(to servers: DisposableServers, _ backups: DrillBackups, generation: Int) throws -> Program {
        var parts: [Program.Part] = []
        let kept = keptParts()
        if let part = kept.first(where: { $0.kind == .given }) {
            let targets = try Dictionary(
                uniqueKeysWithValues: servers.servers.map { ($0.key, try target($0.value, role: $0.key)) })
            parts.append(
                Program.Part(kept: part, steps: steps(drill.given, part, inputs: [:]), bindings: RoleBindings(targets: targets)))
        }
        var runBindings: [RoleBindings] = []
        for (index, part) in kept.filter({ $0.kind == .runbook }).enumerated() {
            let bindings = try roles(of: index, servers, backups)
            runBindings.append(bindings)
            parts.append(
                Program.Part(kept: part, steps: steps(drill.runbooks[index].steps, part, inputs: inputs(index)), bindings: bindings))
        }
        let always = kept.filter { $0.kind == .always }
        let indices = drill.runbooks.indices.filter { !drill.runbooks[$0].always.isEmpty }
        for (part, index) in zip(always, indices) {
            parts.append(
                Program.Part(
                    kept: part, steps: steps(drill.runbooks[index].always, part, inputs: inputs(index)), bindings: runBindings[index]))
        }
        return Program(parts: parts, generation: generation)
    }

    private func kept(_ steps: [StepDocument], prefix: String) -> [KeptStep] {
        steps.enumerated().map { index, step in
            KeptStep(path: "\(prefix).\(index + 1)", id: step.id?.text, name: step.name, kind: step.type.kind, phase: step.type.phase)
        }
    }

    private func steps(_ documents: [StepDocument], _ part: KeptPart, inputs: [String: String]) -> [ProgramStep] {
        zip(documents, part.steps).map { document, kept in
            ProgramStep(kept: kept, frame: document.frame) { facts in
                do { return try document.action(RunbookReading.running(inputs: inputs, facts: facts)) } catch {
                    throw Failure(.document, "'\(document.name)' cannot be read with its values: \(error)")
                }
            }
        }
    }

    private func inputs(_ index: Int) -> [String: String] {
        let runbook = drill.runbooks[index]
        let given = drill.document.runs[index].inputs
        var values: [String: String] = [:]
        for entry in runbook.inputs.entries { values[entry.key.text] = given[entry.key]?.text ?? entry.value.fallback }
        return values
    }

    private func bindings(_ index: Int) -> [RunResult.Part.Binding] {
        let run = drill.document.runs[index]
        return run.targets.entries.map { .init(.target, $0.key.text, $0.value.value.text) }
            + run.apps.entries.map { entry in
                switch entry.value {
                case .standIn(let name): .init(.app, entry.key.text, "stand-in \(name)")
                case .notDrilled(let reason): .init(.app, entry.key.text, "not drilled: \(reason)")
                }
            }
            + run.backups.entries.map { .init(.backup, $0.key.text, "\($0.value.policy.value)/\($0.value.target)") }
            + inputs(index).sorted { $0.key < $1.key }.map { .init(.input, $0.key, $0.value) }
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
