import Bindings
import Recovery

/// The processes that a server was, one after the other, when a runbook stops and starts it. Each of them removes the server's folder at
/// the end, whatever way that comes.
actor ServerLife {
    /// The last is the one that runs, or ran.
    private var processes: [GuardedProcess]
    private var isStopped = false
    private let stopSignal: Int32
    private let grace: Duration
    private let time: any TimeSource
    private let launch: @Sendable () async throws -> GuardedProcess
    private let waitUntilReady: @Sendable (GuardedProcess) async throws -> Void

    /// - Parameter launch: starts the server on the same folder and port.
    init(
        _ process: GuardedProcess, stopSignal: Int32, grace: Duration, time: any TimeSource,
        launch: @escaping @Sendable () async throws -> GuardedProcess,
        waitUntilReady: @escaping @Sendable (GuardedProcess) async throws -> Void
    ) {
        self.waitUntilReady = waitUntilReady
        processes = [process]
        self.stopSignal = stopSignal
        self.grace = grace
        self.time = time
        self.launch = launch
    }

    var isRunning: Bool { processes.last?.isRunning ?? false }

    /// Its folder stays: only the end of its guardian removes that.
    func stop() async throws {
        isStopped = true
        guard let process = processes.last, process.isRunning else { return }
        process.send(stopSignal)
        let deadline = time.uptime + grace
        while process.isRunning, time.uptime < deadline { try await time.sleep(for: .milliseconds(10)) }
        if process.isRunning { process.kill() }
        _ = try await process.waitForExit()
    }

    func start() async throws {
        if isRunning { return }
        let process = try await launch()
        // Kept whatever comes: with the last who holds it goes the server's folder.
        processes.append(process)
        do { try await waitUntilReady(process) } catch {
            process.kill()
            throw error
        }
        isStopped = false
    }

    /// How it ended, unless it runs or was stopped.
    func unexpectedEnd() async -> ExitStatus? {
        guard !isStopped, let process = processes.last, !process.isRunning else { return nil }
        return try? await process.waitForExit()
    }

    /// For good, with its folder.
    func end() async {
        for process in processes.reversed() { await process.stop() }
    }
}

/// A server of the environment as an application that a runbook stops and starts.
struct ServerControl: AppControl {
    let name: String
    let server: RunningServer

    func stop() async throws { try await server.life.stop() }
    func start() async throws { try await server.life.start() }
    func isRunning() async throws -> Bool? { await server.life.isRunning }

    /// `start` has waited until it was ready.
    func health() async throws -> AppHealth {
        await server.life.isRunning ? .healthy("it answers logins") : .unhealthy("it is not running")
    }

    func remarksWhenStopped() async throws -> [String] { ["server '\(server.name)' has ended, and its storage folder is nobody's now"] }
}
