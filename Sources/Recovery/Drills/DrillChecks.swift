internal import Bindings
internal import Documents

/// What of a drill can be read, whatever is wrong with the rest.
struct DrillParts {
    struct Run {
        let runbook: Located<String>?
        let targets: ReadableNames
        let backups: ReadableNames
        let inputs: ReadableNames
        let apps: ReadableNames
        let after: [Located<Name>]

        /// The policy that a backup is picked of.
        static func policy(of backup: ReadableNames.Entry) -> Located<Name>? { backup.parts(of: BackupPick.fields).value("policy") }
    }

    let environment: ReadableNames
    let given: [YAMLNode]
    let across: [YAMLNode]
    let runs: [Run]
    let rpo: Located<Duration>?

    init(_ document: Document) {
        let parts = ReadableParts(document.root, of: DrillDocument.fields)
        environment = parts.named("environment")
        given = parts.list("given")
        across = parts.list("across")
        runs = parts.list("runs").map { node in
            let run = ReadableParts(node, of: DrilledRunbook.fields)
            return Run(
                runbook: run.value("runbook"), targets: run.named("targets"), backups: run.named("backups"), inputs: run.named("inputs"),
                apps: run.named("apps"), after: run.value("after", as: OneOrMany<Located<Name>>.self)?.values ?? [])
        }
        rpo = parts.parts("objectives", of: ObjectivesDocument.fields)?.value("rpo")
    }
}

/// Holds one runbook's roles against what the drill binds them to.
struct RunBindingCheck {
    let environment: ReadableNames
    let run: DrillParts.Run
    /// Where the drill names the runbook.
    let named: Located<String>
    let runbook: Runbook
    let configuration: ConfigurationDocument?

    func problems() -> [Diagnostic] { targets() + backups() + apps() + inputs() }

    private func unbound(_ what: String, _ name: String, _ list: String) -> Diagnostic {
        named.diagnostic("\(what) '\(name)' of runbook \(runbook.name) is not bound", hint: "add it under `\(list):` of this run")
    }

    private func targets() -> [Diagnostic] {
        var problems: [Diagnostic] = []
        for role in runbook.targets.entries {
            if run.targets.lacks(role.key) { problems.append(unbound("target role", role.key.text, "targets")) }
            guard let bound: Located<Name> = run.targets[role.key]?.value() else { continue }
            if environment.lacks(bound.value) {
                let names = environment.names.map(\.text)
                problems.append(
                    bound.diagnostic(
                        "the environment has no server '\(bound.value)'",
                        hint: names.suggestion(for: bound.value.text) ?? "it has \(names.joined(separator: ", "))"))
            }
            switch environment[bound.value]?.value(as: ServiceDocument.self) {
            case .server(let engine, _, _)? where engine != role.value:
                problems.append(bound.diagnostic("server '\(bound.value)' is \(engine.text), role '\(role.key)' wants \(role.value.text)"))
            case .app?: problems.append(bound.diagnostic("'\(bound.value)' is an application, role '\(role.key)' wants a server"))
            case .server?, nil: break
            }
        }
        return problems + undeclared(run.targets, runbook.targets.keys, "target role")
    }

    private func backups() -> [Diagnostic] {
        var problems = runbook.backups.keys.filter(run.backups.lacks).map { unbound("backup role", $0.text, "backups") }
        if let configuration {
            for policy in run.backups.entries.compactMap(DrillParts.Run.policy) where configuration.policies[policy.value] == nil {
                problems.append(
                    policy.diagnostic(
                        "there is no policy '\(policy.value)'",
                        hint: configuration.policies.keys.map(\.text).suggestion(for: policy.value.text)
                            ?? "add it under `policies:` of the configuration"))
            }
        }
        return problems + undeclared(run.backups, runbook.backups.keys, "backup role")
    }

    private func apps() -> [Diagnostic] {
        var problems = runbook.apps.filter(run.apps.lacks).map { unbound("application role", $0.text, "apps") }
        for entry in run.apps.entries {
            guard case .standIn(let name)? = entry.value(as: AppChoice.self), !environment.isApp(name) else { continue }
            problems.append(
                Diagnostic(
                    "the environment has no stand-in '\(name)' of the application",
                    hint: "add it under `environment:`, or say {not_drilled: why}", at: entry.span))
        }
        return problems + undeclared(run.apps, runbook.apps, "application role")
    }

    private func inputs() -> [Diagnostic] {
        var problems = runbook.inputs.entries.filter { run.inputs.lacks($0.key) && $0.value.fallback == nil }
            .map { unbound("input", $0.key.text, "inputs") }
        for entry in run.inputs.entries {
            guard let text = entry.value(as: InputText.self)?.text, let mistake = runbook.inputs[entry.name]?.mistake(in: text) else {
                continue
            }
            problems.append(Diagnostic("input '\(entry.name)': \(mistake.problem)", hint: mistake.hint, at: entry.span))
        }
        return problems + undeclared(run.inputs, runbook.inputs.keys, "input")
    }

    private func undeclared(_ bound: ReadableNames, _ declared: [Name], _ what: String) -> [Diagnostic] {
        bound.entries.filter { !declared.contains($0.name) }.map { entry in
            Diagnostic(
                "runbook \(runbook.name) has no \(what) '\(entry.name)'",
                hint: declared.map(\.text).suggestion(for: entry.name.text)
                    ?? (declared.isEmpty ? nil : "it has \(declared.map(\.text).joined(separator: ", "))"), at: entry.span)
        }
    }
}

extension ReadableNames {
    func lackingServer(_ name: String, at span: YAMLSpan) -> Diagnostic {
        Diagnostic(
            "the environment has no server '\(name)'",
            hint: names.map(\.text).suggestion(for: name) ?? "it has \(names.map(\.text).joined(separator: ", "))", at: span)
    }

    /// Whether it is, or may be, a stand-in of an application: one that cannot be read may be anything.
    fileprivate func isApp(_ name: Name) -> Bool {
        guard let entry = self[name] else { return !lacks(name) }
        if case .server? = entry.value(as: ServiceDocument.self) { return false }
        return true
    }

    fileprivate func isServer(_ name: Name) -> Bool {
        guard let entry = self[name] else { return !lacks(name) }
        if case .app? = entry.value(as: ServiceDocument.self) { return false }
        return true
    }
}

/// Holds the steps after the last run against the environment: they compare its servers with each other, and nothing else is bound there.
struct AcrossCheck {
    let environment: ReadableNames
    let registry: StepRegistry

    func problems(in actions: [StepListReader.Action]) -> [Diagnostic] { actions.flatMap(problems) }

    private func problems(in step: StepListReader.Action) -> [Diagnostic] {
        let uses = step.action.uses
        guard step.document.type.phase == .verify, uses.backups.isEmpty, uses.apps.isEmpty, uses.alerts.isEmpty, !uses.isOpaque else {
            return [
                Diagnostic(
                    "'\(step.document.name)' does not belong under `across:`, which compares servers with each other",
                    hint: "put it into a runbook; here stand steps such as references.verify", at: step.document.node)
            ]
        }
        return uses.places.flatMap { place -> [Diagnostic] in
            guard let name = try? Name(scalar: place.target) else { return [] }
            guard environment.isServer(name) else { return [environment.lackingServer(place.target, at: place.span)] }
            guard case .server(let engine, _, _)? = environment[name]?.value(as: ServiceDocument.self) else { return [] }
            return registry.problems(in: place, on: engine.text)
        }
    }
}

/// Looks at the environment by itself.
struct EnvironmentCheck {
    let environment: ReadableNames
    let engines: [String]

    func problems() -> [Diagnostic] {
        environment.entries.flatMap { entry -> [Diagnostic] in
            switch entry.value(as: ServiceDocument.self) {
            case .server(let engine, _, _)?:
                if engines.contains(engine.text) { return [] }
                return [
                    Diagnostic(
                        "there is no engine '\(engine.text)'",
                        hint: engines.suggestion(for: engine.text) ?? "there are: \(engines.joined(separator: ", "))", at: entry.span)
                ]
            case .app(let app)?:
                guard let server = app.server ?? app.uses, !environment.isServer(server) else { return [] }
                return [Diagnostic("the environment has no server '\(server)' for application '\(entry.name)'", at: entry.span)]
            case nil: return []
            }
        }
    }
}

/// An objective that its policy cannot keep is a mistake, not a hope.
struct ObjectiveCheck {
    let drill: DrillParts
    let configuration: ConfigurationDocument?

    func problems() -> [Diagnostic] {
        guard let rpo = drill.rpo, let configuration else { return [] }
        let policies = Set(drill.runs.flatMap { $0.backups.entries.compactMap { DrillParts.Run.policy(of: $0)?.value } })
        return policies.sorted().compactMap { name in
            guard let allowed = configuration.policies[name]?.expect?.maxAge, rpo.value < allowed else { return nil }
            return rpo.diagnostic(
                "the drill promises \(rpo.value.canonical), and policy '\(name)' lets backups grow \(allowed.canonical) old",
                hint: "take backups more often and lower `max_age`, or promise less")
        }
    }
}
