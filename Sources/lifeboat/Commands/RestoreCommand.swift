import Bindings
import Documents
import Outlets
import Recovery

/// Restores by the runbook that the backup itself names, for somebody in a hurry.
struct RestoreCommand: Command {
    static let name = "restore"
    static let usage = "POLICY[/TARGET] [ID] [--input NAME=VALUE] [--confirm NAME] [--accept-unproven TARGET/OBJECT] [--reason TEXT]"
    static let summary = "recover a target from its newest usable backup, or from one that is named, by the runbook kept with it"
    static let options: [CommandOption] = [
        .input,
        .confirm,
        .acceptUnproven,
        .reason,
    ]

    private let policy: String
    private let target: String?
    private let id: BackupID?
    private let inputs: [String: String]
    private let confirmed: [String]
    private let acceptedUnproven: [String]
    private let reason: String?

    init(_ arguments: inout Arguments) throws(Failure) {
        inputs = try arguments.pairs("--input")
        confirmed = try arguments.options("--confirm")
        acceptedUnproven = try arguments.options("--accept-unproven")
        reason = try arguments.option("--reason")
        let what = try arguments.required("the name of a policy").split(separator: "/", maxSplits: 1).map(String.init)
        policy = what.first ?? ""
        target = what.count > 1 ? what[1] : nil
        let word = arguments.word()
        id = word.flatMap(BackupID.init(_:))
        if let word, id == nil {
            throw Failure(
                .usage, "'\(word)' is not the id of a backup", hint: "it looks like POLICY/SET/TARGET; `lifeboat backups list` shows them")
        }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let catalog = try await services.catalog(of: policy)
        let chosen = try await backup(in: catalog, services)
        let manifest = try await catalog.manifest(chosen).manifest
        guard let kept = manifest.runbook else {
            throw Failure(
                .notFound, "backup \(chosen) names no runbook that restores it",
                hint: "give its target one under `policies:`, or use `lifeboat run RUNBOOK --backup ROLE=\(chosen)`")
        }
        let source = DocumentSource.keptWithBackup(
            "\(catalog.store.location)/\(chosen)", runbook: kept.name, text: kept.text, sha256: kept.sha256)
        let runbook = try Runbook(Document(kept.text, name: source.path), source, services.registry)
        var request = RunRequest(
            runbook, targets: try role(of: manifest, among: runbook.targets, "target").map { [$0: chosen.target] } ?? [:],
            backups: try role(of: manifest, among: runbook.backups, "backup").map { [$0: "\(chosen)"] } ?? [:],
            inputs: given(runbook, manifest))
        request.confirmed = confirmed
        request.acceptedUnproven = acceptedUnproven
        request.reason = reason
        let ended = try await services.runConductor(request).conduct { plan in
            try? StandardStream.errors.write(TextPlan(style: output.errorStyle, width: output.width).text(plan) + "\n")
        }
        try output.show(ended, services)
        return ended.result.exitCode
    }

    private func backup(in catalog: Catalog, _ services: Services) async throws -> BackupID {
        if let id {
            guard id.policy == policy, target == nil || target == id.target else {
                throw Failure(.usage, "backup \(id) is not one of \(policy)\(target.map { "/\($0)" } ?? "")")
            }
            return id
        }
        let name = try knownTarget(services)
        let newest = try await catalog.newest(policy: policy, target: name)
        guard let usable = newest.usable else {
            throw catalog.nothingUsable(policy: policy, target: name, passedOver: newest.passedOver)
        }
        return usable.id
    }

    /// The target that is named, or the only one there is.
    private func knownTarget(_ services: Services) throws -> String {
        let targets =
            try services.requiredConfiguration().document.policies.entries.first { $0.key.text == policy }?.value.targets.keys ?? []
        if let target {
            let known = targets.map(\.text)
            guard !known.contains(target) else { return target }
            throw Failure(
                .notFound, "policy '\(policy)' does not capture '\(target)'",
                hint: known.suggestion(for: target) ?? "it captures \(known.joined(separator: ", "))")
        }
        guard targets.count == 1, let only = targets.first else {
            throw Failure(
                .usage, "policy '\(policy)' captures \(targets.map(\.text).joined(separator: ", "))", hint: "say which: \(policy)/TARGET")
        }
        return only.text
    }

    /// The one role that this backup's engine can stand for; nil when the runbook has none.
    private func role(of manifest: Manifest, among roles: Keyed<Name, EngineWord>, _ what: String) throws -> String? {
        let fitting = roles.entries.filter { $0.value.text == manifest.engine.text }.map(\.key.text)
        guard fitting.count < 2 else {
            throw Failure(
                .usage, "the runbook has several \(what) roles with engine \(manifest.engine): \(fitting.joined(separator: ", "))",
                hint: "bind them with `lifeboat run`")
        }
        return fitting.first
    }

    /// The database is the one that was captured, unless something else is said.
    private func given(_ runbook: Runbook, _ manifest: Manifest) -> [String: String] {
        var values = inputs
        if values["database"] == nil, runbook.inputs.keys.map(\.text).contains("database"), let database = manifest.source.database {
            values["database"] = database
        }
        return values
    }
}
