import Recovery

/// Goes on with a run that was cut off.
struct ResumeCommand: Command {
    static let name = "resume"
    static let usage = "[RUN] [--confirm NAME] [--skip STEP] [--from STEP]"
    static let summary = "go on with a run that was interrupted; the newest one that can be, when none is named"
    static let options: [CommandOption] = [
        .confirm,
        .skip,
        .from,
    ]

    private let run: String?
    private let confirmed: [String]
    private let choices: StepChoices

    init(_ arguments: inout Arguments) throws(Failure) {
        confirmed = try arguments.options("--confirm")
        choices = StepChoices(skip: try arguments.options("--skip"), from: try arguments.option("--from"))
        run = arguments.word()
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let ended = try await services.resume(run, confirmed: confirmed, choices)
        try output.show(ended, services)
        return ended.result.exitCode
    }
}
