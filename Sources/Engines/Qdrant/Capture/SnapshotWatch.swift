import Recovery

/// Keeps snapshots from each other's way, and from that of recovers: on a server of 1.18 a snapshot that is made during a recover destroys
/// the collection (contract 0.2), and two in one second have one name (0.3, 4).
struct SnapshotWatch: Sendable {
    let client: QdrantClient
    let time: any TimeSource
    let say: @Sendable (String) -> Void

    /// How long somebody else's snapshot is waited for.
    static let patience: Duration = .seconds(30 * 60)

    /// Returns when nobody makes a snapshot of the collection, and nobody recovers it, with what the server is at work on otherwise. Throws
    /// `Failure(.lockHeld)` when that does not come to an end.
    @discardableResult
    func waitUntilIdle(_ collection: String, before act: String) async throws -> SnapshotActivity {
        let end = time.uptime + Self.patience
        var hasSaid = false
        while true {
            let activity = try await client.activity()
            guard activity.isCreating(collection) || activity.isRecovering(collection) else { return activity }
            let what =
                activity.isCreating(collection)
                ? "a snapshot of collection '\(collection)' is being made" : "collection '\(collection)' is being recovered"
            guard time.uptime < end else {
                throw Failure(
                    .lockHeld,
                    "cannot \(act): \(what) on \(client.server.words), and has been for \(Self.patience.components.seconds / 60) minutes",
                    hint: "find out who does that (a nightly job?); the two at once can destroy the collection")
            }
            if !hasSaid { say("\(what); waiting for its end, since the two at once can destroy the collection") }
            hasSaid = true
            try await time.sleep(for: .milliseconds(500))
        }
    }
}
