import Bindings
import Documents
import Recovery
import Synchronization

/// One collection, recovered from one snapshot.
struct SnapshotRecovery: Sendable {
    let target: QdrantTarget
    let context: StepContext
    let backup: BackupInHand
    let part: Artifact
    let captured: CapturedCollection
    let name: String
    let location: String?
    let priority: RecoveryPriority
    let uploadName: String
    let greenWithin: Duration

    private static let attempts = 3
    private var client: QdrantClient { target.client }
    private var say: @Sendable (String) -> Void { context.services.say }
    private var watch: SnapshotWatch { SnapshotWatch(nodes: target.nodes, time: target.time, say: say) }

    /// The exact count of points that are there when it returns.
    func run(_ result: inout StepResult) async throws -> Int64 {
        var wasDisturbed = context.remembered[Self.disturbed(name)] == .flag(true)
        for attempt in 1... {
            let before = try await watch.waitUntilIdle(name, before: "recover collection '\(name)'")
            if let made = before.own.made(name) { try await context.remember(Self.made(name), .integer(made)) }
            guard let disturbance = try await recover(since: before, &result) else { break }
            // Until it was recovered once more, its count proves nothing.
            try await context.remember(Self.disturbed(name), .flag(true))
            wasDisturbed = true
            guard attempt < Self.attempts else {
                throw Failure(
                    disturbance.failure?.kind ?? .engine,
                    "\(disturbance.words); it happened \(attempt) times in a row on \(target.server.words)",
                    hint: "stop what makes the snapshots (a nightly job?), see the server's log, and run the runbook again",
                    cause: disturbance.failure)
            }
            say("\(disturbance.words); recovering it once more")
            result.notes.append("\(disturbance.words): recovered it again")
        }
        if wasDisturbed { try await context.remember(Self.disturbed(name), .flag(false)) }
        return try await examine(&result)
    }

    /// What the step remembers of a recover in whose way something came.
    static func disturbed(_ name: String) -> String { "disturbed \(name)" }
    /// How many snapshots the server had made of it before.
    static func made(_ name: String) -> String { "snapshots of \(name)" }

    /// Whether a recover that an earlier attempt began, and did not see the end of, proves nothing: something came in its way, or may have.
    static func isDoubtful(_ name: String, _ remembered: [String: Fact], _ activity: SnapshotActivity) -> Bool {
        if remembered[disturbed(name)] == .flag(true) { return true }
        guard case .integer(let before)? = remembered[made(name)], let now = activity.made(name) else { return false }
        // A server that was started again counts from nothing.
        return now > (now < before ? 0 : before)
    }

    // MARK: Recover

    /// What came in the way of a recover; another one mends it.
    private struct Disturbance {
        let words: String
        var failure: Failure?
    }

    /// Nil when nothing came in its way.
    private func recover(since before: SnapshotWatch.Look, _ result: inout StepResult) async throws -> Disturbance? {
        let overlap = Atomic(false)
        let watching = Task { [watch, name, time = target.time] in
            while !Task.isCancelled {
                // A server that is busy with the recover may not answer this; what was begun meanwhile it has counted afterwards.
                if let look = try? await watch.look(), look.isCreating(name) { overlap.store(true, ordering: .relaxed) }
                try await time.sleepBeside(for: .milliseconds(250))
            }
        }
        let outcome: Result<Void, any Error>
        do {
            let start = context.services.time.uptime
            outcome = .success(try await (location == nil ? upload(&result) : fetch()))
            result.phases.append(PhaseTime(.restore, seconds: (context.services.time.uptime - start).inSeconds))
        } catch { outcome = .failure(error) }
        watching.cancel()
        _ = await watching.result
        let hasMadeSnapshot = await hasMadeSnapshot(since: before, &result)
        let didOverlap = overlap.load(ordering: .relaxed) || hasMadeSnapshot
        // However this ends: whoever goes on later sees the count only, and that can be right.
        if didOverlap { try await uncancelledThrowing { [context, name] in try await context.remember(Self.disturbed(name), .flag(true)) } }
        let words = "somebody made a snapshot of collection '\(name)' while it was recovered, which can destroy it"
        do { try outcome.get() } catch let refusal as QdrantRefusal {
            // The one that lost is asked once more, when the other has ended. Not when it was refused for what it is.
            if refusal.status == 500, didOverlap || refusal.meansOverlap { return Disturbance(words: words, failure: refusal.failure) }
            if refusal.meansBrokenCollection {
                return Disturbance(words: "the recover of collection '\(name)' left it unreadable", failure: refusal.failure)
            }
            throw refusal.failure
        } catch let cut as CutOff {
            return Disturbance(words: cut.words, failure: cut.failure)
        }
        return didOverlap ? Disturbance(words: words) : nil
    }

    /// A snapshot can be over before anybody looks. Where that cannot be told it is noted: then the count and the verification are all
    /// there is.
    private func hasMadeSnapshot(since before: SnapshotWatch.Look, _ result: inout StepResult) async -> Bool {
        do {
            let after = try await watch.look()
            if let doubt = SnapshotWatch.doubt(of: name, after.untold + before.untold.filter { !after.untold.contains($0) }) {
                result.notes.append("while it was recovered: \(doubt)")
            }
            return after.isCreating(name) || after.hasMade(name, since: before)
        } catch {
            let why = Failure.wrapping(error, while: "asking which snapshots it is at work on").problem
            result.notes.append("whether somebody made a snapshot of collection '\(name)' while it was recovered cannot be told: \(why)")
            return false
        }
    }

    private func fetch() async throws {
        let url = (location ?? "").replacing("{key}", with: escapedKey)
        say("having the server recover '\(name)' from \(url.withoutQueries)")
        // Into a file nobody has to be let.
        let sourceKey = url.hasPrefix("http") ? client.server.sourceKey : nil
        try await settled { try await client.recover(name, from: url, sha256: part.content.sha256, priority, sourceKey: sourceKey) }
    }

    private var escapedKey: String {
        part.storeKey(in: backup.manifest.id).split(separator: "/").map { String($0).percentEncoded }.joined(separator: "/")
    }

    private func upload(_ result: inout StepResult) async throws {
        let start = context.services.time.uptime
        let file = try await LocalPart.open(part, of: backup, scratch: context.services.scratch, say: say)
        if file.isCopy { result.phases.append(PhaseTime(.fetch, seconds: (context.services.time.uptime - start).inSeconds)) }
        try await context.remember("upload of \(name)", .text(uploadName))
        say("uploading \(ByteSize(part.content.bytes)) of '\(name)'")
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await settled {
                    try await client.upload(
                        file.path, bytes: part.content.bytes, as: uploadName, into: name, sha256: part.content.sha256, priority,
                        boundary: "lifeboat-\(randomHex(16))")
                })
        } catch { outcome = .failure(error) }
        let left = await uncancelled {
            await file.remove()
            return await deleteUpload()
        }
        if let left { result.notes.append(left) }
        try outcome.get()
    }

    /// Words when it stays there.
    private func deleteUpload() async -> String? {
        do {
            if try await client.deleteSnapshot(uploadName, of: name) { return nil }
            // Without its collection nobody reaches a snapshot, and the server may have kept what it could not unpack.
            return try await client.info(name) == nil
                ? "the uploaded file may lie in the server's snapshots folder as \(name)/\(uploadName), where no call reaches it without that collection"
                : nil
        } catch {
            let problem = Failure.wrapping(error, while: "deleting the upload").problem
            return "the uploaded file '\(uploadName)' is still on the server (\(problem)); `lifeboat sweep` deletes it"
        }
    }

    /// A server goes on when its client is gone. When the answer got lost, its end is waited for; what it came to is seen by the count.
    private func settled(_ act: () async throws -> Void) async throws {
        do { try await act() } catch let failure as Failure where failure.mayHaveBeenHeard {
            try await waitForEnd(failure)
        } catch let refusal as QdrantRefusal where refusal.isLostAnswer {
            try await waitForEnd(refusal.failure)
        }
    }

    /// The server has ended the recover, or itself, before all was there, or never began; another recover mends it.
    private struct CutOff: Error {
        let words: String
        let failure: Failure
    }

    /// What is not as it has to be, in words.
    private func lack() async throws -> String? {
        switch try await target.readable.standing(of: name) {
        case .missing: "it is not there"
        case .broken(let reason): "it cannot be read (\(reason))"
        case .readable(let points):
            captured.acceptablePoints.contains(points) ? nil : "it has \(points) of \(captured.points) points"
        }
    }

    private func waitForEnd(_ failure: Failure) async throws {
        say("the server's answer got lost (\(failure.problem)); looking how far it got")
        // As long as the server says that it is at work, it is waited for.
        var end = target.time.uptime + SnapshotWatch.patience
        var silence = failure
        var idle = 0
        while target.time.uptime < end {
            do {
                idle = try await client.activity().isRecovering(name) ? 0 : idle + 1
                if idle == 0 { end = target.time.uptime + SnapshotWatch.patience }
                // Not busy with it twice in a row: it has ended, or never began, and the count tells which.
                guard idle > 1 else {
                    try await target.time.sleep(for: .milliseconds(500))
                    continue
                }
                guard let lack = try await lack() else { return }
                throw CutOff(words: "the server broke off as it recovered collection '\(name)': \(lack)", failure: failure)
            } catch let again as Failure where again.isWorthRetrying && again.problem != failure.problem {
                silence = again
                idle = 0
            }
            try await target.time.sleep(for: .milliseconds(500))
        }
        throw silence
    }

    // MARK: What became of it

    private func examine(_ result: inout StepResult) async throws -> Int64 {
        for node in target.nodes {
            guard let shards = try await node.shards(name) else { continue }
            guard shards.complaints.isEmpty else {
                throw Failure(
                    .engine,
                    "collection '\(name)' was recovered, and on \(node.server.words) not all of it is active: \(shards.complaints.joined(separator: "; "))",
                    hint: "run the runbook again; a cluster is better recovered by points (qdrant.recover-points)")
            }
        }
        let points: Int64
        switch try await target.readable.standing(of: name) {
        case .readable(let count): points = count
        case .missing: throw Failure(.engine, "collection '\(name)' was recovered on \(target.server.words) and is not there")
        case .broken(let reason):
            throw Failure(
                .engine, "collection '\(name)' was recovered on \(target.server.words) and cannot be read: \(reason)",
                hint: "run the runbook again: it drops the collection and recovers it anew")
        }
        result.checks.append(captured.check(points, of: "collection \(name)"))
        try await context.timed(.index, &result.phases) { try await target.waitUntilGreen(name, within: greenWithin) }
        result.notes.append("recovered '\(name)': \(points) points")
        return points
    }
}
