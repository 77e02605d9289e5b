import Bindings
import Documents
import Recovery
import Synchronization

/// Has one node make a snapshot of one collection, fetches it and takes the server's copy away.
struct SnapshotCapture: Sendable {
    let client: QdrantClient
    /// The others of the target, whose recovers must not be met.
    var otherNodes: [QdrantClient] = []
    let time: any TimeSource
    let clock: SnapshotClock
    let sink: any CaptureSink

    struct Captured: Sendable {
        let path: String
        let bytes: Int64
        let sha256: String
        let name: String
    }

    private var say: @Sendable (String) -> Void { { [sink] in sink.progress($0) } }

    private static let downloads = 3
    /// How long a server that has died is waited for: other collections and other servers wait too.
    private static let silence: Duration = .seconds(300)

    /// The file lies at `path` when this returns, held against what the server says of it, and the server has no copy any more.
    func capture(_ collection: String, to path: String) async throws -> Captured {
        let watch = SnapshotWatch(nodes: [client] + otherNodes, time: time, say: say)
        let look = try await watch.waitUntilIdle(collection, before: "make a snapshot of collection '\(collection)'")
        try await mustTell(look, of: collection)
        let before = Set(try await client.snapshots(of: collection).map(\.name))
        try await clock.waitForNextSecond(time)
        let notes = try await sink.makeNotesFolder()
        var note = SnapshotNote(
            server: client.server.base, collection: collection, before: before.sorted(),
            made: look.own.isTold ? look.own.created[collection, default: 0] : nil, asked: try await client.clock())
        let snapshot: ServerSnapshot
        let isOurs: Bool
        do {
            try await note.write(to: notes)
            (snapshot, isOurs) = try await create(collection, note)
        } catch {
            clock.made(time)
            await uncancelled { [note] in
                if await takeAwayOrphan(note) { await remove(notes) }
            }
            throw error
        }
        clock.made(time)
        say("snapshot '\(snapshot.name)': \(snapshot.size) bytes")
        // What may be somebody else's is not written down as ours: `sweep` would delete it.
        if isOurs, !before.contains(snapshot.name) {
            (note.name, note.size, note.checksum) = (snapshot.name, snapshot.size, snapshot.checksum)
        }
        let outcome: Result<Captured, any Error>
        do {
            try await note.write(to: notes)
            outcome = .success(try await fetch(snapshot, of: collection, to: path))
        } catch { outcome = .failure(error) }
        await uncancelled { [note] in
            if await takeAway(snapshot, isOurs: isOurs, note) { await remove(notes) }
        }
        return try outcome.get()
    }

    private func remove(_ notes: String) async {
        do { try await sink.removeNotesFolder(notes) } catch {
            say("the note of a snapshot stays in \(notes): \(Failure.wrapping(error, while: "removing it").problem)")
        }
    }

    /// Servers since 1.17 may lose a collection that is recovered while a snapshot of it is made, and all of them can tell. One that does
    /// not is not tried out on somebody's data.
    private func mustTell(_ look: SnapshotWatch.Look, of collection: String) async throws {
        guard let doubt = SnapshotWatch.doubt(of: collection, look.untold), try await client.root().version.isAtLeast(1, 17) else { return }
        throw Failure(
            .refused, "cannot make a snapshot of collection '\(collection)': \(doubt)",
            hint: "let the target's key read /metrics and /telemetry, and any proxy pass them; or capture by points (`way: points`)")
    }

    // MARK: Create

    /// A server goes on when nobody listens any more. So when its answer did not arrive it is looked at before anybody asks again.
    private func create(_ collection: String, _ note: SnapshotNote) async throws -> (ServerSnapshot, isOurs: Bool) {
        say("making a snapshot of '\(collection)'")
        do { return (try await client.createSnapshot(of: collection), true) } catch let refusal as QdrantRefusal {
            guard refusal.isLostAnswer else { throw refusal.failure }
            return try await lookForAnswer(collection, note, refusal.failure)
        } catch let failure as Failure where failure.mayHaveBeenHeard {
            return try await lookForAnswer(collection, note, failure)
        }
    }

    private func lookForAnswer(_ collection: String, _ note: SnapshotNote, _ failure: Failure) async throws -> (
        ServerSnapshot, isOurs: Bool
    ) {
        say("the server's answer got lost; looking whether it made the snapshot")
        var silence = failure
        var heard = time.uptime
        // As long as the server says that it is at work, it is waited for.
        var end = heard + SnapshotWatch.patience
        var wasIdle = false
        while time.uptime < end {
            do {
                let activity = try await client.activity()
                let isCreating = activity.isCreating(collection)
                let list = try await client.snapshots(of: collection)
                let new = list.filter { !note.before.contains($0.name) }
                heard = time.uptime
                if isCreating { end = heard + SnapshotWatch.patience }
                // Its name is in the list when it is finished, and not before.
                if !isCreating, let made = new.first, new.count == 1 {
                    return (made, note.standing(among: list, activity) == .there(made.name))
                }
                // One that does not tell may be at it until its name is there.
                if !isCreating, activity.isTold, wasIdle { throw failure }
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
        let start = time.uptime
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
        say("fetched '\(snapshot.name)' in \((time.uptime - start).canonical)")
        return Captured(path: path, bytes: count, sha256: sha256, name: snapshot.name)
    }

    // MARK: The server's copy

    /// Looks once more before it deletes: a name is that of a second, and what has it now may be somebody else's. Returns whether there is
    /// nothing left that `sweep` would have to look after.
    private func takeAway(_ snapshot: ServerSnapshot, isOurs: Bool, _ note: SnapshotNote) async -> Bool {
        func stays(_ why: String) -> Bool {
            say("snapshot '\(snapshot.name)' stays on the server: \(why)")
            return true
        }
        guard !note.before.contains(snapshot.name) else { return stays("somebody else made one of that name in the same second") }
        guard isOurs else { return stays("the answer got lost, and somebody else may have made it") }
        do {
            let activity = try await client.activity()
            let list = try await client.snapshots(of: note.collection)
            switch note.standing(among: list, activity) {
            case .gone: return true
            case .unclear: return stays("another one has that name by now, which somebody else made in the same second")
            case .there(let name):
                guard !note.mayBeShared(list, activity) else {
                    // When they have fetched it, it is nobody's.
                    return !stays("somebody else made one meanwhile, and it may be the same file; `lifeboat sweep` deletes it later")
                }
                return await delete(name, of: note.collection)
            }
        } catch {
            stillThere(snapshot.name, error, while: "looking at it once more")
            return false
        }
    }

    private func stillThere(_ name: String, _ error: any Error, while act: String) {
        let why = Failure.wrapping(error, while: act).problem
        say("snapshot '\(name)' is still on the server, where it takes room (\(why)); `lifeboat sweep` deletes it")
    }

    /// Whether the server has it no more.
    private func delete(_ name: String, of collection: String) async -> Bool {
        do {
            try await client.deleteSnapshot(name, of: collection)
            return true
        } catch {
            stillThere(name, error, while: "deleting it")
            return false
        }
    }

    /// After a failed create: what of it may be there all the same. Returns whether there is nothing of ours any more; what stays is for
    /// `sweep`, which has the note of it.
    private func takeAwayOrphan(_ note: SnapshotNote) async -> Bool {
        let collection = note.collection
        do {
            let activity = try await client.activity()
            guard !activity.isCreating(collection) else {
                say(
                    "\(client.server.words) goes on making a snapshot of '\(collection)', which stays there and takes room until `lifeboat sweep` deletes it"
                )
                return false
            }
            switch note.standing(among: try await client.snapshots(of: collection), activity) {
            case .gone: return true
            case .there(let name): return await delete(name, of: collection)
            case .unclear(let names):
                say("the server has new snapshots of '\(collection)', and one of them may be ours: \(names.joined(separator: ", "))")
                return false
            }
        } catch {
            let why = Failure.wrapping(error, while: "looking").problem
            say(
                "whether \(client.server.words) made a snapshot of '\(collection)' all the same cannot be told (\(why)); `lifeboat sweep` looks again"
            )
            return false
        }
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
