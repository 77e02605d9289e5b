import Recovery

/// Keeps snapshots from each other's way, and from that of recovers: on a server of 1.18 a snapshot that is made during a recover destroys
/// the collection (contract 0.2), and two in one second have one name (0.3, 4).
struct SnapshotWatch: Sendable {
    /// Every node that the target names: each tells of its own snapshots only. The first one has to answer.
    let nodes: [QdrantClient]
    let time: any TimeSource
    let say: @Sendable (String) -> Void

    /// How long somebody else's snapshot is waited for.
    static let patience: Duration = .seconds(30 * 60)

    /// What each node said, at one moment.
    struct Look: Sendable {
        fileprivate(set) var activities: [SnapshotActivity?] = []
        /// Nodes that do not tell, and why, in words.
        fileprivate(set) var untold: [String] = []

        /// Of the node that is asked first.
        var own: SnapshotActivity { (activities.first ?? nil) ?? SnapshotActivity(isTold: false) }

        func isCreating(_ collection: String) -> Bool { activities.contains { $0?.isCreating(collection) == true } }
        func isRecovering(_ collection: String) -> Bool { activities.contains { $0?.isRecovering(collection) == true } }

        /// Whether any node has begun a snapshot of the collection since an earlier look. Which of them do not tell, `untold` says.
        func hasMade(_ collection: String, since earlier: Look) -> Bool {
            zip(activities, earlier.activities).contains { now, before in
                guard let now, let before else { return false }
                return now.hasMade(collection, since: before) == true
            }
        }
    }

    func look() async throws -> Look {
        var look = Look()
        for (place, node) in nodes.enumerated() {
            do {
                let activity = try await node.activity()
                look.activities.append(activity)
                if !activity.isTold { look.untold.append(try await Self.silence(of: node)) }
            } catch let failure as Failure where place > 0 {
                look.activities.append(nil)
                look.untold.append("\(node.server.words) does not answer (\(failure.problem))")
            }
        }
        return look
    }

    private static func silence(of node: QdrantClient) async throws -> String {
        let version = try await node.root().version
        return version.isAtLeast(1, 16)
            ? "\(node.server.words), a Qdrant \(version), says nothing of snapshots, neither in /metrics nor in /telemetry"
            : "\(node.server.words) is a Qdrant \(version), and servers tell that since 1.16"
    }

    /// Returns when nobody makes a snapshot of the collection, and nobody recovers it, with what the servers are at work on otherwise. Throws
    /// `Failure(.lockHeld)` when that does not come to an end. What cannot be told is said, and no reason to wait.
    @discardableResult
    func waitUntilIdle(_ collection: String, before act: String) async throws -> Look {
        let end = time.uptime + Self.patience
        var hasSaid = false
        while true {
            let look = try await look()
            guard look.isCreating(collection) || look.isRecovering(collection) else {
                if let words = Self.doubt(of: collection, look.untold) { say(words) }
                return look
            }
            let what =
                look.isCreating(collection)
                ? "a snapshot of collection '\(collection)' is being made" : "collection '\(collection)' is being recovered"
            guard time.uptime < end else {
                throw Failure(
                    .lockHeld,
                    "cannot \(act): \(what) on \(nodes[0].server.words), and has been for \(Self.patience.components.seconds / 60) minutes",
                    hint: "find out who does that (a nightly job?); the two at once can destroy the collection")
            }
            if !hasSaid { say("\(what); waiting for its end, since the two at once can destroy the collection") }
            hasSaid = true
            try await time.sleep(for: .milliseconds(500))
        }
    }

    /// Nil when there is none.
    static func doubt(of collection: String, _ untold: [String]) -> String? {
        untold.isEmpty
            ? nil
            : "whether somebody makes a snapshot of collection '\(collection)', or recovers it, cannot be told: \(untold.joined(separator: "; "))"
    }
}
