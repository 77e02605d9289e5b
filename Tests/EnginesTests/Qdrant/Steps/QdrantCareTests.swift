import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What steps leave alone: what is not proven to come back, and what others have put there.
@Suite(.requires(TestQdrant.missing), .timeLimit(.minutes(3))) struct QdrantCareTests {
    private let recover = "{collection: books, from: snapshot}"
    private let points = "{collection: books, from: snapshot}"

    // MARK: When somebody wrote during the capture

    /// A backup that says so, of a collection that was counted with `counts` before and after.
    private func written(_ taken: QdrantUnderTest.Taken, _ before: Int64, _ after: Int64) throws -> BackupInHand {
        let items = try taken.items.map { item in
            guard var collection = try CapturedCollection(item) else { return item }
            (collection.points, collection.pointsAfter, collection.writers) = (before, after, .active)
            return collection.item
        }
        let hand = taken.hand
        return BackupInHand(
            role: hand.role, manifest: hand.manifest, manifestSHA256: hand.manifestSHA256, chosen: hand.chosen, store: hand.store,
            inventories: MemoryInventories(items: items))
    }

    @Test(.requires(TestQdrant.missingProgram)) func anEmptyCollectionIsNoRecoveredOneWhoeverWrote() async throws {
        let qdrant = try await QdrantUnderTest(try await TestQdrant.start())
        try await qdrant.server.fillBooks("books", points: 60)
        let hand = try written(try await qdrant.take("books"), 60, 63)
        try await qdrant.server.ask("PUT", "/collections/trial", #"{"vectors":{"size":8,"distance":"Cosine"}}"#)
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(
                DropCollectionStep.self, "{collection: books, refill: snapshot, name_in_backup: books, recovered_as: trial}", [hand])
        }
        #expect(failure?.kind == .refused)
        #expect(failure?.problem.contains("it has 0 of 60 points") == true, "\(String(describing: failure))")
        #expect(try await qdrant.server.count("books") == 60)
        let verified = try await qdrant.run(
            QdrantVerifyStep.self, "{collection: trial, name_in_backup: books, against: snapshot, aliases: false}", [hand])
        #expect(verified.findings.contains("collection trial: points"), "\(verified.findings)")
        #expect(verified.findings.contains { $0.hasSuffix(": presence") }, "not one of the sampled points is there")
    }

    /// What takes the place of a collection is another one, by whatever name.
    @Test func noCollectionTakesItsOwnPlace() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let alias = qdrant.name("alias")
        try await qdrant.server.alias(alias, for: name)
        let hand = try await qdrant.take(name).hand
        for other in [name, alias] {
            let yaml = "{collection: \(name), refill: snapshot, recovered_as: \(other)}"
            let failure = await #expect(throws: Failure.self) { try await qdrant.run(DropCollectionStep.self, yaml, [hand]) }
            #expect(failure?.kind == .refused, "\(other): \(String(describing: failure))")
            let lacks = try await step(DropCollectionStep.self, yaml).lacks(
                reading: qdrant.target.reading([hand]), commands: TestCommands())
            #expect(lacks.count == (other == name ? 1 : 0))
        }
        #expect(try await qdrant.server.count(name) == 60)
        try await qdrant.forget(name)
    }

    @Test func aliasesThatTheBackupDoesNotKnowAreNamedInThePlanOfADrop() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        try await qdrant.server.alias(qdrant.name("old"), for: name)
        let hand = try await qdrant.take(name).hand
        func remarks() async throws -> [String] {
            try await step(DropCollectionStep.self, "{collection: \(name), refill: snapshot}").lacks(
                reading: qdrant.target.reading([hand]), commands: TestCommands()
            ).map(\.words)
        }
        #expect(try await remarks() == [])
        try await qdrant.server.alias(qdrant.name("new"), for: name)
        let said = try await remarks()
        #expect(said.count == 1 && said.allSatisfy { $0.contains("does not know: \(qdrant.name("new"));") }, "\(said)")
        try await qdrant.forget(name)
    }

    @Test(.requires(TestQdrant.missingProgram)) func whatAWriterMayHaveChangedIsNoFinding() async throws {
        let qdrant = try await QdrantUnderTest(try await TestQdrant.start())
        try await qdrant.server.fillBooks("books", points: 60)
        let hand = try written(try await qdrant.take("books"), 60, 62)
        let sample = try #require(try await QdrantBackup.read(hand).samples["books"]?.first)
        let id = try Point(reading: sample[...]).id
        try await qdrant.server.ask(
            "POST", "/collections/books/points/payload?wait=true", #"{"payload":{"title":"x"},"points":[\#(id.json)]}"#)
        let verified = try await qdrant.run(QdrantVerifyStep.self, "{collection: books, against: snapshot}", [hand])
        #expect(verified.findings == [])
        #expect(verified.notExercised.contains { $0.what.hasPrefix("point books/\(id): ") }, "\(verified.notExercised)")
        #expect(verified.checks.contains { $0.aspect == "recall of the index" })
    }

    @Test(
        arguments: [
            (60, 60, false, 60...60), (60, 63, true, 57...66), (1000, 1000, true, 990...1010), (1, 0, true, 0...2), (3, 3, true, 3...3),
        ] as [(Int64, Int64, Bool, ClosedRange<Int64>)]) func soManyPointsARecoveredCollectionMayHave(
            before: Int64, after: Int64, isActive: Bool, range: ClosedRange<Int64>
        )
    {
        var collection = CapturedCollection(
            name: "books", points: before, way: .snapshot, config: .object([]), status: "green", parts: [:], fingerprints: nil,
            writers: isActive ? .active : .unwatched)
        collection.pointsAfter = after
        #expect(collection.acceptablePoints == range)
    }

    // MARK: All or none

    @Test(.requires(TestQdrant.missingProgram)) func nothingIsDroppedUnlessAllOfItMayBe() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        for name in ["aa", "bb"] { try await server.fillBooks(name, points: 5) }
        let taken = try await qdrant.take(nil)
        try await server.ask("DELETE", "/collections/bb")
        try await server.fillBooks("other", points: 5)
        try await server.alias("bb", for: "other")
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(DropCollectionStep.self, "{all_of: snapshot, refill: snapshot}", [taken.hand])
        }
        #expect(failure?.problem.contains("it is an alias") == true, "\(String(describing: failure))")
        #expect(try await server.collections().sorted() == ["aa", "other"])
    }

    // MARK: What others have written since

    private func recovered(_ qdrant: QdrantUnderTest) async throws -> QdrantUnderTest.Taken {
        try await qdrant.server.fillBooks("books", points: 30)
        return try await qdrant.take("books")
    }

    private var began: Memory {
        let memory = Memory()
        memory.keep("began", .flag(true))
        return memory
    }

    @Test(.requires(TestQdrant.missingProgram)) func whatTheServerHasFinishedByItselfIsNotRecoveredAgain() async throws {
        let qdrant = try await QdrantUnderTest(try await TestQdrant.start())
        let taken = try await recovered(qdrant)
        #expect(try await qdrant.reconcile(RecoverSnapshotStep.self, recover, [taken.hand], memory: began) == .done)
        // Its count proves nothing when something came in its way.
        let disturbed = began
        disturbed.keep("disturbed books", .flag(true))
        guard case .partial = try await qdrant.reconcile(RecoverSnapshotStep.self, recover, [taken.hand], memory: disturbed) else {
            Issue.record("a recover that was disturbed passes for done")
            return
        }
        try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand], memory: disturbed)
        #expect(disturbed.all["disturbed books"] == .flag(false))
    }

    @Test(.requires(TestQdrant.missingProgram)) func whatIsThereBeyondTheBackupIsNotRecoveredOver() async throws {
        let qdrant = try await QdrantUnderTest(try await TestQdrant.start())
        let taken = try await recovered(qdrant)
        try await qdrant.server.ask(
            "PUT", "/collections/books/points?wait=true", #"{"points":[{"id":900,"vector":[1,2,3,4,5,6,7,8],"payload":{"title":"new"}}]}"#)
        await #expect(throws: Paused.self) {
            try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand], memory: began)
        }
        #expect(try await qdrant.server.count("books") == 31)
    }

    @Test(.requires(TestQdrant.missingProgram)) func pointsAreWrittenFromTheBeginningIntoACollectionThatWasLost() async throws {
        let qdrant = try await QdrantUnderTest(try await TestQdrant.start())
        try await qdrant.server.fillBooks("books", points: 30)
        let taken = try await qdrant.take("books", CollectionOptions(way: .points))
        let before = try await qdrant.server.points("books")
        try await qdrant.server.ask("DELETE", "/collections/books")
        try await qdrant.run(CreateCollectionStep.self, "{collection: books, like: snapshot}", [taken.hand])
        let memory = began
        memory.keep("written of books", .integer(30))
        let result = try await qdrant.run(RecoverPointsStep.self, points, [taken.hand], memory: memory)
        #expect(result.findings == [])
        #expect(try await qdrant.server.points("books") == before)
        // And what is there beyond them is not written over.
        try await qdrant.server.ask("PUT", "/collections/books/points?wait=true", #"{"points":[{"id":900,"vector":[1,2,3,4,5,6,7,8]}]}"#)
        await #expect(throws: Paused.self) { try await qdrant.run(RecoverPointsStep.self, points, [taken.hand], memory: began) }
    }

    // MARK: Told before

    @Test func fingerprintsThatAreNotThereAreMissedBeforeAnythingIsDone() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        for (fingerprints, count) in [(false, 1), (true, 0)] {
            let taken = try await qdrant.take(name, fingerprints: fingerprints)
            let lacks = try await step(QdrantVerifyStep.self, "{collection: \(name), against: snapshot, points: all}").lacks(
                reading: qdrant.target.reading([taken.hand]), commands: TestCommands())
            #expect(lacks.count == count)
            if let lack = lacks.first { #expect(lack.words.contains("fingerprint: [points]")) }
        }
        try await qdrant.forget(name)
    }

    @Test func aLocationWithAPasswordIsNone() {
        #expect(throws: InvalidDocument.self) {
            try step(RecoverSnapshotStep.self, "{collection: books, from: snapshot, location: \"https://me:pw@backups/{key}\"}")
        }
    }
}
