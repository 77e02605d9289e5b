import Bindings
import FoundationEssentials
import Glibc

/// A program of this package while it runs: it can be sent signals, SIGKILL above all, and nobody cleans up behind it.
package final class RunningProgram: Sendable {
    /// Its own process.
    package let pid: Int32
    private let process: GuardedProcess
    private let log: String

    /// - Parameter log: file that both output streams are appended to.
    package static func start(_ program: Program, _ arguments: [String], log: String) async throws -> RunningProgram {
        // What it started is its own business: the guardian ends with the program itself.
        let command = Command(
            program.path, arguments, environment: program.environment, workingFolder: program.folder, descendants: .mayOutliveCommand)
        return RunningProgram(try await GuardedProcess.start(command, log: log), log: log)
    }

    private init(_ process: GuardedProcess, log: String) {
        pid = process.pid
        self.process = process
        self.log = log
    }

    package var isRunning: Bool { process.isRunning }

    /// To the program alone, not to what it has started.
    package func send(_ signal: Int32) {
        // Until its end is known its number is nobody else's.
        if isRunning { kill(pid, signal) }
    }

    package func waitForExit() async throws -> ExitStatus { try await process.waitForExit() }

    /// All that it has printed so far.
    package var printed: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}
