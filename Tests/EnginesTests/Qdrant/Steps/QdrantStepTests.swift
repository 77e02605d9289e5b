import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Each step by itself, against a server.
@Suite(.requires(TestQdrant.missing), .timeLimit(.minutes(3))) struct QdrantStepTests {
    // MARK: Drop

    @Test func aDropTellsWhatWentWithIt() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        try await qdrant.server.alias(qdrant.name("alias"), for: name)
        let drop = "{collection: \(name), refill: none}"
        let effects = try await step(DropCollectionStep.self, drop).effects(reading: qdrant.target.reading())
        #expect(effects.map(\.amount) == [.known(count: 60, unit: "points", bytes: nil)])
        let memory = Memory()
        #expect(try await qdrant.reconcile(DropCollectionStep.self, drop, memory: memory) == .notDone)
        let result = try await qdrant.run(DropCollectionStep.self, drop, memory: memory)
        #expect(result.exercised)
        #expect(result.notes == ["dropped '\(name)'; with it went what it was also called: \(qdrant.name("alias"))"])
        #expect(try await qdrant.server.collections().contains(name) == false)
        #expect(try await qdrant.reconcile(DropCollectionStep.self, drop, memory: memory) == .done)

        let again = try await qdrant.run(DropCollectionStep.self, drop)
        #expect(!again.exercised)
        #expect(again.notes == ["there is no collection '\(name)'"])
    }

    @Test func noStepTakesAnAliasForTheCollectionBehindIt() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let alias = qdrant.name("alias")
        try await qdrant.server.alias(alias, for: name)
        let taken = try await qdrant.take(name)
        func refused<S: Step>(_ type: S.Type, _ rest: String) async {
            let failure = await #expect(throws: Failure.self) {
                try await qdrant.run(type, "{collection: \(alias), name_in_backup: \(name), \(rest)}", [taken.hand], agreed: false)
            }
            #expect(failure?.kind == .refused)
            #expect(
                failure?.problem.hasSuffix("it is an alias, and collection '\(name)' is behind it") == true,
                "\(String(describing: failure))")
        }
        await refused(DropCollectionStep.self, "refill: snapshot")
        await refused(CreateCollectionStep.self, "like: snapshot")
        await refused(RecoverSnapshotStep.self, "from: snapshot")
        await refused(CreatePayloadIndexesStep.self, "like: snapshot")
        await refused(QdrantVerifyStep.self, "against: snapshot")
        #expect(try await qdrant.server.count(name) == 60)
        #expect(try await qdrant.server.aliases()[alias] == name)
        try await qdrant.forget(name)
    }

    @Test func whatAppearedAfterTheStepWasJudgedIsNobodysToDrop() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books(points: 1)
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: none}", agreed: false)
        }
        #expect(failure?.problem.hasPrefix("collection '\(name)' has appeared since step 1.1 was judged") == true)
        #expect(try await qdrant.server.count(name) == 1)
        try await qdrant.forget(name)
    }

    // MARK: Create

    @Test func aCollectionIsCreatedAsItWas() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = qdrant.name("everything")
        try await qdrant.server.fillEverything(name)
        let taken = try await qdrant.take(name)
        let before = try await qdrant.server.ask("GET", "/collections/\(name)")["config"]
        let copy = qdrant.name("copy")
        let result = try await qdrant.run(
            CreateCollectionStep.self,
            "{collection: \(copy), name_in_backup: \(name), like: snapshot, expect: {vector: text, size: 4, distance: Cosine}}",
            [taken.hand])
        #expect(result.checks.map(\.aspect) == ["vectors", "sparse vectors"])
        #expect(result.findings == [])
        #expect(try await qdrant.server.ask("GET", "/collections/\(copy)")["config"] == before)
        // What an attempt of this step has left is made anew, while it is empty; anything else is somebody's.
        let memory = Memory()
        memory.keep("began \(copy)", .flag(true))
        let anew = "{collection: \(copy), config: {vectors: {size: 3, distance: Dot}}}"
        try await qdrant.run(CreateCollectionStep.self, anew, memory: memory)
        let empty = await #expect(throws: Failure.self) { try await qdrant.run(CreateCollectionStep.self, anew) }
        #expect(empty?.kind == .refused)
        try await qdrant.server.ask("PUT", "/collections/\(copy)/points?wait=true", #"{"points":[{"id":1,"vector":[1,2,3]}]}"#)
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(CreateCollectionStep.self, "{collection: \(copy), config: {vectors: {size: 3, distance: Dot}}}")
        }
        #expect(failure?.kind == .refused)
        #expect(failure?.problem.hasPrefix("collection '\(copy)' is there already") == true)
        #expect(try await qdrant.server.count(copy) == 1)
        try await qdrant.forget(name, copy)
    }

    @Test func otherVectorsThanExpectedAreRefusedBeforeAnythingIsDone() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let taken = try await qdrant.take(name)
        let mistakes = [
            "{size: 768}": "the vectors of collection '\(name)' have 8 dimensions, and 768 are expected",
            "{distance: Dot}": "the vectors of collection '\(name)' are compared by Cosine, and Dot is expected",
            "{vector: text, size: 8}":
                "collection '\(name)' has no vector 'text', which this runbook expects: it has the unnamed one",
        ]
        for (expect, words) in mistakes {
            let create = "{collection: \(name), like: snapshot, expect: \(expect)}"
            let lacks = try await step(CreateCollectionStep.self, create).lacks(
                reading: qdrant.target.reading([taken.hand]), commands: TestCommands())
            guard case .fatal(let failure)? = lacks.first else {
                Issue.record("\(expect) is not refused by the plan")
                continue
            }
            #expect(failure.problem == words)
            let refused = await #expect(throws: Failure.self) {
                try await qdrant.run(
                    CreateCollectionStep.self,
                    create.replacing("collection: \(name)", with: "collection: \(qdrant.name("new")), name_in_backup: \(name)"),
                    [taken.hand])
            }
            #expect(refused?.kind == .unfit)
        }
        #expect(try await qdrant.server.collections().contains(qdrant.name("new")) == false)
        try await qdrant.forget(name)
    }

    @Test(arguments: [
        ("{vector_size: 768, distance: Cosine}", "`vector_size` is nothing that Qdrant's create call knows"),
        ("{vectors: {}}", "`config:` has neither vectors nor sparse vectors"),
        ("{on_disk_payload: true}", "`config:` has neither vectors nor sparse vectors"),
        ("[vectors]", "`config:` has to be a mapping"),
    ]) func aBodyThatAServerWouldTakeForNothingIsRefusedAsItIsRead(config: String, words: String) throws {
        let refused = #expect(throws: InvalidDocument.self) {
            try step(CreateCollectionStep.self, "{collection: books, config: \(config)}")
        }
        #expect("\(refused.map { "\($0)" } ?? "")".contains(words), "\(String(describing: refused))")
    }
    // MARK: Aliases, points, waiting

    @Test func aliasesComeBackAllAtOnceAndNeverOverACollection() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let other = try await qdrant.books("other", points: 1)
        for alias in ["alias_a", "alias_b"] { try await qdrant.server.alias(qdrant.name(alias), for: name) }
        let taken = try await qdrant.take(name)
        try await qdrant.server.alias(qdrant.name("alias_a"), for: other)
        try await qdrant.server.ask(
            "POST", "/collections/aliases", #"{"actions":[{"delete_alias":{"alias_name":"\#(qdrant.name("alias_b"))"}}]}"#)
        let like = "{collection: \(name), like: snapshot}"
        let effects = try await step(SwitchAliasStep.self, like).effects(reading: qdrant.target.reading([taken.hand]))
        #expect(effects.map(\.verb) == [.change, .create])
        let result = try await qdrant.run(SwitchAliasStep.self, like, [taken.hand])
        #expect(result.findings == [])
        #expect(
            result.notes == [
                "'\(qdrant.name("alias_a"))' stands for '\(name)', no longer for '\(other)'",
                "'\(qdrant.name("alias_b"))' stands for '\(name)'",
            ])
        let there = try await qdrant.server.aliases()
        #expect(there[qdrant.name("alias_a")] == name && there[qdrant.name("alias_b")] == name)
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(SwitchAliasStep.self, "{collection: \(name), alias: \(other)}")
        }
        #expect(failure?.problem.hasSuffix("a collection has that name") == true)
        try await qdrant.forget(name, other)
    }

    @Test func pointsAreWrittenFromWhereAnInterruptedStepHasCome() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let taken = try await qdrant.take(name, CollectionOptions(way: .points))
        let recover = "{collection: \(name), from: snapshot}"
        let full = await #expect(throws: Failure.self) { try await qdrant.run(RecoverPointsStep.self, recover, [taken.hand]) }
        #expect(full?.problem.hasSuffix("is not empty: it holds 60 points") == true)
        try await qdrant.server.ask("POST", "/collections/\(name)/points/delete?wait=true", #"{"points":[50,51,59]}"#)
        let memory = Memory()
        memory.keep("began", .flag(true))
        memory.keep("written of \(name)", .integer(50))
        #expect(
            try await qdrant.reconcile(RecoverPointsStep.self, recover, [taken.hand], memory: memory)
                == .partial("points were being written"))
        let result = try await qdrant.run(RecoverPointsStep.self, recover, [taken.hand], memory: memory)
        #expect(result.notes == ["wrote 10 points into '\(name)'"])
        #expect(result.findings == [])
        #expect(memory.all["written of \(name)"] == .integer(60))
        #expect(try await qdrant.reconcile(RecoverPointsStep.self, recover, [taken.hand], memory: memory) == .done)

        let snapshot = try await qdrant.take(name)
        let wrong = await #expect(throws: Failure.self) { try await qdrant.run(RecoverPointsStep.self, recover, [snapshot.hand]) }
        #expect(wrong?.kind == .unfit)
        let other = await #expect(throws: Failure.self) { try await qdrant.run(RecoverSnapshotStep.self, recover, [taken.hand]) }
        #expect(other?.kind == .unfit)
        try await qdrant.forget(name)
    }

    @Test func whatIsGreenIsNotWaitedForAndWhatIsMissingIsNamed() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let waited = try await qdrant.run(WaitUntilGreenStep.self, "{collection: \(name), within: 1min}")
        #expect(waited.notes == ["'\(name)' is green"])
        let ready = try await qdrant.run(QdrantWaitUntilReadyStep.self, "1min")
        #expect(ready.notes.first?.hasSuffix("is ready") == true)
        try await qdrant.forget(name)
        let failure = await #expect(throws: Failure.self) {
            try await qdrant.run(WaitUntilGreenStep.self, "{collection: \(name), within: 1min}")
        }
        #expect(failure?.problem.hasPrefix("there is no collection '\(name)'") == true)
    }

    @Test func pointsOfARunbookAreWrittenAsTheyStandThere() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books(points: 2)
        let result = try await qdrant.run(
            UpsertPointsStep.self,
            "{collection: \(name), points: [{id: 1, vector: [1, 0, 0, 0, 0, 0, 0, 0], payload: {mark: here}}, {id: c0ffee00-1234-5678-9abc-def012345678, vector: [0, 1, 0, 0, 0, 0, 0, 0.5]}]}"
        )
        #expect(result.notes == ["wrote 2 points into '\(name)'"])
        let points = try await qdrant.server.points(name)
        #expect(points.count == 3)
        #expect(points[1].contains(#""mark":"here""#))
        try await qdrant.forget(name)
    }
}

/// What is refused while the collection is still there, and what happens on servers in trouble.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(3))) struct QdrantRefusalTests {
}
