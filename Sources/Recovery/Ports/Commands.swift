/// A program to run: an argument list, never a shell line, with the whole environment it gets.
package struct CommandSpec: Sendable, Equatable {
    /// A path, or a name looked up in the runner's own PATH.
    package var executable: String
    package var arguments: [String]
    /// Added to PATH and locale, the only things that are inherited.
    package var environment: [String: String]
    package var folder: String?
    /// Name of the account it runs as, when we may choose (we are root); nil for ours.
    package var account: String?
    package var standardInput: [UInt8]?
    /// File that receives both streams, for servers.
    package var logFile: String?
    /// What it leaves running when it ends stays: a command that starts a real application does just that. Otherwise all that
    /// it has started ends with it.
    package var mayLeaveDaemons: Bool

    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil,
        account: String? = nil,
        standardInput: [UInt8]? = nil, logFile: String? = nil, mayLeaveDaemons: Bool = false
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.account = account
        self.standardInput = standardInput
        self.logFile = logFile
        self.mayLeaveDaemons = mayLeaveDaemons
    }
}

/// How a program ended.
package struct CommandOutcome: Sendable {
    package enum Status: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    package let status: Status
    /// The beginning of standard output, up to a limit.
    package let output: [UInt8]
    /// The end of standard error, as text.
    package let errors: String
    package let seconds: Double

    package init(status: Status, output: [UInt8], errors: String, seconds: Double) {
        self.status = status
        self.output = output
        self.errors = errors
        self.seconds = seconds
    }

    package var succeeded: Bool { status == .exited(0) }

    /// `exited with status 3`, `was killed by signal 9`.
    package var words: String {
        switch status {
        case .exited(let code): "exited with status \(code)"
        case .signalled(let signal): "was killed by signal \(signal)"
        }
    }
}

/// Runs programs that end with us: when we are killed, so are they and all they started.
package protocol CommandRunner: Sendable {
    /// Runs to the end. Cancelling the task ends the whole process group.
    /// Throws `Failure(.toolMissing)` when the program cannot be started; a non-zero exit is not an error here.
    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome
    /// Full path of a program, nil when it is not installed.
    func find(_ executable: String) -> String?
}

extension CommandRunner {
    package func run(_ command: CommandSpec) async throws -> CommandOutcome { try await run(command, onErrorLine: nil) }
}

/// The HTTP that the domain itself speaks: health of applications and notices.
package protocol WebCaller: Sendable {
    /// Throws `Failure(.unreachable)`, `.timedOut`. A status is not an error.
    func send(_ method: String, _ url: Secret, headers: [String: String], body: [UInt8]?, within limit: Duration) async throws -> WebAnswer
}

package struct WebAnswer: Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
