import Bindings
import Recovery

/// Runs programs as children of ours, which end with us whatever ends us.
package struct ChildCommands: CommandRunner {
    private let environment: ChildEnvironment

    package init(environment: ChildEnvironment) { self.environment = environment }

    /// With `logFile`, standard output goes to that file, which must not exist yet, instead of into the outcome.
    package func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        var child = try Command(command, in: environment)
        if let file = command.logFile { child.output = .newFile(file) }
        do {
            let result = try await Bindings.run(child, onStandardErrorLine: onErrorLine)
            return CommandOutcome(
                status: result.status.asCommandStatus, output: result.output, errors: result.errorTail, seconds: result.wallTime.inSeconds)
        } catch let error as ProcessError {
            throw error.asFailure
        }
    }

    package func find(_ executable: String) -> String? { findExecutable(executable, path: environment.path) }
}

extension Command {
    /// The command with its program found, its account looked up and its whole environment put together.
    init(_ spec: CommandSpec, in environment: ChildEnvironment) throws {
        guard let executable = findExecutable(spec.executable, path: environment.path) else {
            throw Failure(
                .toolMissing,
                spec.executable.contains("/")
                    ? "cannot run \(spec.executable): there is no such program, or it may not be executed"
                    : "cannot run \(spec.executable): no such program in \(environment.path)",
                hint: "install it, or have it found through PATH")
        }
        self.init(
            executable, spec.arguments, environment: environment.adding(spec.environment), workingFolder: spec.folder ?? "/",
            runAs: try spec.account.flatMap { try account(named: $0, for: spec.executable) },
            input: spec.standardInput.map(Input.bytes) ?? .none,
            descendants: spec.mayLeaveDaemons ? .mayOutliveCommand : .endWithCommand)
    }
}

/// Nil when that is who we are already.
private func account(named name: String, for executable: String) throws -> UserAccount? {
    guard let account = UserAccount.named(name) else {
        throw Failure(
            .toolMissing, "cannot run \(executable) as '\(name)': this machine has no such account",
            hint: "create the account, or name another one")
    }
    return account.uid == UserAccount.current.uid ? nil : account
}

extension ProcessError {
    var asFailure: Failure {
        Failure(.toolMissing, description, hint: "check that the program is installed and may be executed by the account it runs as")
    }
}

extension ExitStatus {
    var asCommandStatus: CommandOutcome.Status {
        switch self {
        case .exited(let code): .exited(code)
        case .signalled(let signal): .signalled(signal)
        }
    }
}
