import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What is refused before it does harm.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoCareTests {
    /// What servers keep for themselves stays; what people have put there is not overwritten.
    @Test func systemCollectionsOfOthersStay() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        try await graph.server.ask("POST", "/_api/collection", in: library, #"{"name":"_ours","isSystem":true}"#)
        try await graph.server.load(#"{"_key":"a"}"# + "\n", into: "_ours", in: library)
        let taken = try await graph.take(library)
        let other = graph.name("other")
        try await graph.run(ArangoCreateDatabaseStep.self, other)
        try await graph.server.load(#"{"_key":"theirs"}"# + "\n", into: "_apps", in: other)
        try await graph.server.ask("POST", "/_api/collection", in: other, #"{"name":"_ours","isSystem":true}"#)
        try await graph.server.load(#"{"_key":"b"}"# + "\n", into: "_ours", in: other)
        let yaml = "{database: \(other), name_in_backup: \(library), from: dump"
        let failure = await #expect(throws: Failure.self) { try await graph.run(ArangoRestoreStep.self, yaml + "}", [taken.hand]) }
        #expect(failure?.problem.hasSuffix("it has '_ours' already") == true, "\(String(describing: failure))")
        await #expect(throws: Failure.self) {
            try await graph.run(ArangoRestoreStep.self, yaml + ", replace: true}", [taken.hand], agreed: false)
        }
        try await graph.server.ask("DELETE", "/_api/collection/_ours?isSystem=true", in: other)
        let restored = try await graph.run(ArangoRestoreStep.self, yaml + "}", [taken.hand])
        #expect(restored.notExercised.contains { $0.what == "collection _apps" }, "\(restored.notExercised)")
        #expect(try await graph.server.count("_apps", in: other) == 1)
        #expect(try await graph.server.count("_ours", in: other) == 1)
        try await graph.forget(library, other)
    }

    /// The accounts of a whole server do not go back to those of a backup unasked.
    @Test(.requires(TestArango.missingStandIn)) func accountsAreReplacedOnlyWithAgreement() async throws {
        let graph = try await GraphUnderTest(try await TestArango.start())
        let taken = try await graph.take("_system")
        let yaml = "{database: _system, from: dump, users: true}"
        let effects = try await step(ArangoRestoreStep.self, yaml).effects(reading: graph.target.reading([taken.hand]))
        #expect(effects.contains { $0.verb == .destroy && $0.object.name == "_system/_users" })
        let failure = await #expect(throws: Failure.self) {
            try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], agreed: false)
        }
        #expect(failure?.kind == .refused && failure?.problem.contains("'_system/_users'") == true, "\(String(describing: failure))")
    }

    // MARK: Before anything is dropped

    @Test(.requires(TestArango.missingStandIn)) func anOlderServerIsRefused() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let older = try await GraphUnderTest(try await TestArango.start(version: "3.11.11"))
        try await older.server.fillLibrary(library)
        let failure = await #expect(throws: Failure.self) {
            try await older.run(ArangoDropDatabaseStep.self, "{database: \(library), refill: dump}", [taken.hand])
        }
        #expect(failure?.kind == .unfit, "\(String(describing: failure))")
        #expect(try await older.server.count("books", in: library) == 60)
        try await graph.forget(library)
    }

    @Test func aBackupOfSomeCollectionsDoesNotReplaceADatabase() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library, CollectionOptions(exclude: ["empty"]))
        let failure = await #expect(throws: Failure.self) {
            try await graph.run(ArangoDropDatabaseStep.self, "{database: \(library), refill: dump}", [taken.hand])
        }
        #expect(
            failure?.kind == .unfit && failure?.problem.contains("and all of it would be dropped") == true, "\(String(describing: failure))"
        )
        #expect(try await graph.server.databases().contains(library))
        try await graph.forget(library)
    }

    @Test func theServersOwnDatabaseStays() async throws {
        let graph = try await GraphUnderTest()
        let failure = await #expect(throws: Failure.self) {
            try await graph.run(ArangoDropDatabaseStep.self, "{database: _system, refill: none}")
        }
        #expect(failure?.problem == "cannot drop database '_system': the server needs it")
    }

    @Test func nothingIsDroppedThatNobodyHasSeen() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        for yaml in ["{database: \(library), refill: none}"] {
            let failure = await #expect(throws: Failure.self) { try await graph.run(ArangoDropDatabaseStep.self, yaml, agreed: false) }
            #expect(failure?.kind == .refused)
        }
        let failure = await #expect(throws: Failure.self) {
            try await graph.run(ArangoDropCollectionStep.self, "{database: \(library), collection: books, refill: none}", agreed: false)
        }
        #expect(failure?.kind == .refused)
        #expect(try await graph.server.count("books", in: library) == 60)
        try await graph.forget(library)
    }

    @Test func whatIsGoneIsNotExercised() async throws {
        let graph = try await GraphUnderTest()
        #expect(try await !graph.run(ArangoDropDatabaseStep.self, "{database: never_there, refill: none}").exercised)
        let library = try await graph.library()
        #expect(
            try await !graph.run(ArangoDropCollectionStep.self, "{database: \(library), collection: never, refill: none}").exercised)
        try await graph.forget(library)
    }
}
