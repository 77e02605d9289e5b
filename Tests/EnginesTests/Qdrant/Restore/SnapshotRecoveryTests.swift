import Bindings
import Documents
import Recovery
import Stores
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(2)))
struct SnapshotRecoveryTests {
    private typealias Books = BooksServer
    private static let bytes = Array("a snapshot".utf8)
    private static let words = "somebody made a snapshot of collection 'books' while it was recovered, which can destroy it"

    private struct Outcome {
        var points: Int64?
        var result = StepResult()
        var failure: Failure?
    }

    private func recover(
        _ server: BooksServer, location: String? = nil, sourceKey: String? = nil, time: any TimeSource = InstantTime(), said: Said = Said(),
        memory: Memory = Memory()
    ) async throws -> Outcome {
        let bench = try await Bench(server, sourceKey: sourceKey, time: time, said: said, memory: memory)
        let recovery = bench.recovery(location: location)
        var outcome = Outcome()
        do { outcome.points = try await recovery.run(&outcome.result) } catch {
            outcome.failure = Failure.wrapping(error, while: "testing")
        }
        return outcome
    }

    @Test func anUploadIsRecoveredCountedAndTakenAway() async throws {
        let server = try BooksServer()
        let memory = Memory()
        let outcome = try await recover(server, memory: memory)
        #expect(outcome.points == 3)
        #expect(outcome.failure == nil)
        #expect(server.files == [])
        #expect(memory.all["upload of books"] == .text("lifeboat-test.snapshot"))
        #expect(memory.all["snapshots of books"] == .integer(0))
        #expect(
            server.lines.first { $0.hasPrefix(Books.upload) }
                == "POST /collections/books/snapshots/upload?wait=true&priority=snapshot&checksum=\(SHA256.hexDigest(of: Self.bytes))")
        #expect(outcome.result.checks.map(\.verdict) == [.held])
        #expect(outcome.result.notes == ["recovered 'books': 3 points"])
    }

    @Test func aFileThatTheServerSeesIsNamedWithChecksumAndPriority() async throws {
        let server = try BooksServer()
        let said = Said()
        let outcome = try await recover(server, location: "https://backups/{key}?X-Amz-Signature=s3cret", said: said)
        #expect(outcome.points == 3)
        let request = try #require(server.wire.requests.first { $0.line.hasPrefix(Books.recover) })
        #expect(
            request.text
                == #"{"location":"https://backups/nightly/set/vectors/snapshots/b%C3%B6oks.snapshot?X-Amz-Signature=s3cret","priority":"snapshot","checksum":"\#(SHA256.hexDigest(of: Self.bytes))"}"#
        )
        #expect(
            said.lines.contains(
                "having the server recover 'books' from https://backups/nightly/set/vectors/snapshots/b%C3%B6oks.snapshot?…"))
        #expect(said.lines.allSatisfy { !$0.contains("s3cret") })
        #expect(server.count(Books.delete) == 0, "the file is kept")
    }

    @Test func theKeyOfASourceIsForItAndForNobodyElse() async throws {
        for (location, isSent) in [("https://backups/{key}", true), ("file:///backups/{key}", false)] {
            let server = try BooksServer()
            let said = Said()
            let outcome = try await recover(server, location: location, sourceKey: "s3cret-key", said: said)
            #expect(outcome.points == 3)
            let request = try #require(server.wire.requests.first { $0.line.hasPrefix(Books.recover) })
            #expect(request.text.hasSuffix(#","api_key":"s3cret-key"}"#) == isSent, "\(request.text)")
            let others = server.wire.requests.filter { !$0.line.hasPrefix(Books.recover) }
            #expect(others.allSatisfy { !($0.text + $0.headers.joined()).contains("s3cret") })
            #expect(said.lines.allSatisfy { !$0.contains("s3cret") })
        }
    }

    /// Some servers repeat what they were sent.
    @Test func theKeyOfASourceIsNotInWhatTheServerSays() async throws {
        let server = try BooksServer { line, _ in
            line.hasPrefix(Books.recover) ? .error(400, "Wrong input: Failed to download tar with key s3cret-key: status - 403") : nil
        }
        let outcome = try await recover(server, location: "https://backups/{key}", sourceKey: "s3cret-key")
        let failure = try #require(outcome.failure)
        #expect(failure.description.contains("with key ‹secret›"), "\(failure)")
        #expect(!"\(failure) \(failure.causes) \(outcome.result)".contains("s3cret"))
    }

    // MARK: Somebody else's snapshot

    @Test func aSnapshotThatWasMadeMeanwhileLeadsToAnotherRecover() async throws {
        let server = try BooksServer { line, state in
            // Begun and over before anybody could look.
            if line.hasPrefix(Books.upload), state.recovered == 0 { state.created += 1 }
            return nil
        }
        let said = Said()
        let outcome = try await recover(server, said: said)
        #expect(outcome.points == 3)
        #expect(server.count(Books.upload) == 2)
        #expect(outcome.result.notes.first == "\(Self.words): recovered it again")
        #expect(said.lines.contains("\(Self.words); recovering it once more"))
        #expect(server.files == [])
    }

    /// As a server is that has made none since its start: the metrics know nothing of the collection before.
    @Test func theFirstSnapshotOfACollectionThatHadNoMetricIsSeen() async throws {
        let begun = Mutex(false)
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.upload), state.recovered == 0 {
                state.created = 1
                begun.withLock { $0 = true }
            }
            let isKnown = begun.withLock { $0 }
            if line == "GET /metrics", !isKnown { return .text("app_info{name=\"qdrant\",version=\"1.18.3\"} 1\n") }
            return line.hasPrefix("GET /telemetry") ? .json(#"{"collections":{"snapshots":[]}}"#) : nil
        }
        let outcome = try await recover(server)
        #expect(outcome.points == 3)
        #expect(server.count(Books.upload) == 2)
        #expect(outcome.result.notes.first == "\(Self.words): recovered it again")
    }

    @Test func whatCannotBeToldIsNotedAndKeepsNobodyFromRecovering() async throws {
        let server = try BooksServer { line, _ in
            switch line {
            case "GET /": .status(200, body: Array(#"{"title":"qdrant","version":"1.18.3"}"#.utf8))
            case "GET /metrics": .text("app_info{name=\"qdrant\",version=\"1.18.3\"} 1\n")
            default: nil
            }
        }
        let said = Said()
        let outcome = try await recover(server, said: said)
        #expect(outcome.points == 3)
        let doubt =
            "whether somebody makes a snapshot of collection 'books', or recovers it, cannot be told: 'vectors' (127.0.0.1:\(server.wire.port)), a Qdrant 1.18.3, says nothing of snapshots, neither in /metrics nor in /telemetry"
        #expect(outcome.result.notes == ["while it was recovered: \(doubt)", "recovered 'books': 3 points"])
        #expect(said.lines.contains(doubt))
    }

    @Test func aRecoverThatASnapshotDestroyedIsDoneAgain() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.upload), state.recovered == 0 else { return nil }
            state.recovered += 1
            return .error(
                500,
                "Service internal error: File IO error: failed to remove directory `./storage/collections/c/0/segments`: Directory not empty (os error 39)"
            )
        }
        let outcome = try await recover(server)
        #expect(outcome.points == 3)
        #expect(server.count(Books.upload) == 2)
        #expect(outcome.result.notes.first == "\(Self.words): recovered it again")
    }

    @Test func aRecoverThatLeftADirtyShardIsDoneAgain() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.upload), state.recovered == 0 else { return nil }
            state.recovered += 1
            return .error(500, "Service internal error: Failed to restore local replica")
        }
        let outcome = try await recover(server)
        #expect(outcome.points == 3)
        #expect(outcome.result.notes.first == "the recover of collection 'books' left it unreadable: recovered it again")
    }

    @Test func aSnapshotEveryTimeIsGivenUp() async throws {
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.upload) { state.created += 1 }
            return nil
        }
        let failure = try #require(try await recover(server).failure)
        #expect(failure.kind == .engine)
        #expect(failure.problem == "\(Self.words); it happened 3 times in a row on 'vectors' (127.0.0.1:\(server.wire.port))")
        #expect(failure.hint == "stop what makes the snapshots (a nightly job?), see the server's log, and run the runbook again")
        #expect(server.count(Books.upload) == 3)
        #expect(server.files == [])
    }

    @Test(arguments: [
        (400, "Wrong input: Snapshot is not compatible with existing collection: x", Failure.Kind.unfit),
        (400, "Checksum mismatch: expected a, actual b", .damaged), (403, "Forbidden: Global manage access is required", .credentials),
    ])
    func whatIsRefusedForWhatItIsIsNotAskedAgain(_ status: Int, _ words: String, _ kind: Failure.Kind) async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.upload) else { return nil }
            state.created += 1
            return .error(status, words)
        }
        let memory = Memory()
        let failure = try #require(try await recover(server, memory: memory).failure)
        #expect(failure.kind == kind)
        #expect(failure.problem.hasPrefix("cannot recover collection 'books' from an upload"))
        #expect(server.count(Books.upload) == 1)
        #expect(memory.all["disturbed books"] == .flag(true), "whoever goes on sees the count only")
    }

    @Test func whoeverGoesOnAfterACancellationKnowsOfTheSnapshotInItsWay() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.upload) else { return nil }
            state.creating = 1
            return .silence
        }
        let memory = Memory()
        let bench = try await Bench(server, time: RealTime(), said: Said(), memory: memory)
        let task = Task {
            var result = StepResult()
            return try await bench.recovery(location: nil).run(&result)
        }
        try await eventually { server.count(Books.upload) == 1 }
        // Of these at least one was answered with a snapshot, and heard.
        let looks = server.count("GET /metrics")
        try await eventually { server.count("GET /metrics") >= looks + 3 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(memory.all["disturbed books"] == .flag(true))
    }

    /// Of one that was begun by a process that died nobody has watched the rest.
    @Test(
        arguments: [
            (["snapshots of books": .integer(2)], 2, true, false), (["snapshots of books": .integer(2)], 3, true, true),
            (["snapshots of books": .integer(2)], 0, true, false), (["snapshots of books": .integer(2)], 1, true, true),
            (["snapshots of books": .integer(2)], 3, false, false), ([:], 3, true, false),
            (["snapshots of books": .integer(2), "disturbed books": .flag(true)], 2, true, true),
        ] as [([String: Fact], Int, Bool, Bool)])
    func aRecoverThatNobodyWatchedIsDoubtfulWhenASnapshotWasMadeSince(
        _ remembered: [String: Fact], _ made: Int, _ isTold: Bool, _ isDoubtful: Bool
    ) {
        let activity = SnapshotActivity(created: ["books": made, "others": 9], isTold: isTold)
        #expect(SnapshotRecovery.isDoubtful("books", remembered, activity) == isDoubtful)
    }

    @Test func nothingIsSentWhileASnapshotIsMade() async throws {
        let server = try BooksServer { line, state in
            if line == "GET /metrics", state.asked == 5 { state.creating = 0 }
            return line.hasPrefix(Books.upload) && state.creating > 0 ? .error(500, "Service internal error: too early") : nil
        }
        server.with { $0.creating = 1 }
        #expect(try await recover(server).points == 3)
        #expect(server.lines.prefix(5).allSatisfy { $0 == "GET /metrics" })
        #expect(server.count(Books.upload) == 1)
    }

    // MARK: The answer got lost

    @Test(arguments: [WireServer.Answer.nothing, .text("<html>", status: 504)])
    func aRecoverWhoseAnswerGotLostIsWaitedFor(_ answer: WireServer.Answer) async throws {
        let looks = Mutex(0)
        let server = try BooksServer { line, state in
            if line.hasPrefix(Books.upload) {
                state.recovering = 1
                state.points = 0
                return answer
            }
            guard line == "GET /metrics", state.recovering == 1 else { return nil }
            let count = looks.withLock { looks in
                looks += 1
                return looks
            }
            if count > 5 {
                state.recovering = 0
                state.points = 3
            }
            return nil
        }
        let outcome = try await recover(server)
        #expect(outcome.failure == nil)
        #expect(outcome.points == 3)
        #expect(server.count(Books.upload) == 1)
    }

    @Test(arguments: [WireServer.Answer.nothing, .text("<html>", status: 504)])
    func aLostRecoverThatBroughtNothingIsTriedAgainAndThenAFailureSoon(_ answer: WireServer.Answer) async throws {
        let time = InstantTime()
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.upload) else { return nil }
            state.points = 1
            return answer
        }
        let failure = try #require(try await recover(server, time: time).failure)
        #expect(failure.kind == .unreachable)
        #expect(failure.problem.hasPrefix("the server broke off as it recovered collection 'books': it has 1 of "), "\(failure.problem)")
        #expect(time.uptime < .seconds(60))
        #expect(server.count(Books.upload) == 3)
    }

    @Test func aCancelledRecoverEndsAtOnceAndTakesItsUploadAway() async throws {
        let server = try BooksServer { line, state in
            guard line.hasPrefix(Books.upload) else { return nil }
            state.files["lifeboat-test.snapshot"] = []
            return .silence
        }
        let bench = try await Bench(server, time: InstantTime(), said: Said(), memory: Memory())
        let task = Task {
            var result = StepResult()
            return try await bench.recovery(location: nil).run(&result)
        }
        try await eventually { server.count(Books.upload) == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.files == [])
    }

    // MARK: What became of it

    @Test func aDeadReplicaAfterwardsIsAFailure() async throws {
        let server = try BooksServer()
        server.with { state in
            state.shards =
                #"{"peer_id":1,"shard_count":2,"local_shards":[{"shard_id":0,"state":"Dead"}],"remote_shards":[{"shard_id":1,"peer_id":2,"state":"Active"}],"shard_transfers":[]}"#
        }
        let failure = try #require(try await recover(server).failure)
        #expect(failure.kind == .engine)
        #expect(failure.problem.hasSuffix("not all of it is active: shard 0 on peer 1 is Dead"))
    }

    @Test func anotherCountIsAFindingAndNoFailure() async throws {
        let server = try BooksServer()
        server.with { $0.points = 2 }
        let outcome = try await recover(server)
        #expect(outcome.points == 2)
        #expect(outcome.result.checks.map(\.verdict) == [.differed])
    }

    @Test func anUploadThatStaysIsToldToTheUser() async throws {
        let server = try BooksServer { line, _ in line.hasPrefix(Books.delete) ? .error(500, "Service internal error: x") : nil }
        let outcome = try await recover(server)
        #expect(outcome.points == 3)
        #expect(
            outcome.result.notes.first?.hasPrefix(
                "the uploaded file 'lifeboat-test.snapshot' is still on the server (cannot delete snapshot")
                == true)
        #expect(outcome.result.notes.first?.hasSuffix("; `lifeboat sweep` deletes it") == true)
    }
}

/// A backup of `books` in a folder, and a step that recovers it.
private struct Bench {
    private let folder: TestFolder
    private let context: StepContext
    private let target: QdrantTarget
    private let backup: BackupInHand

    init(_ server: BooksServer, sourceKey: String? = nil, time: any TimeSource, said: Said, memory: Memory) async throws {
        let folder = try TestFolder()
        self.folder = folder
        let id = BackupID(policy: "nightly", set: "set", target: "vectors")
        try await blocking { _ in
            try Files.makeFolders("\(folder.path)/\(id)/snapshots")
            try Files.create("\(folder.path)/\(id)/snapshots/böoks.snapshot", Array("a snapshot".utf8))
        }
        let object = StoredObject(bytes: 10, sha256: SHA256.hexDigest(of: Array("a snapshot".utf8)))
        let moment = Timestamp(millisecondsSince1970: 1_795_000_000_000)
        let manifest = Manifest(
            id: id, engine: .qdrant, engineVersion: "1.18.3", standIn: false, lifeboatVersion: "0", host: "here", startedAt: moment,
            finishedAt: moment, recoveryPoint: moment, complete: true, problems: [],
            source: SourceIdentity(engine: .qdrant, address: "nowhere:1", system: nil, database: nil),
            artifacts: [Artifact(key: "snapshots/böoks.snapshot", content: object, stored: object)], inventory: "inventory.jsonl.zst",
            totals: ["points": 3], runbook: nil)
        backup = BackupInHand(
            role: "vectors", manifest: manifest, manifestSHA256: "", chosen: "named", store: FolderStore(folder: folder, isLocal: true),
            inventories: MemoryInventories(items: []))
        var address = ServerAddress(host: "127.0.0.1", port: server.wire.port, user: nil, password: nil)
        address.sourceKey = sourceKey.map { Secret($0) }
        target = QdrantTarget(
            .configured(role: "vectors", ConfiguredTarget(name: "vectors", engine: .qdrant, stage: .staging, address: address)),
            http: HTTPClient(), time: time)
        let digests = CryptoDigests()
        context = StepContext(
            run: RunID(rawValue: "20261120T020000Z-test-4f1c9a"), path: "1.1", attempt: 1, isDrill: false, target: target,
            backups: ["vectors": backup], apps: [:], alerts: [:], agreed: [], remembered: [:],
            services: StepServices(
                time: time, commands: TestCommands(), web: Nothing(), people: Nothing(), digests: digests,
                inventories: MemoryInventories(items: []), prover: Prover(digests: digests, time: time, whenProven: { _ in }),
                taker: Nothing(),
                examine: { _, _ in [] }, notify: { _, _, _ in }, scratch: folder.path, standing: { SampleResults.passed() },
                say: { said($0) }),
            remember: { key, value in memory.keep(key, value) })
    }

    func recovery(location: String?) -> SnapshotRecovery {
        let captured = CapturedCollection(
            name: "books", points: 3, way: .snapshot, config: .object([]), status: "green", parts: ["": "snapshots/böoks.snapshot"],
            fingerprints: nil, writers: .unwatched)
        return SnapshotRecovery(
            target: target, context: context, backup: backup, part: backup.manifest.artifacts[0], captured: captured, name: "books",
            location: location, priority: .snapshot, uploadName: "lifeboat-test.snapshot", greenWithin: .seconds(60))
    }

    private struct Nothing: WebCaller, People, SafetyCopies {
        var canAnswer: Bool { false }
        func ask(_ text: String) async throws -> String? { nil }
        func send(_ method: String, _ url: Secret, headers: [String: String], body: [UInt8]?, within limit: Duration) async throws
            -> WebAnswer
        {
            throw Failure(.bug, "nothing is asked here")
        }
        func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy {
            throw Failure(.bug, "nothing is copied here")
        }
    }
}
