import Recovery

/// One verb of the command line: reads its words, does its work through `Services`, shows its result.
protocol Command: Sendable {
    static var name: String { get }
    /// What follows the name: `DRILL… [--reason TEXT]`.
    static var usage: String { get }
    /// One line for `lifeboat help`.
    static var summary: String { get }

    /// Every option in `usage`, with what it is for.
    static var options: [CommandOption] { get }
    /// Whether it does its work though the configuration has mistakes: it tells them itself, or has no use for a configuration.
    static var bearsMistakesOfTheConfiguration: Bool { get }

    /// Throws `Failure(.usage)` for words that are missing or too many.
    init(_ arguments: inout Arguments) throws(Failure)
    /// Returns the exit code.
    func run(_ services: Services, _ output: Output) async throws -> Int32
    /// The exit code of a command that could not do its work, mistyped words included, where it differs from the table of
    /// outcomes; shows on standard output what a reader there waits for. `words` are those of the command line.
    static func end(by failure: Failure, _ words: [String], _ output: Output) -> Int32?
}

/// One option of a command, for `--help`.
struct CommandOption: Encodable {
    /// `--seed NUMBER`.
    let words: String
    let meaning: String

    init(_ words: String, _ meaning: String) { (self.words, self.meaning) = (words, meaning) }

    // Of more than one command.
    static let input = CommandOption("--input NAME=VALUE", "gives an input of the runbook its value; repeatable")
    static let confirm = CommandOption("--confirm NAME", "agrees to what will be destroyed on that target; repeatable")
    static let acceptUnproven = CommandOption(
        "--accept-unproven TARGET/OBJECT", "destroys it without a proven backup of it, as the plan names it; the report says so")
    static let reason = CommandOption("--reason TEXT", "why, for the journal and the report")
    static let skip = CommandOption("--skip STEP", "leaves a step out, by its number in the plan (1.3); repeatable")
    static let from = CommandOption("--from STEP", "begins with this step and leaves out those before it that are not finished")

    /// Those that every command takes.
    static let everywhere = [
        CommandOption("--config FILE", "the configuration, instead of the first one found"),
        CommandOption("--json", "the result as JSON on standard output"),
        CommandOption("--quiet", "no progress on standard error"),
        CommandOption("--help", "this page"),
    ]
}

extension Command {
    static var options: [CommandOption] { [] }
    static var bearsMistakesOfTheConfiguration: Bool { false }

    static func end(by failure: Failure, _ words: [String], _ output: Output) -> Int32? { nil }
}

/// Every verb. A new one is a file and a line.
let allCommands: [any Command.Type] = [
    DrillCommand.self,
    PlanCommand.self,
    RunCommand.self,
    RestoreCommand.self,
    ResumeCommand.self,
    AbandonCommand.self,
    BackupCommand.self,
    BackupsCommand.self,
    CheckCommand.self,
    LintCommand.self,
    SchemaCommand.self,
    ReferenceCommand.self,
    ReportCommand.self,
    SweepCommand.self,
    ImagesCommand.self,
    QdrantCommand.self,
    ArangoDBCommand.self,
    DoctorCommand.self,
    DemoCommand.self,
    VersionCommand.self,
]
