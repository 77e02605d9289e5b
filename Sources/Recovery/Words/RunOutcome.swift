/// How a run, a drill or a command ended. The one table of exit codes is here.
package enum RunOutcome: Sendable, Equatable {
    case passed
    /// Verification found differences, or the backup itself is damaged, incomplete or does not fit.
    case failed
    case broke(Failure.Kind)
    /// Stopped at a step that a person has to judge or do.
    case paused
    /// Restored, and nothing was compared.
    case unverified
    /// Verified, but slower or older than promised.
    case objectiveMissed
    /// Some of many were skipped or failed, or a clean-up, a notice or a proof could not be made.
    case incomplete
    case interrupted(Signal)

    package enum Signal: Int32, Sendable, Codable {
        case interrupt = 2
        case terminate = 15
    }

    /// The outcome of a run that ended with this failure.
    package init(_ failure: Failure) {
        switch failure.kind {
        case .damaged, .unfit, .differs: self = .failed
        default: self = .broke(failure.kind)
        }
    }

    /// - Parameter inDrill: a drill that verified nothing has failed its purpose; a recovery has not.
    package func exitCode(inDrill: Bool) -> Int32 {
        switch self {
        case .passed: 0
        case .failed: 2
        case .unverified: inDrill ? 2 : 3
        case .incomplete: 3
        case .objectiveMissed: 4
        case .paused: 5
        case .interrupted(let signal): 128 + signal.rawValue
        case .broke(let kind): kind.exitCode
        }
    }

    package var isBroken: Bool { if case .broke = self { true } else { false } }

    /// Which of several outcomes is told: signal, failed, broke, paused, not verified, objective missed, incomplete, passed. What broke
    /// beside a journal that cannot be written is the lesser trouble: nobody can go on from there.
    package static func worst(_ outcomes: some Sequence<RunOutcome>) -> RunOutcome {
        outcomes.max { $0.rank < $1.rank } ?? .passed
    }

    private var rank: Int {
        switch self {
        case .passed: 0
        case .incomplete: 1
        case .objectiveMissed: 2
        case .unverified: 3
        case .paused: 4
        case .broke(let kind): kind == .journal ? 6 : 5
        case .failed: 7
        case .interrupted: 8
        }
    }

    /// Whether a run that ended so can be taken up again.
    package var mayGoOn: Bool {
        switch self {
        case .paused, .interrupted: true
        default: false
        }
    }

    /// The word that results and journals use.
    package var word: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .broke: "broke"
        case .paused: "paused"
        case .unverified: "not-verified"
        case .objectiveMissed: "objective-missed"
        case .incomplete: "incomplete"
        case .interrupted: "interrupted"
        }
    }
}

extension Failure.Kind {
    /// The exit code of a command that ended with this kind of failure.
    package var exitCode: Int32 {
        switch self {
        case .damaged, .unfit, .differs: 2
        case .unreachable, .engine, .toolMissing, .timedOut, .refused, .declined, .application: 1
        case .storeUnavailable, .environmentUnavailable: 69
        case .credentials: 77
        case .notFound: 66
        case .localStorage, .journal: 74
        case .lockHeld: 75
        case .document: 65
        case .configuration: 78
        case .usage: 64
        case .bug: 70
        }
    }
}

extension RunOutcome: Codable {
    private enum Keys: String, CodingKey { case word, kind, signal }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        switch try values.decode(String.self, forKey: .word) {
        case "passed": self = .passed
        case "failed": self = .failed
        case "broke": self = .broke(try values.decode(Failure.Kind.self, forKey: .kind))
        case "paused": self = .paused
        case "not-verified": self = .unverified
        case "objective-missed": self = .objectiveMissed
        case "incomplete": self = .incomplete
        case "interrupted": self = .interrupted(try values.decode(Signal.self, forKey: .signal))
        case let word:
            throw DecodingError.dataCorruptedError(forKey: .word, in: values, debugDescription: "unknown outcome '\(word)'")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(word, forKey: .word)
        switch self {
        case .broke(let kind): try values.encode(kind, forKey: .kind)
        case .interrupted(let signal): try values.encode(signal, forKey: .signal)
        default: break
        }
    }
}
