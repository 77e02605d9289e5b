import Bindings
import Recovery

/// Does the blocking work of run folders, and says what went wrong with it.
struct JournalWords: Sendable {
    let stateFolder: String
    let setting: String

    func journalling<Result: Sendable>(_ attempt: String, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await blocking { _ in
            do { return try body() } catch let error as FileError {
                let advice = "nothing is done without a journal; \(setting) moves the state folder elsewhere"
                let hint: String? =
                    switch error.reason {
                    case .forbidden: "'\(UserAccount.current.name)' needs a state folder to write to: \(advice)"
                    case .diskFull, .quotaExceeded: "free some space: \(advice)"
                    case .readOnly: "the disk is mounted read-only, which Linux also does after errors: \(advice)"
                    default: advice
                    }
                throw error.asFailure(.journal, "cannot \(attempt)", where: stateFolder, hint: hint)
            }
        }
    }
}
