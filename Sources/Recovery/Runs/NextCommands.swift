/// What a person can do after a run on configured targets, as commands to type.
struct NextCommands {
    let request: RunRequest
    /// Where the runbook can be read.
    let runbook: String
    let started: RunStarted
    let lines: [JournalLine]

    func after(_ verdict: Runner.Verdict) -> [RunResult.NextCommand] {
        switch verdict.outcome {
        case .passed, .incomplete, .objectiveMissed, .unverified: []
        case .interrupted, .paused: [.init("lifeboat resume \(started.run)", "to go on where the run stopped")] + putBack
        case .failed, .broke: putBack
        }
    }

    /// For each copy that was kept of something that was then destroyed: the same runbook, restoring from the copy.
    private var putBack: [RunResult.NextCommand] {
        let history = RunHistory(started, lines)
        let steps = started.parts.filter { $0.kind == .runbook }.flatMap(\.steps)
        var commands: [RunResult.NextCommand] = []
        for (place, step) in steps.enumerated() where step.kind == BackupTakeStep.kind {
            guard let end = history.ended[step.path]?.last(where: { $0.status == .passed }),
                let text = end.facts[BackupTakeStep.backupFact]?.text, let id = BackupID(text)
            else { continue }
            let destroyed = steps[(place + 1)...].flatMap { history.begun[$0.path] ?? [] }.flatMap { Guard.Act.destroyed($0.effects) }
                .filter { $0.object.target == id.target }
            guard let first = destroyed.first else { continue }
            let location = end.facts["location"]?.text ?? text
            commands.append(
                .init(
                    command(from: id, for: first),
                    "to put back what was kept of '\(id.target)' before the run set out to destroy it (it lies in \(location), with a RESTORE.txt)"
                ))
        }
        return commands
    }

    private func command(from id: BackupID, for effect: Effect) -> String {
        var backups = Dictionary(started.backups.map { ($0.role, "\($0.id)") }) { first, _ in first }
        if let role = effect.refill?.backupRole { backups[role] = "\(id)" }
        return request.commandLine(runbook, backups: backups)
    }
}
