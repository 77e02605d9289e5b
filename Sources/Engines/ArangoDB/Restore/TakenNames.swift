import Recovery

/// What has names of a dump in the database that it is to be restored into.
struct TakenNames: Sendable {
    let database: String
    let server: String
    /// The dump, in words.
    let source: String
    /// What can be done about it in the beginning.
    let advice: String
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
            hint: advice)
    }

    /// For what an attempt of this very restore has made, and somebody has used since.
    func writtenSince(_ collection: String, _ documents: Int64, restored: Int64) -> Paused {
        Paused(
            "collection '\(collection)' of database '\(database)' on \(server) has \(documents) documents, and had "
                + "\(restored) when it was restored: somebody has written since, and going on would overwrite that. Drop the "
                + "collection to have it restored again")
    }

    /// As the step is told that restores a backup.
    static let adviceOfRestore =
        "drop the database and create it, restore single collections (`collections:`), or restore over what is there (`replace: true`)"
    static let adviceOfFolder = "drop the database and create it: a folder is restored over nothing that is there"
}
