internal import Documents

/// What somebody asks for with `lifeboat run`: a runbook, and what its roles stand for this time.
package struct RunRequest: Sendable {
    package var runbook: Runbook
    /// `--target ROLE=NAME`.
    package var targets: [String: String]
    /// `--backup ROLE=POLICY/SET/TARGET`.
    package var backups: [String: String]
    /// `--app ROLE=NAME`.
    package var apps: [String: String]
    /// `--input NAME=VALUE`.
    package var inputs: [String: String]
    /// `--confirm NAME`: targets on which things may be destroyed.
    package var confirmed: [String]
    /// `--accept-unproven TARGET/OBJECT`.
    package var acceptedUnproven: [String]
    /// `--skip PATH`, `--from PATH`.
    package var choices: StepChoices
    /// `--reason TEXT`.
    package var reason: String?
    /// `--disaster-at TIME`: what losses are counted back from; the start of the run when left out.
    package var disasterAt: Timestamp?
    package var formats: [ReportWord]
    /// How long an unfinished run may be resumed.
    package var expiry: Duration

    package init(
        _ runbook: Runbook, targets: [String: String] = [:], backups: [String: String] = [:], apps: [String: String] = [:],
        inputs: [String: String] = [:], confirmed: [String] = [], acceptedUnproven: [String] = [], choices: StepChoices = .none,
        reason: String? = nil, disasterAt: Timestamp? = nil, formats: [ReportWord] = [.html, .json], expiry: Duration = .seconds(7 * 86400)
    ) {
        self.runbook = runbook
        self.targets = targets
        self.backups = backups
        self.apps = apps
        self.inputs = inputs
        self.confirmed = confirmed
        self.acceptedUnproven = acceptedUnproven
        self.choices = choices
        self.reason = reason
        self.disasterAt = disasterAt
        self.formats = formats
        self.expiry = expiry
    }

    /// The request that a run began with, out of its journal. Choices of steps come with the run's history.
    package init(resuming started: RunStarted, _ runbook: Runbook, confirmed: [String]) {
        var targets: [String: String] = [:]
        var apps: [String: String] = [:]
        for binding in started.parts.first(where: { $0.kind == .runbook })?.bindings ?? [] {
            switch binding.kind {
            case .target: targets[binding.name] = binding.value
            case .app: apps[binding.name] = binding.value
            case .backup, .input: break
            }
        }
        self.init(
            runbook, targets: targets, backups: Dictionary(started.backups.map { ($0.role, "\($0.id)") }) { first, _ in first }, apps: apps,
            inputs: started.inputs, confirmed: confirmed, acceptedUnproven: started.acceptedUnproven ?? [], reason: started.reason,
            disasterAt: started.referenceTime)
    }

    /// The command line that asks for this, with other backups.
    func commandLine(_ runbook: String, backups: [String: String]) -> String {
        var words = ["lifeboat", "run", ShellText.path(runbook)]
        for (option, pairs) in [("--target", targets), ("--backup", backups), ("--app", apps), ("--input", inputs)] {
            for pair in pairs.sorted(by: { $0.key < $1.key }) { words += [option, ShellText.word("\(pair.key)=\(pair.value)")] }
        }
        return words.joined(separator: " ")
    }
}
