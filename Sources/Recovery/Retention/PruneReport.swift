/// What a prune did, or would do, with every set it looked at.
package struct PruneReport: Sendable, Codable, Equatable {
    package enum Action: String, Sendable, Codable, CaseIterable {
        case kept
        /// Goes; its data is removed by a prune at least an hour later.
        case marked
        /// Marked earlier; not removed yet.
        case waits
        case removed
        /// Marked earlier, and kept after all.
        case withdrawn
    }

    package struct Row: Sendable, Codable, Equatable {
        package let set: String
        package var action: Action
        /// Why it is kept; empty for what goes.
        package var keptBecause: [String]
        /// Why it goes, or what it waits for.
        package var goesBecause: String?
        /// How much was removed, or would be.
        package var bytes: Int64?
        /// Why what was to be done could not be done.
        package var problem: String?
    }

    /// The policy, or `_safety`.
    package let policy: String
    package let store: String
    /// Nothing was written or removed.
    package let dryRun: Bool
    /// Newest first.
    package var rows: [Row]

    package var problems: [String] { rows.compactMap { row in row.problem.map { "\(policy)/\(row.set): \($0)" } } }
}
