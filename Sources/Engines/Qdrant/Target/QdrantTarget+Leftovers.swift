import Recovery

extension QdrantTarget {
    /// Uploads of runs that did not come to delete them. Those of a collection that is being recovered at this moment are left alone.
    func leftovers(sparing isSpared: @Sendable (RunID) -> Bool) async throws -> [Leftover] {
        let activity = try await client.activity()
        var found: [Leftover] = []
        for collection in try await client.collections() where QdrantName.problem(with: collection) == nil {
            guard !activity.isRecovering(collection) else { continue }
            for snapshot in try await client.snapshots(of: collection) {
                guard let run = UploadedSnapshots.run(of: snapshot.name), !isSpared(run) else { continue }
                found.append(
                    Leftover(
                        kind: Self.upload, name: "\(collection)/\(snapshot.name)", run: run,
                        words: "snapshot '\(snapshot.name)' of collection '\(collection)' on \(server.words), which run \(run) has uploaded"
                    ))
            }
        }
        return found
    }

    func remove(_ leftover: Leftover) async throws {
        if leftover.kind == Self.stagedStorage { return try await removeStaged(leftover) }
        // No name of Qdrant's has a slash.
        let parts = leftover.name.split(separator: "/", maxSplits: 1).map(String.init)
        guard leftover.kind == Self.upload, parts.count == 2, UploadedSnapshots.run(of: parts[1]) != nil else {
            throw Failure(.bug, "'\(leftover.name)' is no upload of ours")
        }
        try await client.deleteSnapshot(parts[1], of: parts[0])
    }

    private static let upload = "uploaded snapshot"
}
