/// Why a set is kept.
package struct KeepReason: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        /// A rule of the policy, or being the newest.
        case rule
        case proven, pinned
        /// A run holds it, a backup writes it, another set needs parts of it.
        case inUse = "in-use"
        case safetyCopy = "safety-copy"
        /// It cannot be judged: something is unreadable, foreign, or dated in the future.
        case unclear
    }

    package let kind: Kind
    package let words: String

    package init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }
}

/// What becomes of one recovery set, and why.
package struct Decision: Sendable, Equatable {
    package let set: String
    /// None: it goes.
    package let reasons: [KeepReason]
    /// Why it would go when nothing keeps it.
    package let otherwise: String

    package init(set: String, reasons: [KeepReason], otherwise: String) {
        self.set = set
        self.reasons = reasons
        self.otherwise = otherwise
    }

    package var isKept: Bool { !reasons.isEmpty }
    package var keptBecause: [String] { reasons.map(\.words) }
    /// Nothing keeps it but that somebody works with it right now.
    package var isKeptForNowOnly: Bool { isKept && reasons.allSatisfy { $0.kind == .inUse } }
}
