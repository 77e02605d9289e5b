/// How far a drill's servers are cut off, as measured from inside.
enum IsolationLevel: Int, Sendable, Comparable {
    /// They reach the world, or other people's containers.
    case open
    /// They reach services of the machine that they run on, and nothing beyond.
    case machine
    /// They reach each other, and nothing else.
    case sealed

    init(_ findings: IsolationProbe.Findings) {
        guard findings.outside == false, findings.names == false, findings.neighbours == false else {
            self = .open
            return
        }
        self = findings.machine == false ? .sealed : .machine
    }

    func words(_ findings: IsolationProbe.Findings) -> String {
        switch self {
        case .sealed: "they reach each other and nothing else"
        case .machine:
            findings.machine == nil
                ? "no way to other networks; whether they reach the machine that they run on could not be found out"
                : "no way to other networks, but they reach services of the machine that they run on"
        case .open:
            Self.leaks(findings).isEmpty
                ? findings.outside == nil
                    ? "what they reach could not be tried"
                    : "no way to other networks was found, but not everything could be tried" : "they reach \(Self.leaks(findings))"
        }
    }

    /// What must never be reached, and is; empty when nothing is known to be.
    static func leaks(_ findings: IsolationProbe.Findings) -> String {
        [
            findings.outside == true ? "other networks" : nil, findings.names == true ? "somebody who looks names up outside" : nil,
            findings.neighbours == true ? "containers that are not of this drill" : nil,
        ].compactMap(\.self).joined(separator: ", ")
    }

    static func < (one: IsolationLevel, other: IsolationLevel) -> Bool { one.rawValue < other.rawValue }
}
