/// A program to run, with everything it is given. It inherits nothing from us: no environment, no open files, no signals.
package struct Command: Sendable {
    /// Path of the program; `findExecutable` looks it up by name.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    /// The whole environment.
    package var environment: [String: String]
    package var workingFolder: String
    /// Whose rights it runs with; `nil` for ours. Becoming somebody else takes root.
    package var runAs: UserAccount?
    package var input: Input
    /// Where standard output goes. A `GuardedProcess` sends both streams to its log instead.
    package var output: Output
    package var descendants: Descendants

    package enum Input: Sendable {
        case none
        case bytes([UInt8])
        case file(String)
    }

    package enum Output: Sendable {
        /// Into the result, up to a limit.
        case captured
        /// Into a file that must not exist yet.
        case newFile(String)
        case discarded
    }

    package enum Descendants: Sendable {
        /// What the command leaves running when it ends is killed.
        case endWithCommand
        /// A command that starts a service (`./start.sh`) may leave it behind; it outlives us too.
        case mayOutliveCommand
    }

    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], workingFolder: String = "/",
        runAs: UserAccount? = nil, input: Input = .none, output: Output = .captured, descendants: Descendants = .endWithCommand
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingFolder = workingFolder
        self.runAs = runAs
        self.input = input
        self.output = output
        self.descendants = descendants
    }
}
