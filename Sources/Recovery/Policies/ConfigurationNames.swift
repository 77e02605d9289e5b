package import Documents

/// Holds names of a configuration against each other: engines of targets, and the stores, targets and alerts that policies use. It looks at
/// what can be read of the document, so that other mistakes hide none of these.
package struct ConfigurationNames {
    private let targets: ReadableNames
    private let stores: ReadableNames
    private let alerts: ReadableNames
    private let policies: ReadableNames

    package init(_ document: Document, _ reading: Reading) {
        let parts = ReadableParts(document.root, of: ConfigurationDocument.fields, reading)
        targets = parts.named("targets")
        stores = parts.named("stores")
        alerts = parts.named("alerts")
        policies = parts.named("policies")
    }

    /// What lies in a set's folder beside the folders of its targets.
    private static let reserved: Set<String> = ["notes", "begin.json", "set.json"]

    func problems(engines: [String]) -> [Diagnostic] {
        targets.entries.flatMap { problems(ofTarget: $0, engines) } + policies.entries.flatMap(problems(ofPolicy:))
    }

    /// The runbooks that policies name for their targets.
    package var runbooks: [NamedRunbook] {
        policies.entries.flatMap { policy in
            policy.parts(of: PolicyDocument.fields).named("targets").entries.compactMap { target in
                target.parts(of: PolicyTarget.fields).value("runbook").map {
                    NamedRunbook(policy: policy.name, target: target.name, path: $0)
                }
            }
        }
    }

    /// Options of policies that the engine of their target cannot do.
    package func refusedOptions(by engines: [EngineName: any Engine]) -> [Diagnostic] {
        policies.entries.flatMap { policy in
            policy.parts(of: PolicyDocument.fields).named("targets").entries.flatMap { target -> [Diagnostic] in
                guard let word: EngineWord = targets[target.name]?.parts(of: TargetDocument.fields).value("engine"),
                    let engine = engines[EngineName(word.text)]
                else { return [] }
                let parts = target.parts(of: PolicyTarget.fields)
                let collections: CollectionOptionsDocument? = parts.value("collections")
                let options = CaptureOptions(
                    jobs: parts.value("jobs"), compression: parts.value("compression"), fingerprint: parts.value("fingerprint") ?? [],
                    collections: collections?.options ?? .standard, tool: parts.value("tool"))
                return engine.refusals(of: options, target: target.name.text).map { refusal in
                    Diagnostic(refusal.problem, hint: refusal.hint, at: parts.place(of: refusal.key.rawValue) ?? target.span)
                }
            }
        }
    }

    private func problems(ofTarget entry: ReadableNames.Entry, _ engines: [String]) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        if Self.reserved.contains(entry.name.text) {
            problems.append(
                Diagnostic(
                    "a target cannot be called '\(entry.name)'",
                    hint: "every recovery set has a file or folder of that name beside its targets", at: entry.span))
        }
        if let engine: EngineWord = entry.parts(of: TargetDocument.fields).value("engine"), !engines.contains(engine.text) {
            problems.append(
                Diagnostic(
                    "there is no engine '\(engine.text)'",
                    hint: engines.suggestion(for: engine.text) ?? "there are: \(engines.joined(separator: ", "))", at: entry.span))
        }
        return problems
    }

    private func problems(ofPolicy entry: ReadableNames.Entry) -> [Diagnostic] {
        let policy = entry.parts(of: PolicyDocument.fields)
        var problems: [Diagnostic] = []
        if let store: Located<Name> = policy.value("store") { problems += unknown("store", store, in: stores) }
        if let alert: Located<Name> = policy.value("notify") { problems += unknown("alert", alert, in: alerts) }
        for target in policy.named("targets").entries where targets.lacks(target.name) {
            problems.append(
                Diagnostic(
                    "there is no target '\(target.name)'",
                    hint: targets.names.map(\.text).suggestion(for: target.name.text) ?? "add it under `targets:`", at: target.span))
        }
        return problems
    }

    private func unknown(_ what: String, _ name: Located<Name>, in known: ReadableNames) -> [Diagnostic] {
        guard known.lacks(name.value) else { return [] }
        let hint = known.names.map(\.text).suggestion(for: name.value.text) ?? "add it under `\(what)s:`"
        return [name.diagnostic("there is no \(what) '\(name.value)'", hint: hint)]
    }
}

/// The path of a runbook as a policy names it for one of its targets.
package struct NamedRunbook: Sendable {
    package let policy: Name
    package let target: Name
    package let path: String
}
