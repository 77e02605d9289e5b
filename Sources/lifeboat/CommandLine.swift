import Bindings
import Documents
import Outlets
import Recovery

/// Finds the command, runs it, and turns whatever comes of it into words and an exit code.
enum CommandLine {
    static func run(_ words: [String], environment: [String: String], interruption: Interruption) async -> Int32 {
        var arguments = Arguments(words)
        let json = arguments.flag("--json")
        let output = Output(
            json: json, style: style(for: .output, environment), errorStyle: style(for: .errors, environment),
            width: StandardStream.output.columns ?? 100)
        var called: (any Command.Type)?
        do {
            let help = arguments.flag("--help")
            // As everybody asks who does not know the commands yet.
            guard let name = arguments.word() ?? (arguments.flag("--version") ? VersionCommand.name : nil), name != "help" else {
                output.show(page: Help.overview)
                try output.show(json: .help, ["commands": allCommands.map(Help.init(of:))])
                return 0
            }
            guard let type = allCommands.first(where: { $0.name == name }) else {
                let names = allCommands.map { $0.name }
                throw Failure(
                    .usage, "there is no command '\(name)'", hint: names.suggestion(for: name) ?? "`lifeboat help` lists them")
            }
            called = type
            if help {
                output.show(page: Help.page(of: type))
                try output.show(json: .help, ["commands": [Help(of: type)]])
                return 0
            }
            let configuration = try arguments.option("--config")
            let quiet = arguments.flag("--quiet")
            let command = try type.init(&arguments)
            try arguments.finish()
            let progress = TerminalProgress(
                style: output.errorStyle, isQuiet: quiet, isWatched: !quiet && StandardStream.errors.isTerminal)
            let services = try Services(
                configuration: configuration, environment: environment, interruption: interruption, progress: progress,
                bearingMistakes: type.bearsMistakesOfTheConfiguration)
            return try await command.run(services, output)
        } catch {
            return end(by: error, called, words, output, interruption)
        }
    }

    private static func end(
        by error: any Error, _ called: (any Command.Type)?, _ words: [String], _ output: Output, _ interruption: Interruption
    ) -> Int32 {
        var ended = CommandFailure(error)
        if let called, ended.failure.kind == .usage, ended.failure.hint == nil {
            ended = ended.hinting(Help.hint(for: called))
        }
        var code = ended.exitCode
        if let signal = interruption.signal {
            code = 128 + signal.rawValue
        } else if let mistakes = ended.mistakes {
            output.complain(mistakes.rendered())
        } else {
            output.complain(ended.failure)
        }
        if let called { code = called.end(by: ended.failure, words, output) ?? code }
        if !output.hasShown { try? output.show(json: CommandFailureJSON(ended, exitCode: code)) }
        return code
    }

    /// Colour only where somebody looks: NO_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM as everybody reads them.
    private static func style(for stream: StandardStream, _ environment: [String: String]) -> TerminalStyle {
        if let no = environment["NO_COLOR"], !no.isEmpty { return .plain }
        if let force = environment["CLICOLOR_FORCE"], force != "0", !force.isEmpty { return .ansi }
        if environment["CLICOLOR"] == "0" { return .plain }
        return stream.isTerminal && environment["TERM"] != "dumb" ? .ansi : .plain
    }
}

/// What `lifeboat help` prints; made from the commands themselves.
struct Help: Encodable {
    let command: String
    let usage: String
    let summary: String
    let options: [CommandOption]

    init(of command: any Command.Type) {
        (self.command, usage, summary) = (command.name, command.usage, command.summary)
        options = command.options
    }

    static var overview: String {
        let width = (allCommands.map { $0.name.count }.max() ?? 0) + 2
        let lines = allCommands.map { "  \($0.name)\(String(repeating: " ", count: width - $0.name.count))\($0.summary)" }
        return """
            lifeboat proves that backups can be restored: the runbook you drill is the runbook you run.

            \(lines.joined(separator: "\n"))

            Everywhere: --config FILE, --json (result on standard output), --quiet, --help.

            """
    }

    /// For somebody who has left something out.
    static func hint(for command: any Command.Type) -> String {
        let words = command.usage.split(separator: " [").first.map(String.init) ?? ""
        let isPlain = !words.isEmpty && !words.hasPrefix("[") && !words.contains("|")
        let start = isPlain ? "it begins with lifeboat \(command.name) \(words); " : ""
        return "\(start)`lifeboat \(command.name) --help` says all that it takes"
    }

    static func page(of command: any Command.Type) -> String {
        let rows = command.options + CommandOption.everywhere
        let width = (rows.map(\.words.count).max() ?? 0) + 2
        let lines = rows.map { "  \($0.words)\(String(repeating: " ", count: width - $0.words.count))\($0.meaning)" }
        let usage = command.usage.isEmpty ? "" : " \(command.usage)"
        return "lifeboat \(command.name)\(usage)\n\n\(command.summary)\n\n\(lines.joined(separator: "\n"))\n"
    }
}
