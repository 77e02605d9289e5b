/// All that the store says about one recovery set, and all that retention has to know.
package struct SetStanding: Sendable, Equatable {
    /// A target of the set that a drill restored and verified.
    package struct Proof: Sendable, Equatable {
        package let target: String
        package let at: Timestamp
        /// `drill monthly`.
        package let by: String

        package init(target: String, at: Timestamp, by: String) {
            self.target = target
            self.at = at
            self.by = by
        }
    }

    /// Somebody works with the set until then: a run with its hold, or the backup that is writing it.
    package struct Claim: Sendable, Equatable {
        package enum Kind: Sendable, Equatable { case hold, writing }

        package let kind: Kind
        package let run: String?
        package let until: Timestamp?

        package init(_ kind: Kind, run: String? = nil, until: Timestamp?) {
            self.kind = kind
            self.run = run
            self.until = until
        }

        func isOn(at now: Timestamp) -> Bool { until.map { now < $0 } ?? true }
    }

    /// A note that says that the set will be removed.
    package struct Mark: Sendable, Equatable {
        /// Its key in the store.
        package let key: String
        package let at: Timestamp
        /// Somebody asked for it; retention's own marks are only its memory and may be withdrawn.
        package let byHand: Bool
        package let text: String

        package init(key: String, at: Timestamp, byHand: Bool, text: String) {
            self.key = key
            self.at = at
            self.byHand = byHand
            self.text = text
        }
    }

    package let policy: String
    package let set: String
    /// The moment it restores to; nil while it is not finished.
    package var recoveryPoint: Timestamp?
    /// Targets of which it holds a whole backup: complete, its manifest sound, every part there at its size.
    package var whole: Set<String> = []
    /// Why the backup of a target is not whole.
    package var flaws: [String: String] = [:]
    package var proofs: [Proof] = []
    /// The words of its pins.
    package var pins: [String] = []
    package var claims: [Claim] = []
    package var marks: [Mark] = []
    /// What of it cannot be read, in words.
    package var unreadable: [String] = []
    /// It may point to parts of others and does not tell, since a manifest cannot be read.
    package var hidesReferences = false
    /// Keys of other sets' parts that it points to.
    package var references: Set<String> = []
    /// Neither `begin.json` nor `set.json`: nothing of ours.
    package var isForeign = false
    /// Its removal has begun: a manifest is gone already.
    package var isBeingRemoved = false

    package init(policy: String, set: String) {
        self.policy = policy
        self.set = set
    }

    package var path: String { "\(policy)/\(set)" }
    package var isFinished: Bool { recoveryPoint != nil }
    package var deletedByHand: Mark? { marks.first(where: \.byHand) }
    /// When it was first marked.
    package var markedAt: Timestamp? { marks.map(\.at).min() }

    /// Paths of the sets whose parts it points to.
    var neededSets: Set<String> { Set(references.map { $0.split(separator: "/").prefix(2).joined(separator: "/") }) }
}
