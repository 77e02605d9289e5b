import Documents
import Recovery

/// The moment that a capture restores to.
///
/// Ages and objectives are judged by the clocks of the machines that lifeboat runs on, so it is ours, read before the snapshot was taken.
/// What the server's clock said is in the inventory, and sample queries are judged by that one: rows carry the server's times. A standby
/// restores to what it had replayed.
struct RecoveryMoment {
    let recoveryPoint: Timestamp
    let notes: [String]

    /// Clocks that agree this well are not worth a word.
    private static let agreement = 5.0

    init(inventory: [InventoryItem], before: Timestamp) {
        let facts = inventory.first { $0.kind == "server" }?.facts ?? [:]
        func time(_ fact: String) -> Timestamp? { facts[fact].flatMap { Int64($0) }.map(Timestamp.init(millisecondsSince1970:)) }
        var notes: [String] = []
        var point = before
        if let server = time("time in milliseconds") {
            let offset = server.seconds(since: before)
            if abs(offset) > Self.agreement {
                let words = Duration.milliseconds(Int64(abs(offset) * 1000)).canonical
                notes.append(
                    "the server's clock is \(words) \(offset > 0 ? "ahead of" : "behind") this machine's; the recovery point is by this machine's clock"
                )
            }
            if inventory.isOfStandby {
                if let replayed = time("replayed in milliseconds") {
                    // A primary that rests looks like a standby that lags: the older moment is the safe one.
                    point = before.advanced(bySeconds: -max(0, server.seconds(since: replayed)))
                    notes.append("taken from a standby; the recovery point is that of the last transaction it had replayed")
                } else {
                    notes.append("taken from a standby that has replayed no transaction since it started: how far it lags is not known")
                }
            }
        }
        recoveryPoint = point
        self.notes = notes
    }
}

extension [InventoryItem] {
    var isOfStandby: Bool { first { $0.kind == "server" }?.facts["in recovery"] == "yes" }
}
