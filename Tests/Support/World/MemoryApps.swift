import Recovery
import Synchronization

/// Applications behind commands: `app stop shop`, `app start shop`, `app running shop`. There are no other commands.
package final class MemoryApps: CommandRunner {
    private let state = Mutex<(running: Set<String>, acts: [String], hook: (@Sendable () throws -> Void)?)>(([], [], nil))
    private let live: @Sendable () throws -> Void
    private let faults: Faults

    package init(faults: Faults, live: @escaping @Sendable () throws -> Void) {
        self.faults = faults
        self.live = live
    }

    package var running: Set<String> { state.withLock { $0.running } }
    /// What they were told to do, in order.
    package var acts: [String] { state.withLock { $0.acts } }
    /// Something happens while the next one is told to start.
    package func whenNextStarted(_ hook: @escaping @Sendable () throws -> Void) { state.withLock { $0.hook = hook } }
    /// Somebody starts one behind lifeboat's back.
    package func somebodyStarts(_ app: String) { state.withLock { _ = $0.running.insert(app) } }

    package func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        try live()
        guard command.executable == "app", let verb = command.arguments.first, let app = command.arguments.last else {
            throw Failure(.toolMissing, "there are no commands here")
        }
        let hook = state.withLock { state in
            defer { if verb == "start" { state.hook = nil } }
            return verb == "start" ? state.hook : nil
        }
        try hook?()
        let succeeded: Bool
        do { succeeded = try faults.call(.commands, "\(verb) \(app)", changes: true) { carryOut(verb, app) } } catch let failure as Failure
            where failure.kind == .application
        {
            return CommandOutcome(status: .exited(1), output: [], errors: failure.problem, seconds: 0)
        }
        return CommandOutcome(status: .exited(succeeded ? 0 : 1), output: [], errors: "", seconds: 0)
    }

    private func carryOut(_ verb: String, _ app: String) -> Bool {
        state.withLock { state in
            switch verb {
            case "stop":
                state.acts.append("stop \(app)")
                state.running.remove(app)
                return true
            case "start":
                state.acts.append("start \(app)")
                state.running.insert(app)
                return true
            default: return state.running.contains(app)
            }
        }
    }

    package func find(_ executable: String) -> String? { executable == "app" ? "/bin/app" : nil }
}
