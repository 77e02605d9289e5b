import Recovery

/// What has names of a dump in the database that it is to be restored into.
struct TakenNames: Sendable {
    let database: String
    let server: String
    /// The dump, in words.
    let source: String
    /// In quotes; anything that is told without a name comes last, since names are what an operator knows.
    var names: [String] = []

    private static let shown = 5

    /// `Failure(.refused)` in the beginning; `Paused` for what has appeared since an attempt of this very restore has begun.
    func refusal(hasBegun: Bool) -> any Error {
        let ordered = names.filter { $0.hasPrefix("'") } + names.filter { !$0.hasPrefix("'") }
        let words =
            ordered.prefix(Self.shown).joined(separator: ", ")
            + (ordered.count > Self.shown ? " and \(ordered.count - Self.shown) more" : "")
        guard !hasBegun else {
            return Paused(
                "database '\(database)' on \(server) has \(words), which this restore has not made: somebody has since it began. "
                    + "Drop it to have it restored, or abandon the run")
        }
        return Failure(
            .refused, "cannot restore \(source) into database '\(database)' on \(server): it has \(words) already",
            hint:
                "drop the database and create it, restore single collections (`collections:`), or restore over what is there (`replace: true`)"
        )
    }
}
