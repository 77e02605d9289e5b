package import Documents

/// Something that could not be done, said the way an operator needs to hear it.
///
/// The kind decides the exit code and whether trying again can help; the words are for people. Text that
/// came from a server or a file may be inside: whoever prints it escapes it for its own outlet.
package struct Failure: Error, Sendable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// The target did not answer, or refused the connection.
        case unreachable
        /// The engine understood and said no: an SQL error, a conflict, a missing privilege.
        case engine
        /// A program that is needed is not installed, or too old.
        case toolMissing = "tool-missing"
        /// It took longer than it was given.
        case timedOut = "timed-out"
        /// User, password or certificate were refused.
        case credentials
        /// The store does not answer, or is not there.
        case storeUnavailable = "store-unavailable"
        /// The provider of disposable servers cannot do its work.
        case environmentUnavailable = "environment-unavailable"
        /// No such backup, run, policy or file.
        case notFound = "not-found"
        /// A local disk or folder cannot be written or read.
        case localStorage = "local-storage"
        /// The journal cannot be written.
        case journal
        /// Somebody else is at work on the same thing.
        case lockHeld = "lock-held"
        /// A runbook, drill or manifest has mistakes.
        case document
        case configuration
        case usage
        /// The backup itself: a byte differs, a part is missing or foreign.
        case damaged
        /// The backup is whole and does not fit: an older server, another engine, an object it does not hold.
        case unfit
        /// Something was compared and differs.
        case differs
        /// Going on would destroy something nobody has agreed to.
        case refused
        /// A command or a person said no.
        case declined
        /// What an application or command was asked to do did not come to pass.
        case application
        /// Ours.
        case bug
    }

    package let kind: Kind
    package let problem: String
    package let hint: String?
    package let cause: (any Error & Sendable)?
    /// What stood in the way comes and goes by itself: a daemon that restarts, a network that is down.
    package private(set) var mayPass = false

    package init(_ kind: Kind, _ problem: String, hint: String? = nil, cause: (any Error & Sendable)? = nil) {
        self.kind = kind
        self.problem = problem
        self.hint = hint
        self.cause = cause
    }

    /// Everything that is wrong with what somebody asked for, at once; `what` says what cannot be done for it.
    package init(_ kind: Kind, mistakes: [Mistake], in what: String) {
        if let only = mistakes.first, mistakes.count == 1 {
            self.init(kind, "\(what): \(only.problem)", hint: only.hint)
        } else {
            let lines = mistakes.map { mistake in "- \(mistake.problem)\(mistake.hint.map { " (\($0))" } ?? "")" }
            self.init(kind, ([what + ":"] + lines).joined(separator: "\n"))
        }
    }

    /// The reasons below this one, outermost first, as plain sentences.
    package var causes: [String] {
        var reasons: [String] = []
        var next = cause
        while let error = next {
            guard let failure = error as? Failure else {
                reasons.append(String(describing: error))
                break
            }
            reasons.append(failure.problem)
            next = failure.cause
        }
        return reasons
    }

    /// The hint nearest to the top: an inner one is used when the outer failure has none.
    package var advice: String? {
        if let hint { return hint }
        return (cause as? Failure)?.advice
    }

    /// Whether it is the backup that cannot be used, and not that something could not be reached or read.
    package var isAboutTheBackup: Bool { kind == .damaged || kind == .unfit }

    /// Whether the same act can succeed a little later without anybody changing anything.
    package var isWorthRetrying: Bool { mayPass || kind == .unreachable || kind == .timedOut || kind == .storeUnavailable }

    /// The same failure, marked as one that comes and goes by itself.
    package var passing: Failure {
        var failure = self
        failure.mayPass = true
        return failure
    }
}

extension Failure: CustomStringConvertible {
    package var description: String {
        var lines = [problem]
        lines += causes.map { "  because: \($0)" }
        if let advice { lines.append("  hint: \(advice)") }
        return lines.joined(separator: "\n")
    }
}

extension Failure {
    /// Any error as a failure; one we did not expect is our own bug and says so.
    package static func wrapping(_ error: any Error, while attempt: String) -> Failure {
        if let failure = error as? Failure { return failure }
        return Failure(.bug, "\(attempt): \(error)", hint: "this is a defect in lifeboat; please report it with the run's journal")
    }

    /// What is kept of a failure in journals and results.
    package var record: FailureRecord {
        FailureRecord(kind: kind, problem: problem, causes: causes, hint: advice)
    }
}

/// A failure as journals and results keep it.
package struct FailureRecord: Sendable, Codable, Equatable {
    package let kind: Failure.Kind
    package let problem: String
    package let causes: [String]
    package let hint: String?

    package init(kind: Failure.Kind, problem: String, causes: [String] = [], hint: String? = nil) {
        self.kind = kind
        self.problem = problem
        self.causes = causes
        self.hint = hint
    }
}
