import Bindings
import Recovery
import Synchronization

/// Has one node make a snapshot of one collection, fetches it and takes the server's copy away.
struct SnapshotCapture: Sendable {
    let client: QdrantClient
    let time: any TimeSource
    let clock: SnapshotClock
    let say: @Sendable (String) -> Void

    struct Captured: Sendable {
        let path: String
        let bytes: Int64
        let sha256: String
        let name: String
    }

    private static let downloads = 3
    /// How long a server that has died is waited for: other collections and other servers wait too.
    private static let silence: Duration = .seconds(300)

    /// The file lies at `path` when this returns, held against what the server says of it, and the server has no copy any more.
    func capture(_ collection: String, to path: String) async throws -> Captured {
        let watch = SnapshotWatch(client: client, time: time, say: say)
        try await watch.waitUntilIdle(collection, before: "make a snapshot of collection '\(collection)'")
        let before = Set(try await client.snapshots(of: collection).map(\.name))
        try await clock.waitForNextSecond(time)
        let snapshot: ServerSnapshot
        do {
            snapshot = try await create(collection, beside: before)
        } catch {
            clock.made(time)
            await uncancelled { await takeAway(orphansBeside: before, of: collection) }
            throw error
        }
        clock.made(time)
        say("snapshot '\(snapshot.name)': \(snapshot.size) bytes")
        let outcome: Result<Captured, any Error>
        do { outcome = .success(try await fetch(snapshot, of: collection, to: path)) } catch { outcome = .failure(error) }
        if before.contains(snapshot.name) {
            say("snapshot '\(snapshot.name)' stays on the server: somebody else made one of that name in the same second")
        } else {
            await uncancelled { await delete(snapshot.name, of: collection) }
        }
        return try outcome.get()
    }

    // MARK: Create

    /// A server goes on when nobody listens any more. So when its answer did not arrive it is looked at before anybody asks again.
    private func create(_ collection: String, beside before: Set<String>) async throws -> ServerSnapshot {
        say("making a snapshot of '\(collection)'")
        do { return try await client.createSnapshot(of: collection) } catch let refusal as QdrantRefusal {
            guard refusal.isLostAnswer else { throw refusal.failure }
            return try await lookForAnswer(collection, beside: before, refusal.failure)
        } catch let failure as Failure where failure.mayHaveBeenHeard {
            return try await lookForAnswer(collection, beside: before, failure)
        }
    }

    private func lookForAnswer(_ collection: String, beside before: Set<String>, _ failure: Failure) async throws -> ServerSnapshot {
        say("the server's answer got lost; looking whether it made the snapshot")
        var silence = failure
        var heard = time.uptime
        // As long as the server says that it is at work, it is waited for.
        var end = heard + SnapshotWatch.patience
        var wasIdle = false
        while time.uptime < end {
            do {
                let isCreating = try await client.activity().isCreating(collection)
                let new = try await client.snapshots(of: collection).filter { !before.contains($0.name) }
                heard = time.uptime
                if isCreating { end = heard + SnapshotWatch.patience }
                // Its name is in the list when it is finished, and not before.
                if !isCreating, let made = new.first, new.count == 1 { return made }
                if !isCreating, wasIdle { throw failure }
                wasIdle = !isCreating
            } catch let again as Failure where again.isWorthRetrying && again.problem != failure.problem {
                silence = again
                guard time.uptime < heard + Self.silence else { throw again }
            }
            try await time.sleep(for: .seconds(1))
        }
        throw silence
    }

    // MARK: Fetch

    private func fetch(_ snapshot: ServerSnapshot, of collection: String, to path: String) async throws -> Captured {
        var attempt = 1
        while true {
            do { return try await fetchOnce(snapshot, of: collection, to: path) } catch let failure as Failure
                where failure.isWorthRetrying && attempt < Self.downloads
            {
                say("the download broke off: \(failure.problem); trying again")
                attempt += 1
                try await blocking { _ throws(FileError) in _ = try Files.removeFile(path) }
                try await time.sleep(for: .seconds(1))
            }
        }
    }

    private func fetchOnce(_ snapshot: ServerSnapshot, of collection: String, to path: String) async throws -> Captured {
        let digest = SHA256()
        let bytes = Atomic<Int64>(0)
        do {
            let writer = try await blocking { _ throws(FileError) in try FileWriter(creating: path) }
            try await client.download(snapshot, of: collection) { piece in
                digest.update(piece)
                bytes.add(Int64(piece.count), ordering: .relaxed)
                try await blocking { _ throws(FileError) in try writer.write(piece) }
            }
            try await blocking { _ throws(FileError) in try writer.finish() }
        } catch let error as FileError {
            throw Failure(
                .localStorage, "cannot write the snapshot of collection '\(collection)'", hint: "check the disk of the store", cause: error)
        }
        let count = bytes.load(ordering: .relaxed)
        guard count == snapshot.size else {
            throw Failure(
                .engine, "the snapshot of collection '\(collection)' came with \(count) bytes, and the server says it has \(snapshot.size)",
                hint: "does something else make snapshots at the same time? Two in one second have the same name and replace each other")
        }
        let sha256 = digest.hexDigest()
        if let checksum = snapshot.checksum, checksum != sha256 {
            throw Failure(
                .engine, "the snapshot of collection '\(collection)' came with the SHA-256 \(sha256), and the server says \(checksum)",
                hint: "does something else make snapshots at the same time? Two in one second have the same name and replace each other")
        }
        return Captured(path: path, bytes: count, sha256: sha256, name: snapshot.name)
    }

    // MARK: The server's copy

    private func delete(_ name: String, of collection: String) async {
        do { try await client.deleteSnapshot(name, of: collection) } catch {
            say("snapshot '\(name)' is still on the server, where it takes room: \(Failure.wrapping(error, while: "deleting it").problem)")
        }
    }

    /// After a failed create: what of it may be there all the same.
    private func takeAway(orphansBeside before: Set<String>, of collection: String) async {
        guard let activity = try? await client.activity() else { return }
        guard !activity.isCreating(collection) else {
            return say(
                "\(client.server.words) goes on making a snapshot of '\(collection)', which stays there and takes room until somebody deletes it"
            )
        }
        guard let new = try? await client.snapshots(of: collection).map(\.name).filter({ !before.contains($0) }), new.count == 1 else {
            return
        }
        await delete(new[0], of: collection)
    }
}

/// When this process last had a server make a snapshot: names have seconds.
final class SnapshotClock: Sendable {
    private let last = Mutex<Duration?>(nil)

    func made(_ time: any TimeSource) { last.withLock { $0 = time.uptime } }

    func waitForNextSecond(_ time: any TimeSource) async throws {
        guard let last = last.withLock({ $0 }) else { return }
        let rest = last + .milliseconds(1100) - time.uptime
        if rest > .zero { try await time.sleep(for: rest) }
    }
}
