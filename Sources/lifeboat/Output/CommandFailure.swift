import Documents
import Outlets
import Recovery

/// Why a command could not do its work, in every form that is asked for.
struct CommandFailure {
    /// In one sentence.
    let failure: Failure
    /// Of documents that could not be read: every one.
    let mistakes: InvalidDocument?

    init(_ error: any Error) {
        switch error {
        case let invalid as InvalidDocument: self.init(.document, invalid)
        case let invalid as InvalidConfiguration: self.init(.configuration, invalid.mistakes)
        default:
            self.init(failure: Failure.wrapping(error, while: "lifeboat"), mistakes: nil)
        }
    }

    /// With what to do about it.
    func hinting(_ hint: String) -> CommandFailure {
        CommandFailure(failure: Failure(failure.kind, failure.problem, hint: hint, cause: failure.cause), mistakes: mistakes)
    }

    private init(failure: Failure, mistakes: InvalidDocument?) { (self.failure, self.mistakes) = (failure, mistakes) }

    private init(_ kind: Failure.Kind, _ invalid: InvalidDocument) {
        let first = invalid.diagnostics.first.map { "\($0.file ?? "") line \($0.line): \($0.problem)" } ?? "a document has mistakes"
        let words = invalid.diagnostics.count > 1 ? "\(invalid.diagnostics.count) mistakes, the first is \(first)" : first
        self.init(failure: Failure(kind, words), mistakes: invalid)
    }

    var exitCode: Int32 { RunOutcome(failure).exitCode(inDrill: false) }
}

/// The same for machines.
struct CommandFailureJSON: Encodable {
    let schema = OutputSchema.failure.name
    let failure: FailureRecord
    let exitCode: Int32
    let mistakes: [MistakeJSON]?

    init(_ ended: CommandFailure, exitCode: Int32) {
        failure = ended.failure.record
        self.exitCode = exitCode
        mistakes = ended.mistakes.map { $0.diagnostics.map(MistakeJSON.init) }
    }
}

/// A mistake in a document, for machines.
struct MistakeJSON: Encodable {
    let file: String?
    let line: Int
    let column: Int
    let severity: String
    let problem: String
    let hint: String?

    init(_ diagnostic: Diagnostic) {
        file = diagnostic.file
        line = diagnostic.line
        column = diagnostic.column
        severity = diagnostic.severity.rawValue
        problem = diagnostic.problem
        hint = diagnostic.hint
    }
}
