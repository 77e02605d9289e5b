import Documents
import Outlets
import Recovery

/// Looks at backups and lets them go: lists, shows, verifies, prunes, pins, deletes.
struct BackupsCommand: Command {
    static let name = "backups"
    static let usage =
        "[list [POLICY]] | show ID | verify ID [--deep] | prune [POLICY…] [--dry-run] | pin ID [--reason TEXT] | unpin ID | delete ID [--force]"
    static let summary = "list, show or verify backups; remove what no rule keeps, pin or delete one"
    static let options = [
        CommandOption("--deep", "reads the backup as its engine does, too: contents, every block, rows counted"),
        CommandOption("--dry-run", "shows what would go and removes nothing"),
        CommandOption("--reason TEXT", "why it stays"),
        CommandOption("--force", "deletes even the last whole or proven backup"),
    ]

    private enum Verb {
        case list(policy: String?)
        case show(BackupID)
        case verify(BackupID, deep: Bool)
        case retention(RetentionVerb)
    }

    private let verb: Verb
    private static let verbs = ["list", "show", "verify", "prune", "pin", "unpin", "delete"]

    init(_ arguments: inout Arguments) throws(Failure) {
        let deep = arguments.flag("--deep")
        switch arguments.word() ?? "list" {
        case "list": verb = .list(policy: arguments.word())
        case "show": verb = .show(try Self.id(&arguments))
        case "verify": verb = .verify(try Self.id(&arguments), deep: deep)
        case let word:
            guard let retention = try RetentionVerb(word, &arguments) else {
                throw Failure(
                    .usage, "backups has no verb '\(word)'",
                    hint: Self.verbs.suggestion(for: word) ?? "it has \(Self.verbs.dropLast().joined(separator: ", ")) and delete")
            }
            verb = .retention(retention)
        }
    }

    private static func id(_ arguments: inout Arguments) throws(Failure) -> BackupID {
        let text = try arguments.required("the id of a backup")
        guard let id = BackupID(text) else {
            throw Failure(
                .usage, "'\(text)' is not the id of a backup", hint: "it looks like POLICY/SET/TARGET; `lifeboat backups list` shows them")
        }
        return id
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        switch verb {
        case .list(let policy): try await list(policy, services, output)
        case .show(let id): try await show(id, services, output)
        case .verify(let id, let deep): try await verify(id, deep: deep, services, output)
        case .retention(let verb): try await verb.run(services, output)
        }
    }

    private struct Row: Encodable {
        let id: String
        let recoveryPoint: Timestamp?
        let bytes: Int64?
        let usable: Bool
        let reason: String?
        let provenAt: Timestamp?
    }

    private func list(_ policy: String?, _ services: Services, _ output: Output) async throws -> Int32 {
        var rows: [Row] = []
        for (name, catalog) in try await services.catalogs(policy) {
            for set in try await catalog.sets(of: name) { rows += try await self.rows(of: set, name, catalog) }
        }
        if rows.isEmpty { output.show("There are no backups\(policy.map { " of policy '\($0)'" } ?? "").") }
        for row in rows {
            let state = row.usable ? (row.provenAt.map { "proven \($0.text)" } ?? "not proven") : "NOT USABLE: \(row.reason ?? "")"
            output.show("\(row.id)  \(row.recoveryPoint?.text ?? "—")  \(row.bytes.map(Readable.bytes) ?? "—")  \(state)")
        }
        try output.show(json: .backups, ["backups": rows])
        return 0
    }

    private func rows(of set: String, _ policy: String, _ catalog: Catalog) async throws -> [Row] {
        let end: SetEnd
        do {
            guard let read = try await catalog.end(of: policy, set) else { return [unusable("\(policy)/\(set)", "not finished")] }
            end = read
        } catch let failure as Failure where failure.isAboutTheBackup {
            return [unusable("\(policy)/\(set)", failure.problem)]
        }
        let notes = try await catalog.notes(of: policy, set)
        var rows: [Row] = []
        for member in end.members {
            let id = BackupID(policy: policy, set: set, target: member.target)
            let reason = try await catalog.reasonNotUsable(id)
            let proof = notes.last { $0.kind == .proof && $0.manifests[member.target] == member.manifestSHA256 }
            rows.append(
                Row(
                    id: id.description, recoveryPoint: end.recoveryPoint, bytes: member.bytes, usable: reason == nil, reason: reason,
                    provenAt: proof?.writtenAt))
        }
        return rows
    }

    private func unusable(_ id: String, _ reason: String) -> Row {
        Row(id: id, recoveryPoint: nil, bytes: nil, usable: false, reason: reason, provenAt: nil)
    }

    private func show(_ id: BackupID, _ services: Services, _ output: Output) async throws -> Int32 {
        let catalog = try await services.catalog(of: id.policy)
        let manifest = try await catalog.manifest(id).manifest
        output.show("backup \(id.description) of \(manifest.engine.text) \(manifest.engineVersion)")
        output.show("  recovery point  \(manifest.recoveryPoint.text)")
        output.show("  size            \(Readable.bytes(manifest.storedBytes)) in \(manifest.artifacts.count) parts")
        output.show("  holds           \(Readable.totals(manifest.totals))")
        output.show("  lies in         \(catalog.store.location)/\(id.description)")
        let set = try await recoverySet(of: id, catalog, output)
        if let runbook = manifest.runbook { output.show("  restored by     runbook \(runbook.name)") }
        for note in try await catalog.notes(of: id.policy, id.set) {
            output.show("  " + TerminalText(note.kind.rawValue).padded(to: 16) + "\(note.writtenAt.text)  \(note.text)")
        }
        var members: [String: any Encodable] = ["manifests": [manifest]]
        if let set { members["set"] = set }
        try output.show(json: .manifests, members)
        return 0
    }

    /// What is wrong with the set is told, and keeps nobody from what its member says of itself.
    private func recoverySet(of id: BackupID, _ catalog: Catalog, _ output: Output) async throws -> RecoverySet? {
        do {
            guard let set = try await catalog.end(of: id.policy, id.set).map(RecoverySet.init) else {
                output.show("  recovery set    not finished")
                return nil
            }
            guard set.hasSeveral else { return set }
            output.show("  recovery set    \(set.targets.joined(separator: ", "))\(set.complete ? "" : ", INCOMPLETE")")
            output.show("                  recovery point \(set.recoveryPoint.text), \(set.spread)")
            return set
        } catch let failure as Failure where failure.isAboutTheBackup {
            output.show("  recovery set    NOT USABLE: \(failure.problem)")
            return nil
        }
    }

    private func verify(_ id: BackupID, deep: Bool, _ services: Services, _ output: Output) async throws -> Int32 {
        let catalog = try await services.catalog(of: id.policy)
        let backup = try await catalog.hand(id, role: "backup", chosen: "named")
        let prover = Prover(digests: services.digests, time: services.time) { _ in }
        var checks = try await prover.prove(backup)
        if deep { checks += try await services.examine(backup) }
        let tally = CheckTally(checks)
        for check in checks where check.isFinding {
            output.show("DIFFERS  \(check.subject), \(check.aspect): expected \(check.expected), found \(check.actual)")
        }
        let isSound = tally.differed + tally.undetermined == 0
        let manifest = backup.manifest
        output.show(
            "\(!isSound ? "NOT SOUND" : manifest.complete ? "SOUND" : "INCOMPLETE")  backup \(id.description): \(tally.compared) compared, \(tally.differed) differ"
        )
        for problem in manifest.problems { output.show("  not captured: \(problem)") }
        if isSound, !manifest.complete { output.show("  what it holds is sound, and can be restored by its name") }
        try output.show(json: .verification, ["backup": id, "sound": isSound && manifest.complete, "checks": checks])
        return !isSound ? 2 : manifest.complete ? 0 : 3
    }
}
