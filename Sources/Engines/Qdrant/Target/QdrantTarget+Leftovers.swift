import Bindings
import Recovery

extension QdrantTarget {
    /// Uploads of runs that did not come to delete them, and snapshots of captures that did not. Those of a collection that is being
    /// recovered at this moment, or that are still being made, are left alone.
    func leftovers(sparing isSpared: @Sendable (RunID) -> Bool, notes: [String]) async throws -> [Leftover] {
        try await uploads(sparing: isSpared) + captured(notes)
    }

    func remove(_ leftover: Leftover) async throws {
        switch leftover.kind {
        case Self.upload: try await removeUpload(leftover.name)
        case Self.snapshot: try await removeCaptured(leftover.name)
        case Self.stagedStorage: try await removeStaged(leftover)
        default: throw Failure(.bug, "'\(leftover.name)' is nothing of ours")
        }
    }

    // MARK: Uploads

    private func uploads(sparing isSpared: @Sendable (RunID) -> Bool) async throws -> [Leftover] {
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

    private func removeUpload(_ name: String) async throws {
        // No name of Qdrant's has a slash.
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, UploadedSnapshots.run(of: parts[1]) != nil else { throw Failure(.bug, "'\(name)' is no upload of ours") }
        try await client.deleteSnapshot(parts[1], of: parts[0])
    }

    // MARK: Snapshots of captures

    private func captured(_ notes: [String]) async throws -> [Leftover] {
        var found: [Leftover] = []
        for folder in notes {
            guard let note = try await SnapshotNote.read(folder), let node = node(of: note) else { continue }
            guard let standing = try await standing(of: note, on: node) else { continue }
            found.append(Leftover(kind: Self.snapshot, name: folder, run: nil, words: words(standing, note, node)))
        }
        return found
    }

    private func node(of note: SnapshotNote) -> QdrantClient? { nodes.first { $0.server.base == note.server } }

    /// Nil as long as the server is at it.
    private func standing(of note: SnapshotNote, on node: QdrantClient) async throws -> SnapshotNote.Standing? {
        let activity = try await node.activity()
        guard !activity.isCreating(note.collection), !activity.isRecovering(note.collection) else { return nil }
        // Without its collection nobody reaches a snapshot.
        guard try await node.collections().contains(note.collection) else { return .gone }
        return note.standing(among: try await node.snapshots(of: note.collection), activity)
    }

    private func words(_ standing: SnapshotNote.Standing, _ note: SnapshotNote, _ node: QdrantClient) -> String {
        let place = "of collection '\(note.collection)' on \(node.server.words)"
        return switch standing {
        case .there(let name): "snapshot '\(name)' \(place), which a capture that died had it make"
        case .gone: "the note of a snapshot \(place), of which nothing is there"
        case .unclear(let names):
            "the note of a snapshot \(place) that a capture that died had it make, and that cannot be told from one of somebody else; see whether anybody needs: \(names.joined(separator: ", "))"
        }
    }

    private func removeCaptured(_ folder: String) async throws {
        guard let note = try await SnapshotNote.read(folder), let node = node(of: note) else {
            throw Failure(.bug, "\(folder) holds no note of a snapshot on \(server.words)")
        }
        guard let standing = try await standing(of: note, on: node) else {
            throw Failure(
                .lockHeld, "\(node.server.words) is at work on collection '\(note.collection)' at this moment",
                hint: "`lifeboat sweep` again when it has ended")
        }
        if case .there(let name) = standing { try await node.deleteSnapshot(name, of: note.collection) }
        do { try await blocking { _ throws(FileError) in _ = try Files.removeTree(folder) } } catch {
            throw Failure(.localStorage, "cannot remove \(folder)", cause: error)
        }
    }

    private static let upload = "uploaded snapshot"
    private static let snapshot = "captured snapshot"
}
