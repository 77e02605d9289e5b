/// Backups of several targets that were taken as one recovery point: what whoever restores them has to know of how well they fit.
package struct RecoverySet: Sendable, Codable, Equatable {
    /// `nightly/20261130T224800Z-4f1c9a`.
    package let id: String
    /// Sorted.
    package let targets: [String]
    /// The oldest of its members': what came later is not in all of them.
    package let recoveryPoint: Timestamp
    /// From the oldest recovery point to the newest: as far as its members can be apart.
    package let spreadSeconds: Double
    /// Whether every target of the policy is in it, whole.
    package let complete: Bool

    package init(id: String, targets: [String], recoveryPoint: Timestamp, spreadSeconds: Double, complete: Bool) {
        self.id = id
        self.targets = targets
        self.recoveryPoint = recoveryPoint
        self.spreadSeconds = spreadSeconds
        self.complete = complete
    }

    package init(_ end: SetEnd) {
        self.init(
            id: "\(end.policy)/\(end.set)", targets: end.members.map(\.target).sorted(), recoveryPoint: end.recoveryPoint,
            spreadSeconds: end.spreadSeconds, complete: end.complete)
    }

    /// One target alone is a set of one, of which there is nothing more to tell.
    package var hasSeveral: Bool { targets.count > 1 }
}
