internal import Bindings
internal import Documents

/// Holds what steps refer to against what the runbook declares. Nothing is said of what is declared in a place that cannot be read: nil.
struct RoleCheck {
    let targets: Keyed<Name, EngineWord>?
    let apps: [Name]?
    let backups: Keyed<Name, EngineWord>?
    let registry: StepRegistry

    func problems(in actions: [StepListReader.Action]) -> [Diagnostic] { actions.flatMap(problems) }

    private func problems(in step: StepListReader.Action) -> [Diagnostic] {
        let uses = step.action.uses
        var problems: [Diagnostic] = []
        if let targets {
            problems = target(of: step, targets)
            let roles = targets.keys.map(\.text)
            if let role = step.document.frame.targetRole, !roles.contains(role) {
                problems.append(undeclared("target", role, roles, step))
            }
            for place in uses.places {
                if let engine = targets.entries.first(where: { $0.key.text == place.target })?.value.text {
                    problems += registry.problems(in: place, on: engine)
                } else {
                    problems.append(undeclared("target", place.target, roles, step, at: place.span))
                }
            }
        }
        if let roles = backups?.keys.map(\.text) {
            problems += uses.backups.filter { !roles.contains($0) }.map { undeclared("backup", $0, roles, step) }
        }
        if let roles = apps?.map(\.text) {
            problems += uses.apps.filter { !roles.contains($0) }.map { undeclared("application", $0, roles, step) }
        }
        return problems
    }

    private func target(of step: StepListReader.Action, _ targets: Keyed<Name, EngineWord>) -> [Diagnostic] {
        switch step.action.uses.target {
        case .none: return []
        case .role(let role):
            let roles = targets.keys.map(\.text)
            return roles.contains(role) ? [] : [undeclared("target", role, roles, step)]
        case .any:
            if step.document.frame.targetRole != nil || targets.entries.count == 1 { return [] }
            return [
                Diagnostic(
                    "'\(step.document.name)' has to say which target it acts on", hint: "add `target: ROLE`", at: step.document.targetPlace)
            ]
        case .one(let engine):
            let fitting = targets.entries.filter { $0.value.text == engine.text }.map(\.key.text)
            if let role = step.document.frame.targetRole {
                guard targets.keys.map(\.text).contains(role), !fitting.contains(role) else { return [] }
                return [
                    Diagnostic(
                        "target '\(role)' is not a \(engine)", hint: "'\(step.document.type.kind)' acts on \(engine)",
                        at: step.document.targetPlace)
                ]
            }
            switch fitting.count {
            case 1: return []
            case 0:
                return [
                    Diagnostic(
                        "the runbook declares no target with engine \(engine)", hint: "add `targets: {db: \(engine)}`",
                        at: step.document.node)
                ]
            default:
                return [
                    Diagnostic(
                        "'\(step.document.name)' has to say which \(engine) it acts on",
                        hint: "add `target:` with one of \(fitting.joined(separator: ", "))", at: step.document.targetPlace)
                ]
            }
        }
    }

    private func undeclared(_ what: String, _ role: String, _ known: [String], _ step: StepListReader.Action, at span: YAMLSpan? = nil)
        -> Diagnostic
    {
        let list = what == "application" ? "apps" : "\(what)s"
        let hint =
            known.suggestion(for: role)
            ?? (known.isEmpty ? "declare it under `\(list):`" : "declared under `\(list):` are \(known.joined(separator: ", "))")
        return Diagnostic("\(what) role '\(role)' is not declared", hint: hint, at: span ?? step.document.body.span)
    }
}

extension StepRegistry {
    func problems(in place: IdentifierPlace, on engine: String) -> [Diagnostic] {
        mistake(in: place, on: engine).map { [Diagnostic($0.problem, hint: $0.hint, at: place.span)] } ?? []
    }
}

/// What is emptied has to be filled again by a later step, or restored beside it by one before.
enum RefillCheck {
    static func problems(in actions: [StepListReader.Action]) -> [Diagnostic] {
        actions.indices.compactMap { index in
            let (role, others, when): (String, ArraySlice<StepListReader.Action>, String)
            switch actions[index].action.refill {
            case .role(let name)?: (role, others, when) = (name, actions[(index + 1)...], "later")
            case .restoredBefore(let name)?: (role, others, when) = (name, actions[..<index], "earlier")
            case Optional.none, .some(.none): return nil
            }
            // One that destroys what it restores itself needs no other.
            guard actions[index].action.fills != role, !others.contains(where: { $0.action.fills == role }) else { return nil }
            return Diagnostic(
                "'\(actions[index].document.name)' destroys what no \(when) step restores from backup '\(role)'",
                hint: "add the step that restores it, or say `refill: none` when it is meant to stay empty",
                at: actions[index].document.node)
        }
    }
}
