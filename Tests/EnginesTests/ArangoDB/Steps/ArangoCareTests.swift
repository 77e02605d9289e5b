import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What is refused before it does harm, and what servers forget or take away by themselves.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoCareTests {
    // MARK: What a server forgets or takes away by itself

    /// A server forgets who may use a database when it is dropped.
    @Test func whoMayUseItComesBack() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let user = graph.name("bob")
        try await graph.server.ask("POST", "/_api/user", #"{"user":"\#(user)","passwd":"x"}"#)
        try await graph.server.ask("PUT", "/_api/user/\(user)/database/\(library)", #"{"grant":"ro"}"#)
        try await graph.server.ask("PUT", "/_api/user/\(user)/database/\(library)/books", #"{"grant":"rw"}"#)
        let taken = try await graph.take(library)
        #expect(taken.items.contains { $0.kind == "grant" && $0.name == "\(library)/\(user)" })
        func may() async throws -> String? {
            try await graph.server.ask("GET", "/_api/user/\(user)/database/\(library)")["result"]?.string
        }
        try await graph.run(ArangoDropDatabaseStep.self, "{database: \(library), refill: dump}", [taken.hand])
        try await graph.run(ArangoCreateDatabaseStep.self, library)
        #expect(try await may() == "none")
        let restored = try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump}", [taken.hand])
        #expect(restored.notes.contains("user '\(user)' may use it as before"), "\(restored.notes)")
        #expect(try await may() == "ro")
        let verify = "{database: \(library), against: dump}"
        #expect(try await graph.run(ArangoVerifyStep.self, verify, [taken.hand]).findings.isEmpty)
        try await graph.server.ask("PUT", "/_api/user/\(user)/database/\(library)", #"{"grant":"rw"}"#)
        #expect(try await graph.run(ArangoVerifyStep.self, verify, [taken.hand]).findings == ["user \(user): what it may do"])
        // Over a database that was never dropped they are somebody's later word.
        let over = try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump, replace: true}", [taken.hand])
        #expect(over.notExercised.contains { $0.what == "grants of user \(user)" }, "\(over.notExercised)")
        #expect(try await may() == "rw")
        try await graph.server.ask("DELETE", "/_api/user/\(user)")
        #expect(try await graph.run(ArangoVerifyStep.self, verify, [taken.hand]).findings == ["user \(user): is there"])
        try await graph.forget(library)
    }

    @Test func whatHasExpiredMayBeGoneAndNothingElse() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        try await graph.server.ask("POST", "/_api/collection", in: library, #"{"name":"sessions"}"#)
        try await graph.server.ask(
            "POST", "/_api/index?collection=sessions", in: library, #"{"type":"ttl","fields":["at"],"expireAfter":60,"name":"t"}"#)
        let lines = (1...40).map { number in
            let time = number <= 10 ? "4102444800" : number <= 20 ? "\"2100-01-01T00:00:00.000Z\"" : number == 21 ? "null" : "\(number)"
            return #"{"_key":"\#(number)","at":\#(time)}"# + "\n"
        }
        try await graph.server.load(lines.joined(), into: "sessions", in: library)
        let taken = try await graph.take(library)
        func findings(_ content: String) async throws -> [String] {
            try await graph.run(ArangoVerifyStep.self, "{database: \(library), against: dump, content: \(content)}", [taken.hand]).findings
        }
        #expect(try await findings("documents").isEmpty)
        try await graph.server.query("FOR s IN sessions FILTER IS_NUMBER(s.at) AND s.at < 100 REMOVE s IN sessions", in: library)
        #expect(try await graph.server.count("sessions", in: library) == 21)
        #expect(try await findings("documents").isEmpty)
        #expect(try await findings("counts").isEmpty)
        try await graph.server.query("UPDATE \"11\" WITH {user: 1} IN sessions", in: library)
        #expect(try await findings("documents") == ["collection sessions: content of documents that have not expired"])
        try await graph.server.query("REMOVE \"21\" IN sessions", in: library)
        #expect(try await findings("counts") == ["collection sessions: documents"])
        #expect(
            try await findings("documents") == [
                "collection sessions: documents that have not expired", "collection sessions: content of documents that have not expired",
            ])
        try await graph.forget(library)
    }

    /// Where nothing is left to compare nothing was.
    @Test func whatHasExpiredWhollyIsNoPass() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        try await graph.server.ask("POST", "/_api/collection", in: library, #"{"name":"sessions"}"#)
        try await graph.server.ask(
            "POST", "/_api/index?collection=sessions", in: library, #"{"type":"ttl","fields":["at"],"expireAfter":0,"name":"t"}"#)
        try await graph.server.load((1...5).map { #"{"_key":"\#($0)","at":\#($0)}"# + "\n" }.joined(), into: "sessions", in: library)
        let taken = try await graph.take(library)
        try await graph.server.query("FOR s IN sessions REMOVE s IN sessions", in: library)
        for content in ["documents", "counts"] {
            let verified = try await graph.run(
                ArangoVerifyStep.self, "{database: \(library), against: dump, content: \(content)}", [taken.hand])
            #expect(
                !verified.checks.contains { $0.subject == "collection sessions" && $0.aspect.contains("documents") }, "\(verified.checks)")
            #expect(verified.notExercised.contains { $0.what == "documents of collection sessions" }, "\(verified.notExercised)")
        }
        try await graph.forget(library)
    }

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
