/// How far a drill's servers are cut off, as measured from inside.
enum IsolationLevel: Int, Sendable, Comparable {
    /// They reach the world.
    case open
    /// They reach services of the machine that they run on, and nothing beyond.
    case machine
    /// They reach each other, and nothing else.
    case sealed

    init(_ findings: IsolationProbe.Findings) {
        if findings.outside != false { self = .open } else { self = findings.machine == false ? .sealed : .machine }
    }

    func words(_ findings: IsolationProbe.Findings) -> String {
        switch self {
        case .sealed: "they reach each other and nothing else"
        case .machine:
            findings.machine == nil
                ? "no way to other networks; whether they reach the machine could not be tried"
                : "no way to other networks, but they reach services of the machine that they run on"
        case .open: findings.outside == nil ? "what they reach could not be tried" : "they reach other networks"
        }
    }

    static func < (one: IsolationLevel, other: IsolationLevel) -> Bool { one.rawValue < other.rawValue }
}
