import Outlets
import Recovery

/// What `lifeboat backups` does to let backups go or to keep them.
enum RetentionVerb {
    case prune(policies: [String], isDryRun: Bool)
    case pin(SetName, reason: String)
    case unpin(SetName)
    case delete(SetName, force: Bool)

    /// A set, named by itself or by one of its backups.
    struct SetName {
        let policy: String
        let set: String
        let target: String?

        init(_ arguments: inout Arguments) throws(Failure) {
            let text = try arguments.required("the id of a set or backup")
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
                throw Failure(
                    .usage, "'\(text)' is not the id of a set", hint: "it looks like POLICY/SET; `lifeboat backups list` shows them")
            }
            (policy, set) = (parts[0], parts[1])
            target = parts.count == 3 ? parts[2] : nil
        }

        var path: String { "\(policy)/\(set)" }
    }

    /// Nil for a word that is none of these.
    init?(_ word: String, _ arguments: inout Arguments) throws(Failure) {
        switch word {
        case "prune":
            let isDryRun = arguments.flag("--dry-run")
            var policies: [String] = []
            while let policy = arguments.word() { policies.append(policy) }
            self = .prune(policies: policies, isDryRun: isDryRun)
        case "pin":
            let reason = try arguments.option("--reason") ?? ""
            self = .pin(try SetName(&arguments), reason: reason)
        case "unpin": self = .unpin(try SetName(&arguments))
        case "delete":
            let force = arguments.flag("--force")
            self = .delete(try SetName(&arguments), force: force)
        default: return nil
        }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        switch self {
        case .prune(let policies, let isDryRun): return try await prune(policies, isDryRun, services, output)
        case .pin(let name, let reason):
            let withdrawn = try await marks(name, services).pin(name.policy, name.set, because: reason)
            output.show("\(name.path) is pinned and stays\(withdrawn ? "; its deletion is withdrawn" : "")")
            try output.show(json: .mark, ["set": name.path, "action": "pinned"])
        case .unpin(let name):
            let count = try await marks(name, services).unpin(name.policy, name.set)
            output.show(count == 0 ? "\(name.path) was not pinned" : "\(name.path) is no longer pinned")
            try output.show(json: .mark, ["set": name.path, "action": "unpinned"])
        case .delete(let name, let force):
            try await refuseOneOfMany(name, services)
            try await marks(name, services).delete(name.policy, name.set, force: force, by: services.host.operatorName)
            output.show("\(name.path) is marked for deletion; a prune an hour or more from now removes it")
            try output.show(json: .mark, ["set": name.path, "action": "deleted"])
        }
        return 0
    }

    private func marks(_ name: SetName, _ services: Services) async throws -> SetMarks {
        SetMarks(
            store: try await services.store(holding: name.policy, name.set), digests: services.digests, time: services.time,
            host: services.host.host)
    }

    /// A set is one recovery point: it goes as a whole, and nobody should learn that afterwards.
    private func refuseOneOfMany(_ name: SetName, _ services: Services) async throws {
        guard let target = name.target else { return }
        let store = try await services.store(holding: name.policy, name.set)
        let targets = try await store.list(name.path).filter { $0.isFolder && $0.name != "notes" }.map(\.name)
        guard !targets.contains(target) || targets.count > 1 else { return }
        throw Failure(
            .refused, "'\(target)' is not all of \(name.path): it holds \(targets.joined(separator: ", "))",
            hint: "sets go as a whole: `lifeboat backups delete \(name.path)`")
    }

    // MARK: - Prune

    private func prune(_ policies: [String], _ isDryRun: Bool, _ services: Services, _ output: Output) async throws -> Int32 {
        var reports: [PruneReport] = []
        let subjects = try services.pruneSubjects(policies)
        if subjects.isEmpty { output.show("No policy has rules for what it keeps.") }
        for (subject, store) in subjects {
            let pruner = Pruner(store: store, digests: services.digests, time: services.time, host: services.host.host)
            let report = try await services.pruningAlone(on: subject.folder, store) {
                try await services.interruption.cancelling { try await pruner.prune(subject, dryRun: isDryRun) }
            }
            show(report, output)
            reports.append(report)
        }
        try output.show(json: .prune, ["reports": reports])
        return reports.allSatisfy(\.problems.isEmpty) ? 0 : 3
    }

    private func show(_ report: PruneReport, _ output: Output) {
        for row in report.rows {
            let reasons = (row.keptBecause + [row.goesBecause].compactMap { $0 }).joined(separator: ", ")
            let freed = row.bytes.map { " (\(Readable.bytes($0)))" } ?? ""
            let word = TerminalText(report.dryRun ? row.action.future : row.action.past).padded(to: 16)
            output.show(word + "\(report.policy)/\(row.set)\(freed)  \(reasons)")
            if let problem = row.problem { output.complain(Failure(.storeUnavailable, problem, hint: "the next prune goes on with it")) }
        }
    }
}

extension PruneReport.Action {
    fileprivate var past: String {
        switch self {
        case .kept: "keeps"
        case .marked: "marked"
        case .waits: "waits"
        case .removed: "removed"
        case .withdrawn: "keeps after all"
        }
    }

    fileprivate var future: String {
        switch self {
        case .marked: "would mark"
        case .removed: "would remove"
        default: past
        }
    }
}
