/// The parts that recovery time is told in.
package enum Phase: String, Sendable, Codable, CaseIterable {
    case provision, prove, fetch, save, restore, index, analyze, verify, app, human, other
}

/// The time one part of a step took.
package struct PhaseTime: Sendable, Codable, Equatable {
    package let phase: Phase
    package let seconds: Double

    package init(_ phase: Phase, seconds: Double) {
        self.phase = phase
        self.seconds = seconds
    }
}

/// Something a drill did not try out, and why.
package struct NotExercised: Sendable, Codable, Hashable {
    package let what: String
    package let why: String

    package init(_ what: String, because why: String) {
        self.what = what
        self.why = why
    }
}
