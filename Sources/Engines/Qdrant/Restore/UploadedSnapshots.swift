import Recovery

/// Snapshots that recovers have uploaded: they stay on the server, where they take room, until somebody deletes them.
enum UploadedSnapshots {
    /// Then the run's name, and what tells the collections of a run apart.
    static let prefix = "lifeboat-"

    /// What a name says of its run; nil for a snapshot that is not ours.
    static func run(of name: String) -> RunID? {
        guard name.hasPrefix(prefix), name.hasSuffix(".snapshot") else { return nil }
        let middle = name.dropFirst(prefix.count).dropLast(".snapshot".count)
        guard let dash = middle.lastIndex(of: "-"), middle[middle.index(after: dash)...].count == 8 else { return nil }
        return RunID(rawValue: String(middle[..<dash]))
    }
}
