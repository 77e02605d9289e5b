import Glibc
import Synchronization

/// A server of ours that never outlives us: when this object or the whole program is gone, even by SIGKILL, it is stopped,
/// with everything it started, and its folders are removed.
package final class GuardedProcess: Sendable {
    /// The server's own process id.
    package let pid: Int32
    /// Of the process that watches over it and removes the folders; it ends last.
    package var guardianPID: Int32 { guardian.pid }

    private let guardian: Guardian
    private let ending: Ending
    private let stopSignal: Int32
    private let grace: Duration

    /// Starts the command and returns as soon as it runs.
    ///
    /// - Parameters:
    ///   - log: file that both output streams are appended to; made with mode 0600 if missing. `nil` drops them.
    ///   - stopSignal: what asks this server to stop.
    ///   - grace: how long it may take before it gets SIGKILL.
    ///   - folders: absolute paths removed when everything has ended: after `stop`, or after our own end. A server that
    ///     ends by itself leaves them until then. If starting fails they are not touched.
    package static func start(
        _ command: Command, log: String? = nil, stopSignal: Int32 = SIGTERM, grace: Duration = .seconds(5),
        removing folders: [String] = []
    ) async throws(ProcessError) -> GuardedProcess {
        try await blocking { _ throws(ProcessError) in
            for folder in folders where !folder.hasPrefix("/") || folder.allSatisfy({ $0 == "/" }) {
                throw ProcessError(.unusable, command, "its folder '\(folder)' cannot be removed at the end: not an absolute path below /")
            }
            let input = try command.openInput()
            let output = if let log { try command.openLog(log) } else { try command.openNowhere() }
            let guardian = try Guardian(
                command, input: input, output: output, errorOutput: output, stopSignal: stopSignal, grace: grace,
                removing: folders)
            return GuardedProcess(guardian, stopSignal: stopSignal, grace: grace)
        }
    }

    private init(_ guardian: Guardian, stopSignal: Int32, grace: Duration) {
        self.pid = guardian.commandPID
        self.guardian = guardian
        self.stopSignal = stopSignal
        self.grace = grace
        let ending = Ending()
        self.ending = ending
        // Holds the guardian's reports, not this object: nobody but its owner keeps a server running.
        BlockingThreads.shared.run {
            while let report = guardian.nextReport() { ending.commandEnded(report.status) }
            guardian.reap()
            ending.everythingEnded()
        }
    }

    deinit { guardian.letGo() }

    /// Whether the server itself still runs.
    package var isRunning: Bool { ending.status == nil }

    /// Sends it a signal (SIGHUP to make it read its configuration), and nothing else.
    package func send(_ signal: Int32) { guardian.pass(signal: signal) }

    /// Ends the server itself at once; what else it started, and its folders, stay until `stop`.
    package func kill() { guardian.pass(signal: SIGKILL) }

    /// Stops it and returns when it, all its descendants and its folders are gone. Works in a cancelled task, and again.
    @discardableResult
    package func stop(signal: Int32? = nil, grace: Duration? = nil) async -> ExitStatus {
        guardian.stop(signal: signal ?? stopSignal, grace: grace ?? self.grace)
        return await ending.waitForEverything()
    }

    /// Waits until the server ends, by itself or stopped. Cancelling the task ends the waiting, not the server.
    package func waitForExit() async throws(CancellationError) -> ExitStatus {
        try await ending.waitForCommand()
    }
}

/// How far the end of a guarded process has come, and who waits for it.
private final class Ending: Sendable {
    private struct State {
        var status: ExitStatus?
        var isGone = false
        var waitingForCommand: [Int: CheckedContinuation<ExitStatus?, Never>] = [:]
        var waitingForEverything: [CheckedContinuation<ExitStatus, Never>] = []
        var nextWaiter = 0
        /// Waiters whose task was cancelled before they could be entered.
        var withdrawn: Set<Int> = []
    }
    private let state = Mutex(State())

    var status: ExitStatus? { state.withLock { $0.status } }

    func commandEnded(_ status: ExitStatus) {
        let waiting = state.withLock { state in
            state.status = status
            defer { state.waitingForCommand = [:] }
            return state.waitingForCommand.values
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }

    func everythingEnded() {
        // Without a report the guardian itself was killed, and the kernel killed the command with it.
        if status == nil { commandEnded(.signalled(SIGKILL)) }
        let (waiting, status) = state.withLock { state in
            state.isGone = true
            defer { state.waitingForEverything = [] }
            return (state.waitingForEverything, state.status ?? .signalled(SIGKILL))
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }

    func waitForEverything() async -> ExitStatus {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state -> ExitStatus? in
                if state.isGone { return state.status }
                state.waitingForEverything.append(continuation)
                return nil
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    func waitForCommand() async throws(CancellationError) -> ExitStatus {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let status = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<ExitStatus?, Never>) in
                enter(waiter, continuation)
            }
        } onCancel: {
            withdraw(waiter)
        }
        guard let status else { throw CancellationError() }
        return status
    }

    private func enter(_ waiter: Int, _ continuation: CheckedContinuation<ExitStatus?, Never>) {
        let (answered, status) = state.withLock { state -> (Bool, ExitStatus?) in
            if let status = state.status { return (true, status) }
            if state.withdrawn.remove(waiter) != nil { return (true, nil) }
            state.waitingForCommand[waiter] = continuation
            return (false, nil)
        }
        if answered { continuation.resume(returning: status) }
    }

    private func withdraw(_ waiter: Int) {
        let continuation = state.withLock { state in
            let continuation = state.waitingForCommand.removeValue(forKey: waiter)
            if continuation == nil, state.status == nil { state.withdrawn.insert(waiter) }
            return continuation
        }
        continuation?.resume(returning: nil)
    }
}
