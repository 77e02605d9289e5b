internal import Bindings
package import Documents

/// A drill with its runbooks, read and held against each other and against the configuration.
package struct Drill: Sendable {
    package let document: DrillDocument
    package let source: DocumentSource
    package let runbooks: [Runbook]
    package let given: [StepDocument]

    /// - Parameter readRunbook: the document at a path that the drill names; throws `InvalidDocument` for one with mistakes,
    ///   `Failure(.notFound)` when there is none.
    package init(
        _ text: Document, _ source: DocumentSource, _ registry: StepRegistry, configuration: ConfigurationDocument?,
        readRunbook: (String) throws -> Runbook
    ) throws {
        self.source = source
        document = try text.read()
        let names = document.environment.keys.map(\.text)

        var diagnostics: [Diagnostic] = []
        var broken: [InvalidDocument] = []
        var runbooks: [Runbook] = []
        for run in document.runs {
            do {
                let runbook = try readRunbook(source.resolve(run.runbook.value))
                if !runbooks.contains(where: { $0.source.path == runbook.source.path }), let obstacles = runbook.obstaclesToDrills {
                    broken.append(obstacles)
                }
                runbooks.append(runbook)
                diagnostics += RunBindingCheck(drill: document, run: run, runbook: runbook, configuration: configuration).problems()
            } catch let invalid as InvalidDocument {
                broken.append(invalid)
            } catch let failure as Failure where failure.kind == .notFound {
                diagnostics.append(run.runbook.diagnostic(failure.problem, hint: failure.hint))
            }
        }
        var reader = StepListReader(registry: registry, inputs: [])
        given = reader.read(document.given)
        diagnostics += reader.diagnostics + reader.obstaclesToDrills
        for step in reader.actions {
            if let role = step.document.frame.targetRole, !names.contains(role) {
                diagnostics.append(
                    Diagnostic(
                        "the environment has no server '\(role)'",
                        hint: names.suggestion(for: role) ?? "it has \(names.joined(separator: ", "))",
                        at: step.document.targetPlace))
            }
        }
        diagnostics += EnvironmentCheck(drill: document, engines: registry.engines).problems()
        diagnostics += ObjectiveCheck(drill: document, configuration: configuration).problems()
        self.runbooks = runbooks
        if diagnostics.contains(where: { $0.severity == .error }) || !broken.isEmpty {
            throw InvalidDocument(combining: broken + [InvalidDocument(diagnostics).attributed(to: text.source)])
        }
    }

    package var title: String { document.title ?? "Drill \(document.name)" }
}

/// Holds one runbook's roles against what the drill binds them to.
private struct RunBindingCheck {
    let drill: DrillDocument
    let run: DrilledRunbook
    let runbook: Runbook
    let configuration: ConfigurationDocument?

    func problems() -> [Diagnostic] { targets() + backups() + apps() + inputs() }

    private func unbound(_ what: String, _ name: String, _ list: String) -> Diagnostic {
        run.runbook.diagnostic("\(what) '\(name)' of runbook \(runbook.name) is not bound", hint: "add it under `\(list):` of this run")
    }

    private func targets() -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for role in runbook.targets.entries {
            guard let bound = run.targets[role.key] else {
                problems.append(unbound("target role", role.key.text, "targets"))
                continue
            }
            switch drill.environment[bound.value] {
            case .server(let engine, _)? where engine == role.value: break
            case .server(let engine, _)?:
                problems.append(bound.diagnostic("server '\(bound.value)' is \(engine.text), role '\(role.key)' wants \(role.value.text)"))
            case .app?: problems.append(bound.diagnostic("'\(bound.value)' is an application, role '\(role.key)' wants a server"))
            case nil:
                let names = drill.environment.keys.map(\.text)
                problems.append(
                    bound.diagnostic(
                        "the environment has no server '\(bound.value)'",
                        hint: names.suggestion(for: bound.value.text) ?? "it has \(names.joined(separator: ", "))"))
            }
        }
        return problems + undeclared(run.targets.entries.map { ($0.key, $0.span) }, runbook.targets.keys, "target role")
    }

    private func backups() -> [Diagnostic] {
        var problems = runbook.backups.keys.filter { run.backups[$0] == nil }.map { unbound("backup role", $0.text, "backups") }
        if let configuration {
            for entry in run.backups.entries where configuration.policies[entry.value.policy.value] == nil {
                problems.append(
                    entry.value.policy.diagnostic(
                        "there is no policy '\(entry.value.policy.value)'",
                        hint: configuration.policies.keys.map(\.text).suggestion(for: entry.value.policy.value.text)
                            ?? "add it under `policies:` of the configuration"))
            }
        }
        return problems + undeclared(run.backups.entries.map { ($0.key, $0.span) }, runbook.backups.keys, "backup role")
    }

    private func apps() -> [Diagnostic] {
        var problems = runbook.apps.filter { run.apps[$0] == nil }.map { unbound("application role", $0.text, "apps") }
        for entry in run.apps.entries {
            guard case .standIn(let name) = entry.value else { continue }
            if case .app? = drill.environment[name] { continue }
            problems.append(
                Diagnostic(
                    "the environment has no stand-in '\(name)' of the application",
                    hint: "add it under `environment:`, or say {not_drilled: why}", at: entry.span))
        }
        return problems + undeclared(run.apps.entries.map { ($0.key, $0.span) }, runbook.apps, "application role")
    }

    private func inputs() -> [Diagnostic] {
        var problems = runbook.inputs.entries.filter { run.inputs[$0.key] == nil && $0.value.fallback == nil }
            .map { unbound("input", $0.key.text, "inputs") }
        for entry in run.inputs.entries {
            guard let mistake = runbook.inputs[entry.key]?.mistake(in: entry.value.text) else { continue }
            problems.append(Diagnostic("input '\(entry.key)': \(mistake.problem)", hint: mistake.hint, at: entry.span))
        }
        return problems + undeclared(run.inputs.entries.map { ($0.key, $0.span) }, runbook.inputs.keys, "input")
    }

    private func undeclared(_ bound: [(Name, YAMLSpan)], _ declared: [Name], _ what: String) -> [Diagnostic] {
        bound.filter { !declared.contains($0.0) }.map { name, span in
            Diagnostic(
                "runbook \(runbook.name) has no \(what) '\(name)'",
                hint: declared.map(\.text).suggestion(for: name.text)
                    ?? (declared.isEmpty ? nil : "it has \(declared.map(\.text).joined(separator: ", "))"), at: span)
        }
    }
}

/// Looks at the environment by itself.
private struct EnvironmentCheck {
    let drill: DrillDocument
    let engines: [String]

    func problems() -> [Diagnostic] {
        drill.environment.entries.flatMap { entry -> [Diagnostic] in
            switch entry.value {
            case .server(let engine, _):
                if engines.contains(engine.text) { return [] }
                return [
                    Diagnostic(
                        "there is no engine '\(engine.text)'",
                        hint: engines.suggestion(for: engine.text) ?? "there are: \(engines.joined(separator: ", "))", at: entry.span)
                ]
            case .app(let app):
                guard let server = app.uses else { return [] }
                if case .server? = drill.environment[server] { return [] }
                return [Diagnostic("the environment has no server '\(server)' for application '\(entry.key)'", at: entry.span)]
            }
        }
    }
}

/// An objective that its policy cannot keep is a mistake, not a hope.
private struct ObjectiveCheck {
    let drill: DrillDocument
    let configuration: ConfigurationDocument?

    func problems() -> [Diagnostic] {
        guard let rpo = drill.objectives.rpo, let configuration else { return [] }
        let policies = Set(drill.runs.flatMap { $0.backups.entries.map(\.value.policy.value) })
        return policies.sorted().compactMap { name in
            guard let allowed = configuration.policies[name]?.expect?.maxAge, rpo.value < allowed else { return nil }
            return rpo.diagnostic(
                "the drill promises \(rpo.value.canonical), and policy '\(name)' lets backups grow \(allowed.canonical) old",
                hint: "take backups more often and lower `max_age`, or promise less")
        }
    }
}
