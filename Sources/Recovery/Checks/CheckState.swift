/// How a backup stands, in the four words that monitoring knows.
package enum CheckState: String, Sendable, Codable, CaseIterable {
    case ok = "OK"
    case warning = "WARNING"
    case critical = "CRITICAL"
    /// It could not be told.
    case unknown = "UNKNOWN"

    package var exitCode: Int32 {
        switch self {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .unknown: 3
        }
    }

    /// What is known to be bad comes before what is not known, and that before what is well. Nothing at all is unknown.
    package static func worst(_ states: some Sequence<CheckState>) -> CheckState {
        states.max { $0.rank < $1.rank } ?? .unknown
    }

    private var rank: Int {
        switch self {
        case .ok: 0
        case .unknown: 1
        case .warning: 2
        case .critical: 3
        }
    }
}
