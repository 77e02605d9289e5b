/// How long the steps of a runbook took in earlier drills and runs, out of their journals.
struct PastTimes: Sendable {
    /// Newest first, by kind and name of the step, which outlive that a runbook is rearranged.
    private var steps: [String: [Double]] = [:]
    /// Newest first, of those in which every step went through.
    private var whole: [Double] = []

    /// How many journals are read at most.
    private static let limit = 50

    /// What cannot be read tells nothing, and stops nobody.
    static func read(of runbook: String, from folders: any RunFolders) async -> PastTimes {
        var times = PastTimes()
        guard let runs = try? await folders.list() else { return times }
        for run in runs.reversed().prefix(limit) {
            guard let bytes = try? await folders.journal(of: run), let contents = try? JournalReader.read(bytes, of: run),
                let history = try? RunHistory(contents.lines, of: run)
            else { continue }
            times.take(RunResult(history, journalPath: "", journalSHA256: nil), runbook)
        }
        return times
    }

    private mutating func take(_ result: RunResult, _ runbook: String) {
        for part in result.parts where part.kind == .runbook && part.name == runbook {
            let done = part.steps.filter { $0.status == .passed }
            for step in done { steps[Self.key(step.kind, step.name), default: []].append(step.tookSeconds) }
            if done.count == part.steps.count { whole.append(part.tookSeconds) }
        }
    }

    private static func key(_ kind: String, _ name: String) -> String { "\(kind) \(name)" }

    func expectation(of step: KeptStep) -> Plan.Expectation? {
        Plan.Expectation(newestFirst: steps[Self.key(step.kind, step.name)] ?? [])
    }

    var expectation: Plan.Expectation? { Plan.Expectation(newestFirst: whole) }
}
