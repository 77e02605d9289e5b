import Recovery

/// What `plan` and `run` are told beside the runbook.
struct RunOptions: Sendable {
    static let usage =
        "RUNBOOK [--target ROLE=NAME] [--backup ROLE=ID] [--app ROLE=NAME] [--input NAME=VALUE] [--skip STEP] [--from STEP]"

    static let options: [CommandOption] = [
        CommandOption("--target ROLE=NAME", "binds a target role to a target of the configuration"),
        CommandOption("--backup ROLE=ID", "restores from this backup, not from the newest usable one"),
        CommandOption("--app ROLE=NAME", "binds an application role to one of the configuration"),
        .input,
        .skip,
        .from,
    ]

    let path: String
    private let targets: [String: String]
    private let backups: [String: String]
    private let apps: [String: String]
    private let inputs: [String: String]
    private let choices: StepChoices

    init(_ arguments: inout Arguments) throws(Failure) {
        targets = try arguments.pairs("--target")
        backups = try arguments.pairs("--backup")
        apps = try arguments.pairs("--app")
        inputs = try arguments.pairs("--input")
        choices = StepChoices(skip: try arguments.options("--skip"), from: try arguments.option("--from"))
        path = try arguments.required("the path of a runbook")
    }

    func request(_ runbook: Runbook) -> RunRequest {
        RunRequest(runbook, targets: targets, backups: backups, apps: apps, inputs: inputs, choices: choices)
    }
}
