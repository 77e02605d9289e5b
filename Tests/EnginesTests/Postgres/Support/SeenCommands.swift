import Recovery
import Synchronization

/// Runs programs, and remembers what they were given.
final class SeenCommands: CommandRunner {
    private let seen = Mutex<[CommandSpec]>([])
    var commands: [CommandSpec] { seen.withLock { $0 } }

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        seen.withLock { $0.append(command) }
        return try await TestCommands().run(command, onErrorLine: onErrorLine)
    }

    func find(_ executable: String) -> String? { nil }
}
