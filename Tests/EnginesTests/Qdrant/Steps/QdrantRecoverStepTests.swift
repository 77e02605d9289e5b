import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Each step by itself, against a server.
@Suite(.requires(TestQdrant.missing), .timeLimit(.minutes(3))) struct QdrantRecoverStepTests {
    // MARK: Recover

    @Test func aSnapshotIsUploadedUnderANameOfTheRunAndDeletedAgain() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let before = try await qdrant.server.points(name)
        // Not in place: it is brought here first, every byte looked at.
        let taken = try await qdrant.take(name, local: false)
        let recover = "{collection: \(name), from: snapshot}"
        let full = await #expect(throws: Failure.self) { try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand]) }
        #expect(full?.kind == .refused)
        #expect(full?.problem.hasSuffix("is not empty: it holds 60 points, which a recover would replace") == true)

        try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: snapshot}", [taken.hand])
        let memory = Memory()
        #expect(try await qdrant.reconcile(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory) == .notDone)
        let result = try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory)
        #expect(result.findings == [])
        #expect(result.facts["points"] == .integer(60))
        #expect(result.notes == ["recovered '\(name)': 60 points"], "once, and nothing was in its way")
        guard case .text(let upload)? = memory.all["upload of \(name)"] else {
            Issue.record("it does not remember what it uploaded")
            return
        }
        #expect(UploadedSnapshots.run(of: upload)?.rawValue == "20261120T020000Z-test-4f1c9a")
        #expect(try await qdrant.server.snapshots(of: name) == [])
        #expect(try await qdrant.server.points(name) == before)
        #expect(try await qdrant.reconcile(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory) == .done)

        // Somebody deletes points afterwards: that is seen.
        try await qdrant.server.ask("POST", "/collections/\(name)/points/delete?wait=true", #"{"points":[1,2]}"#)
        #expect(
            try await qdrant.reconcile(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory)
                == .partial("collection '\(name)' has 58 of 60 points"))
        try await qdrant.forget(name)
    }

    @Test func registeredIndexesAreInTheNextSnapshot() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let taken = try await qdrant.take(name)
        try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: snapshot}", [taken.hand])
        try await qdrant.run(CreateCollectionStep.self, "{collection: \(name), like: snapshot}", [taken.hand])
        try await qdrant.run(RecoverSnapshotStep.self, "{collection: \(name), from: snapshot}", [taken.hand])
        // The server shows them all the same; the next snapshot does not have them.
        let between = try await qdrant.take(name)
        #expect(between.items("payload index").map { $0.facts["registered"] } == ["no", "no"])
        #expect(
            between.items("note").map { $0.facts["text"] } == [
                "payload indexes of collection '\(name)' are in its data, and the collection does not know of them since it was recovered: page, shelf; qdrant.create-payload-indexes registers them"
            ])
        let indexed = try await qdrant.run(CreatePayloadIndexesStep.self, "{collection: \(name), like: snapshot}", [between.hand])
        #expect(indexed.findings == [])
        #expect(indexed.notes == ["2 payload indexes of '\(name)'"])
        let next = try await qdrant.take(name)
        #expect(next.items("payload index").map { $0.facts["registered"] } == ["yes", "yes"])
        #expect(next.items("note").isEmpty)
        let byPoints = try await qdrant.take(name, CollectionOptions(way: .points))
        #expect(byPoints.items("payload index").map { $0.facts["registered"] } == [nil, nil], "nothing tells")
        let part = try #require(next.hand.manifest.artifacts.first)
        let snapshot = try await QdrantSnapshot.read(next.sink.path(of: part.key), .outline)
        #expect(snapshot.collections.map { Set($0.registeredIndexes.keys) } == [["page", "shelf"]])
        try await qdrant.forget(name)
    }

    @Test func aSnapshotIsForTheSameMinorVersionOrTheNext() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books(points: 3)
        let taken = try await qdrant.take(name)
        let version = try await qdrant.target.client.root().version
        func words(of source: QdrantVersion) throws -> String? {
            try RecoveryPreflight.problem(with: try #require(try taken.collections.first), of: made(by: source), on: version)?.problem
        }
        func made(by version: QdrantVersion) -> BackupInHand {
            var captured = taken.captured
            captured.engineVersion = version.description
            return Self.hand(captured, taken)
        }
        #expect(try words(of: try #require(QdrantVersion("\(version.major).\(version.minor).0"))) == nil)
        #expect(try words(of: try #require(QdrantVersion("\(version.major).\(version.minor - 1).7"))) == nil)
        for other in ["\(version.major).\(version.minor - 2).9", "\(version.major).\(version.minor + 1).0"] {
            #expect(
                try words(of: try #require(QdrantVersion(other)))
                    == "the snapshot of collection '\(name)' was made by Qdrant \(other), and this server is \(version): a snapshot is for the same minor version or the next one"
            )
        }
        let old = made(by: try #require(QdrantVersion("\(version.major).\(version.minor - 2).0")))
        await #expect(throws: Failure.self) {
            try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: snapshot}", [old])
        }
        #expect(try await qdrant.server.count(name) == 3, "nothing was dropped")
        // Somebody who has tried it may say so.
        try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: snapshot, any_version: true}", [old])
        try await qdrant.run(RecoverSnapshotStep.self, "{collection: \(name), from: snapshot, any_version: true}", [old])
        #expect(try await qdrant.server.count(name) == 3)
        try await qdrant.forget(name)
    }

    private static func hand(_ captured: Captured, _ taken: QdrantUnderTest.Taken) -> BackupInHand {
        let manifest = taken.hand.manifest
        return BackupInHand(
            role: "snapshot",
            manifest: Manifest(
                id: manifest.id, engine: .qdrant, engineVersion: captured.engineVersion, standIn: false, lifeboatVersion: "0", host: "here",
                startedAt: manifest.startedAt, finishedAt: manifest.finishedAt, recoveryPoint: manifest.recoveryPoint, complete: true,
                problems: [], source: manifest.source, artifacts: manifest.artifacts, inventory: manifest.inventory,
                totals: manifest.totals, runbook: nil), manifestSHA256: "", chosen: "named", store: taken.hand.store,
            inventories: MemoryInventories(items: taken.items))
    }

    @Test(.requires(TestQdrant.missingProgram)) func aFileInTheServersOwnFolderIsRecoveredFromThere() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        let part = try #require(taken.hand.manifest.artifacts.first)
        let key = part.storeKey(in: taken.hand.manifest.id)
        try await blocking { _ in
            try Files.makeFolders("\(server.folder)/snapshots/lifeboat/\(key.prefix(upTo: key.lastIndex(of: "/") ?? key.endIndex))")
            _ = try Files.copy(from: taken.sink.path(of: part.key), to: "\(server.folder)/snapshots/lifeboat/\(key)")
        }
        try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand])
        let result = try await qdrant.run(
            RecoverSnapshotStep.self,
            "{collection: books, from: snapshot, location: \"file://\(server.folder)/snapshots/lifeboat/{key}\"}", [taken.hand])
        #expect(result.findings == [])
        #expect(try await server.count("books") == 30)

        // Outside of it the server refuses, and says where it may lie; servers before 1.17.1 do not.
        guard try await qdrant.target.client.root().version.isAtLeast(1, 17, 1) else { return }
        try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand])
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(
                RecoverSnapshotStep.self, "{collection: books, from: snapshot, location: \"file://\(taken.sink.path(of: part.key))\"}",
                [taken.hand])
        }
        #expect(failure?.kind == .refused)
        #expect(failure?.hint == "the server recovers files of its own snapshots folder only; recover by upload")
    }

    @Test(.requires(TestQdrant.missingProgram)) func aFileThatTheServerFetchesIsRecoveredFromThere() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        let part = try #require(taken.hand.manifest.artifacts.first)
        let bytes = try await read(taken.sink.path(of: part.key))
        let source = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(bytes.count)\r\nConnection: close\r\n\r\n")
            connection.write(bytes)
        }
        try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand])
        let result = try await qdrant.run(
            RecoverSnapshotStep.self, "{collection: books, from: snapshot, location: \"http://127.0.0.1:\(source.port)/{key}\"}",
            [taken.hand])
        #expect(result.findings == [])
        #expect(try await server.count("books") == 30)
        source.stop()
    }

    /// One of 1.18: what it cannot read older ones can.
    @Test(.requires(RecordedSnapshot.missing), .requires(TestQdrant.missingStandIn))
    func aSnapshotThatTheServerCannotReadIsRefusedBeforeTheDrop() async throws {
        let server = try await TestQdrant.start(version: "1.18.3")
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        try await withTemporaryFolder { folder in
            try await RecordedSnapshot.unpack("1.15.5/unnamed-384", to: "\(folder)/rocks")
            let config: JSONValue = ["params": ["vectors": ["size": 384, "distance": "Cosine"], "shard_number": 1]]
            // Its server was upgraded since, and its parts were not.
            let backup = try await QdrantUnderTest.holding("\(folder)/rocks", of: "books", points: 500, config: config, version: "1.17.1")
            let failure = await #expect(throws: Failure.self) {
                try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [backup])
            }
            #expect(failure?.kind == .unfit)
            #expect(failure?.problem.contains("RocksDB") == true, "\(String(describing: failure))")
            #expect(try await server.count("books") == 30)
        }
    }

    @Test(.requires(TestQdrant.missingProgram)) func aSnapshotThatIsCutOffIsRefusedBeforeTheDrop() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        let path = taken.sink.path(of: try #require(taken.hand.manifest.artifacts.first).key)
        let bytes = try await read(path)
        for length in [0, 511, bytes.count / 3, bytes.count * 9 / 10] {
            try await blocking { _ in try Files.replace(path, Array(bytes.prefix(length))) }
            let failure = await #expect(throws: Failure.self, "cut to \(length) of \(bytes.count)") {
                try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand])
            }
            #expect(failure?.kind == (length == 0 ? .unfit : .damaged), "\(String(describing: failure))")
        }
        #expect(try await server.count("books") == 30)
    }
    // MARK: In the middle of a recover

    @Test(.requires(TestQdrant.missingStandIn)) func aSnapshotOfSomebodyElseDuringARecoverMakesItBeDoneAgain() async throws {
        let server = try await TestQdrant.start(version: "1.18.3")
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand])
        try await qdrant.run(CreateCollectionStep.self, "{collection: books, like: snapshot}", [taken.hand])
        try await server.hold(.recover)
        let said = Said()
        async let recovering = qdrant.run(
            RecoverSnapshotStep.self, "{collection: books, from: snapshot}", [taken.hand], say: { said($0) })
        try await eventually { server.isHeld(in: .recover) }
        #expect(try await server.call("POST", "/collections/books/snapshots").status == 500)
        try await server.release(.recover)
        let result = try await recovering
        #expect(result.findings == [])
        #expect(said.lines.contains { $0.contains("recovering it once more") }, "\(said.lines)")
        #expect(try await server.count("books") == 30)
        #expect(try await server.snapshots(of: "books") == [])
    }

    @Test(.requires(TestQdrant.missingStandIn)) func aRecoverWaitsForTheSnapshotOfSomebodyElse() async throws {
        let server = try await TestQdrant.start(version: "1.18.3")
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        try await server.hold(.snapshot)
        async let nightly = server.call("POST", "/collections/books/snapshots")
        try await eventually { server.isHeld(in: .snapshot) }
        let said = Said()
        async let dropping = qdrant.run(
            DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand], say: { said($0) })
        try await eventually { said.lines.contains { $0.hasPrefix("a snapshot of collection 'books' is being made; waiting for its end") } }
        #expect(try await server.count("books") == 30)
        try await server.release(.snapshot)
        #expect(try await nightly.status == 200)
        #expect(try await dropping.exercised)
    }

    /// It is there, ready, and answers no question: that it was recovered once is no reason to take it for whole.
    @Test(.requires(TestQdrant.missingStandIn)) func aCollectionThatCannotBeReadIsNoRecoveredOne() async throws {
        let server = try await TestQdrant.start(version: "1.18.3")
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        try await server.kill()
        try await TestSupport.write([], to: "\(server.folder)/storage/collections/books/shard_0.initializing")
        try await server.start()
        let memory = Memory()
        for word in ["began", "ended"] { memory.keep(word, .flag(true)) }
        let recover = "{collection: books, from: snapshot}"
        guard case .partial? = try? await qdrant.reconcile(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory) else {
            Issue.record("it takes the recover for done")
            return
        }
        #expect(try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory).findings == [])
        #expect(try await server.count("books") == 30)
    }

    @Test(.requires(TestQdrant.missingStandIn)) func aServerThatIsKilledInTheMiddleOfARecoverIsToldToDoItAgain() async throws {
        let server = try await TestQdrant.start(version: "1.18.3")
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books")
        try await qdrant.run(DropCollectionStep.self, "{collection: books, refill: snapshot}", [taken.hand])
        try await server.hold(.recover)
        let memory = Memory()
        let recover = "{collection: books, from: snapshot}"
        let attempt = Task { try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand], memory: memory) }
        try await eventually { server.isHeld(in: .recover) }
        try await server.kill()
        try await server.release(.recover)
        try await server.start()
        let result = try await attempt.value
        #expect(result.findings == [])
        #expect(
            result.notes.contains { $0.hasPrefix("the server broke off as it recovered collection 'books': it cannot be read (") },
            "\(result.notes)")
        #expect(try await server.count("books") == 30)
        #expect(try await server.snapshots(of: "books") == [], "what was uploaded is gone, of both times")
    }
}
