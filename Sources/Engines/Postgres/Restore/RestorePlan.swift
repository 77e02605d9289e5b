import Recovery

/// A dump's entries, sorted into the runs of `pg_restore` that put them back, in that order.
///
/// `pg_restore` would do it in one; taken apart, the time that index builds take is known, and what a drill must not run is
/// left out at the right moment.
struct RestorePlan: Sendable {
    /// Definitions and rows.
    var contents: [DumpList.Entry] = []
    /// Indexes, primary keys, unique and exclusion constraints.
    var indexes: [DumpList.Entry] = []
    /// What makes indexes of partitions parts of the index of the whole table. One at a time: side by side they can leave the index of
    /// the whole invalid though every part is there (seen on PostgreSQL 15).
    var attachments: [DumpList.Entry] = []
    /// Foreign keys, triggers, rules, policies, …
    var rest: [DumpList.Entry] = []
    /// Rights (they may take away what restoring needs), event triggers (they would watch restoring), and what is
    /// computed from the rest: the order that pg_restore itself keeps.
    var last: [DumpList.Entry] = []
    var leftOut: [DumpList.Entry] = []

    /// - Parameter isDrill: leaves out what could reach beyond the disposable server.
    init(early: DumpList, late: DumpList, isDrill: Bool) {
        for entry in early.entries + late.entries where isDrill && Self.reachesOut(entry) { leftOut.append(entry) }
        for entry in early.entries where !leftOut.contains(entry) {
            if Self.isLast(entry) { last.append(entry) } else { contents.append(entry) }
        }
        for entry in late.entries where !leftOut.contains(entry) {
            if Self.isLast(entry) {
                last.append(entry)
            } else if entry.type == "INDEX ATTACH" {
                attachments.append(entry)
            } else if Self.isIndex(entry) {
                indexes.append(entry)
            } else {
                rest.append(entry)
            }
        }
    }

    private static func isIndex(_ entry: DumpList.Entry) -> Bool { ["INDEX", "CONSTRAINT"].contains(entry.type) }

    private static func isLast(_ entry: DumpList.Entry) -> Bool {
        ["ACL", "DEFAULT ACL", "MATERIALIZED VIEW DATA"].contains(entry.type) || entry.concerns("EVENT TRIGGER")
    }

    private static func reachesOut(_ entry: DumpList.Entry) -> Bool {
        ["SUBSCRIPTION", "USER MAPPING", "EVENT TRIGGER", "SECURITY LABEL"].contains(where: entry.concerns)
    }

    private static let reasons: [(type: String, why: String)] = [
        ("SUBSCRIPTION", "it would connect to its publisher"),
        ("USER MAPPING", "with it, foreign tables could log in to another server"),
        ("EVENT TRIGGER", "it would run code at every change of a definition"),
        ("SECURITY LABEL", "its provider is a library that a disposable server does not load"),
        ("MATERIALIZED VIEW DATA", "filling it would read another server; the view is there and empty"),
    ]

    /// What was left out, each with the reason; what only speaks about it (a comment) goes without saying.
    var notExercised: [NotExercised] {
        leftOut.compactMap { entry in
            Self.reasons.first { $0.type == entry.type }.map { NotExercised(entry.words, because: $0.why) }
        }
    }
}
