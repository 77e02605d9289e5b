import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What is taken of a server, by either way.
@Suite(.requires(TestQdrant.missing), .timeLimit(.minutes(3))) struct QdrantCaptureTests {
    @Test(arguments: [CaptureWay.snapshot, .points]) func everyKindOfVectorAndIdComesBack(way: CaptureWay) async throws {
        let qdrant = try await QdrantUnderTest()
        let name = qdrant.name("everything")
        try await qdrant.server.fillEverything(name)
        let before = try await qdrant.server.points(name)
        #expect(before.count == 44)
        let taken = try await qdrant.take(name, CollectionOptions(way: way), fingerprints: true)
        let collection = try #require(try taken.collections.first)
        #expect(taken.captured.problems == [])
        #expect(collection.points == 44)
        #expect(collection.way == way)
        #expect(collection.fingerprints != nil)
        #expect(Set(taken.items("payload index").map(\.name)) == ["\(name)/n", "\(name)/big"])
        #expect(taken.items("sampled point").count == 20)
        #expect(
            Set(taken.items("golden query").compactMap { $0.name.split(separator: "/").dropFirst().first }) == [
                "text", "bytes", "half", "many", "words", "plain",
            ])

        try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: snapshot}", [taken.hand])
        if way == .snapshot {
            try await qdrant.run(RecoverSnapshotStep.self, "{collection: \(name), from: snapshot}", [taken.hand])
        } else {
            try await qdrant.run(CreateCollectionStep.self, "{collection: \(name), like: snapshot}", [taken.hand])
            try await qdrant.run(RecoverPointsStep.self, "{collection: \(name), from: snapshot}", [taken.hand])
            try await qdrant.run(CreatePayloadIndexesStep.self, "{collection: \(name), like: snapshot}", [taken.hand])
        }
        #expect(try await qdrant.server.points(name) == before)
        let verified = try await qdrant.run(QdrantVerifyStep.self, "{collection: \(name), against: snapshot, points: all}", [taken.hand])
        #expect(verified.findings == [])
        #expect(verified.notExercised.isEmpty)
        try await qdrant.forget(name)
    }

    @Test func aliasesAreKeptAndTheServersCopyIsDeleted() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        try await qdrant.server.alias(qdrant.name("alias"), for: name)
        let taken = try await qdrant.take(name)
        #expect(taken.items("alias").map(\.name) == [qdrant.name("alias")])
        #expect(taken.items("alias").first?.facts["collection"] == name)
        #expect(try await qdrant.server.snapshots(of: name) == [])
        #expect(try await taken.sink.leftInWorkFolder() == [])
        #expect(taken.items("payload index").map(\.name) == ["\(name)/page", "\(name)/shelf"])
        #expect(taken.captured.totals["points"] == 60)
        try await qdrant.forget(name)
    }

    @Test func anAliasIsNoCollectionToCapture() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books()
        let alias = qdrant.name("alias")
        try await qdrant.server.alias(alias, for: name)
        let failure = await #expect(throws: Failure.self) { try await qdrant.take(alias) }
        #expect(failure?.problem.contains("'\(alias)'") == true && failure?.problem.contains("collection '\(name)' is behind it") == true)
        #expect(try await qdrant.server.count(name) == 60)
        try await qdrant.forget(name)
    }

    @Test func namesThatNoFolderTakesHaveFilesAllTheSame() async throws {
        let qdrant = try await QdrantUnderTest()
        let names = ["\(qdrant.name("a")) b ü", "\(qdrant.name("a")) b ö", "\(qdrant.name("x"))#+&%", ".\(qdrant.name("hidden"))"]
        for name in names {
            let path = "/collections/\(name.percentEncoded)"
            try await qdrant.server.ask("PUT", path, #"{"vectors":{"size":2,"distance":"Dot"}}"#)
            try await qdrant.server.ask("PUT", "\(path)/points?wait=true", #"{"points":[{"id":1,"vector":[1,2]}]}"#)
        }
        let taken = try await qdrant.take(nil, CollectionOptions(include: names))
        #expect(taken.captured.problems == [])
        #expect(Set(try taken.collections.compactMap { $0.parts[""] }).count == 4, "each has a file of its own")
        for name in names {
            try await qdrant.run(DropCollectionStep.self, "{collection: \"\(name)\", refill: snapshot}", [taken.hand])
            try await qdrant.run(RecoverSnapshotStep.self, "{collection: \"\(name)\", from: snapshot}", [taken.hand])
            #expect(try await qdrant.server.count(name.percentEncoded) == 1)
            try await qdrant.forget(name.percentEncoded)
        }
    }

    @Test func whatThePolicyChoosesIsTakenAndNothingElse() async throws {
        let qdrant = try await QdrantUnderTest()
        for word in ["pick_a", "pick_b", "pick_draft", "pick_secret", "other"] { _ = try await qdrant.books(word, points: 3) }
        func names(_ options: CollectionOptions) async throws -> (taken: [String], said: [String]) {
            let taken = try await qdrant.take(nil, options)
            return (try taken.collections.map(\.name), taken.said)
        }
        let options = CollectionOptions(
            include: [qdrant.name("pick_*"), "\(qdrant.name("nothing"))*"], exclude: [qdrant.name("pick_draft")],
            isPrivate: [qdrant.name("*_secret")])
        let (chosen, said) = try await names(options)
        #expect(chosen == [qdrant.name("pick_a"), qdrant.name("pick_b")])
        #expect(said.contains("left out as private: \(qdrant.name("pick_secret")); `--all` takes them too"))
        #expect(said.contains("no collection fits '\(qdrant.name("nothing"))*'"))
        var all = options
        all.takesPrivate = true
        #expect(try await names(all).taken == ["pick_a", "pick_b", "pick_secret"].map { qdrant.name($0) })

        var misspelt = options
        misspelt.include = [qdrant.name("pick_aa")]
        let failure = await #expect(throws: Failure.self) { try await qdrant.take(nil, misspelt) }
        #expect(failure?.problem.contains("there is no collection '\(qdrant.name("pick_aa"))'") == true)
        for word in ["pick_a", "pick_b", "pick_draft", "pick_secret", "other"] { try await qdrant.forget(qdrant.name(word)) }
    }

    @Test func vectorsOfAnotherModelThanThePolicySaysMakeTheBackupIncomplete() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books(points: 5)
        let wrong = try await qdrant.take(
            nil,
            CollectionOptions(
                include: [name],
                embeddings: [
                    (
                        "lifeboat_*",
                        try Embedding(try YAMLNode.parse("{model: all-MiniLM-L6-v2, size: 384, distance: Cosine}"), .plain)
                    )
                ]))
        #expect(
            wrong.captured.problems == [
                "collection '\(name)': the vectors have 8 dimensions, and the policy says that all-MiniLM-L6-v2 made them with 384"
            ])
        let right = try await qdrant.take(
            nil,
            CollectionOptions(include: [name], embeddings: [("*", try Embedding(try YAMLNode.parse("{model: tiny, size: 8}"), .plain))]))
        #expect(right.captured.problems == [])
        #expect(right.items("embedding").first?.facts == ["model": "tiny", "size": "8"])
        try await qdrant.forget(name)
    }

    /// Beyond float32 a server prints `null`, and takes that from nobody.
    @Test func pointsThatNobodyCanWriteBackAreNamed() async throws {
        let qdrant = try await QdrantUnderTest()
        let name = try await qdrant.books(points: 10)
        try await qdrant.server.ask(
            "PUT", "/collections/\(name)/points?wait=true",
            #"{"points":[{"id":77,"vector":[1e39,1,1,1,1,1,1,1],"payload":{"title":"broken"}}]}"#)
        let taken = try await qdrant.take(name, CollectionOptions(way: .points))
        let collection = try #require(try taken.collections.first)
        #expect(collection.points == 11)
        #expect(collection.unreadable == ["77"])
        #expect(
            taken.items("note").first?.facts["text"]?.contains(
                "1 points of collection '\(name)' have values that the server itself cannot print") == true)

        try await qdrant.run(DropCollectionStep.self, "{collection: \(name), refill: snapshot}", [taken.hand])
        try await qdrant.run(CreateCollectionStep.self, "{collection: \(name), like: snapshot}", [taken.hand])
        let written = try await qdrant.run(RecoverPointsStep.self, "{collection: \(name), from: snapshot}", [taken.hand])
        #expect(written.findings == [])
        #expect(written.notExercised.map(\.what) == ["1 points of collection \(name)"])
        #expect(try await qdrant.server.count(name) == 10)
        let verified = try await qdrant.run(
            QdrantVerifyStep.self, "{collection: \(name), against: snapshot, points: all, ignore: [\"payload index *\"]}", [taken.hand])
        #expect(verified.findings.filter { !$0.hasPrefix("golden query") } == [])
        try await qdrant.forget(name)
    }
}

/// Captures of a whole server, and those in the middle of which something happens.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(3))) struct QdrantServerCaptureTests {
    @Test func aServerWithoutCollectionsIsABackupOfNothing() async throws {
        let qdrant = try await QdrantUnderTest(try await TestQdrant.start())
        let taken = try await qdrant.take(nil)
        #expect(taken.captured.totals["collections"] == 0)
        #expect(taken.captured.problems == [])
        #expect(try await QdrantExamine(taken.hand).examine(scratch: "/tmp").filter(\.isFinding).isEmpty)
    }

    @Test(.requires(TestQdrant.missingStandIn)) func oneThatFailsDoesNotStopTheOthers() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        for name in ["aa", "bb", "cc"] { try await server.fillBooks(name, points: 5) }
        // A recover that was cut off has left it like this.
        try await server.ask("PUT", "/collections/bb/index?wait=true", #"{"field_name":"n","field_schema":"keyword"}"#)
        try await server.kill()
        try await TestSupport.write([], to: "\(server.folder)/storage/collections/bb/shard_0.initializing")
        try await server.start()
        let taken = try await qdrant.take(nil)
        #expect(try taken.collections.map(\.name) == ["aa", "cc"])
        #expect(taken.captured.problems.count == 1)
        #expect(
            taken.captured.problems.first?.hasPrefix("collection 'bb': cannot read collection 'bb'") == true,
            "\(taken.captured.problems)")
        #expect(taken.captured.totals["points"] == 10)
        #expect(taken.captured.failed?.map { [$0.kind, $0.name] } == [["collection", "bb"]])
        #expect(taken.hand.manifest.isWholeInParts)
        // What is in it comes back by its name; what is not is refused with the reason.
        let known = try await QdrantBackup.read(taken.hand)
        #expect(try known.collection("aa", of: taken.hand).points == 5)
        let refused = #expect(throws: Failure.self) { try known.collection("bb", of: taken.hand) }
        #expect(refused?.kind == .unfit)
        #expect(refused?.problem.hasSuffix("it could not be captured: \(taken.captured.failed?.first?.because ?? "")") == true)
        let all = await #expect(throws: Failure.self) {
            try await qdrant.run(DropCollectionStep.self, "{all_of: snapshot, refill: snapshot}", [taken.hand])
        }
        #expect(all?.problem.hasSuffix("`all_of:` would leave out what it lacks") == true, "\(all?.problem ?? "")")
        #expect(try await server.collections() == ["aa", "bb", "cc"])
    }

    @Test func aCollectionThatIsNotThereIsOneThatFailed() async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("aa", points: 5)
        let taken = try await qdrant.take(nil, CollectionOptions(include: ["aa", "ghost"]))
        let because = "there is no collection 'ghost', and the policy names it"
        #expect(taken.captured.problems == [because])
        #expect(taken.captured.failed == [FailedObject(kind: "collection", name: "ghost", because: because)])
    }

    @Test(.requires(TestQdrant.missingStandIn), arguments: [true, false]) func whoWritesMeanwhileIsNoticed(watching: Bool) async throws {
        let server = try await TestQdrant.start()
        let qdrant = try await QdrantUnderTest(server)
        try await server.fillBooks("books", points: 20)
        try await server.hold(.snapshot)
        async let taking = qdrant.take("books", fingerprints: watching)
        try await eventually { server.isHeld(in: .snapshot) }
        // The number of points stays: only who has looked at each of them notices.
        try await server.ask(
            "POST", "/collections/books/points/payload?wait=true", #"{"payload":{"title":"changed"},"points":[3]}"#)
        try await server.release(.snapshot)
        let taken = try await taking
        let collection = try #require(try taken.collections.first)
        #expect(collection.writers == (watching ? .active : .unwatched))
        #expect(taken.items("note").isEmpty == !watching)
        guard watching else { return }
        try await qdrant.rebuild("books", from: taken.hand)
        let verified = try await qdrant.run(QdrantVerifyStep.self, "{collection: books, against: snapshot, points: all}", [taken.hand])
        #expect(verified.findings == [])
        #expect(verified.notExercised.map(\.what).contains("every point of collection books"), "\(verified.notExercised)")
    }
}
