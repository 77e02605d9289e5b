import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoStepTests {
    @Test func theMissionBringsEverythingBack() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        try await graph.server.query("FOR b IN books FILTER b.shelf == \"poetry\" REMOVE b IN books", in: library)
        try await graph.server.ask("DELETE", "/_api/view/titles", in: library)
        let dropped = try await graph.run(ArangoDropDatabaseStep.self, "{database: \(library), refill: dump}", [taken.hand])
        #expect(dropped.exercised && dropped.facts["documents"] != nil)
        #expect(try await !graph.server.databases().contains(library))
        try await graph.run(ArangoCreateDatabaseStep.self, library)
        let restored = try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump}", [taken.hand])
        #expect(restored.findings.isEmpty && restored.facts["collections"] != nil, "\(restored.findings)")
        let verified = try await graph.run(ArangoVerifyStep.self, "{database: \(library), against: dump}", [taken.hand])
        #expect(verified.findings.isEmpty, "\(verified.checks.filter(\.isFinding))")
        let subjects = Set(verified.checks.map { "\($0.subject): \($0.aspect)" })
        for expected in [
            "collection books: documents", "collection books: content of every document", "collection cites: type",
            "collection books: index persistent on 'shelf', 'year': definition", "collection empty: properties", "view titles: definition",
            "graph citations: definition", "analyzer words: definition",
        ] {
            #expect(subjects.contains(expected), "\(expected) of \(subjects.sorted())")
        }
        try await graph.forget(library)
    }

    /// Each change is found, and under its own name.
    @Test func verifyFindsWhatIsDifferent() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        func findings(_ more: String = "") async throws -> [String] {
            try await graph.run(ArangoVerifyStep.self, "{database: \(library), against: dump\(more)}", [taken.hand]).findings
        }
        #expect(try await findings().isEmpty)
        try await graph.server.query("UPDATE \"7\" WITH {year: 1} IN books", in: library)
        #expect(try await findings() == ["collection books: content of every document"])
        #expect(try await findings(", content: counts").isEmpty)
        #expect(try await findings(", ignore: [\"collection books: content*\"]").isEmpty)
        try await graph.server.query("REMOVE \"7\" IN books", in: library)
        #expect(try await findings() == ["collection books: documents", "collection books: content of every document"])
        #expect(try await findings(", content: counts") == ["collection books: documents"])
        #expect(try await findings(", collections: [cites]").isEmpty)
        try await graph.rebuild(library, from: taken.hand)
        #expect(try await findings().isEmpty)

        try await graph.server.ask("POST", "/_api/collection", in: library, #"{"name":"stranger"}"#)
        #expect(try await findings() == ["collection stranger: is there"])
        try await graph.server.ask("DELETE", "/_api/collection/stranger", in: library)
        try await graph.server.ask("DELETE", "/_api/collection/empty", in: library)
        #expect(try await findings() == ["collection empty: is there"])
        try await graph.rebuild(library, from: taken.hand)
        try await graph.server.ask("DELETE", "/_api/index/books/by_shelf", in: library)
        #expect(try await findings() == ["collection books: index persistent on 'shelf', 'year': is there"])
        try await graph.server.ask(
            "POST", "/_api/index?collection=books", in: library,
            #"{"type":"persistent","fields":["shelf","year"],"sparse":true,"name":"by_shelf"}"#)
        #expect(try await findings() == ["collection books: index persistent on 'shelf', 'year': definition"])
        try await graph.rebuild(library, from: taken.hand)
        try await graph.server.ask("PUT", "/_api/collection/books/properties", in: library, #"{"waitForSync":true}"#)
        #expect(try await findings() == ["collection books: properties"])
        try await graph.rebuild(library, from: taken.hand)
        try await graph.server.ask("DELETE", "/_api/gharial/citations", in: library)
        #expect(Set(try await findings()).isSuperset(of: ["graph citations: is there"]))
        try await graph.rebuild(library, from: taken.hand)
        try await graph.server.ask("PATCH", "/_api/view/titles/properties", in: library, #"{"links":{"books":{"includeAllFields":true}}}"#)
        #expect(try await findings() == ["view titles: definition"])
        try await graph.server.ask("DELETE", "/_api/view/titles", in: library)
        #expect(try await findings() == ["view titles: is there"])
        try await graph.forget(library)
    }

    @Test func sampleQueriesAreJudged() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let verified = try await graph.run(
            ArangoVerifyStep.self,
            """
            database: \(library)
            against: dump
            queries:
              - {name: poems, aql: "RETURN LENGTH(FOR b IN @@c FILTER b.shelf == @s RETURN 1)", bind: {"@c": books, s: poetry}, equals: 20}
              - {name: wrong, aql: "RETURN LENGTH(books)", equals: 61}
              - {name: broken, aql: "RETURN LENGHT(books", equals: 61}
              - {name: cited, aql: "FOR v IN 1..1 OUTBOUND 'books/8' GRAPH 'citations' RETURN v._key", equals: ["4"]}
            """, [taken.hand])
        #expect(verified.findings == ["query wrong: answer", "query broken: answer"])
        #expect(verified.checks.first { $0.subject == "query broken" }?.verdict == .undetermined)
        try await graph.forget(library)
    }

    @Test func whatIsAlreadyThereIsNotOverwritten() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let failure = await #expect(throws: Failure.self) {
            try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump}", [taken.hand])
        }
        #expect(failure?.kind == .refused, "\(String(describing: failure))")
        #expect(failure?.problem.contains("it has 'books', 'cites', 'empty'") == true, "\(String(describing: failure))")
        let created = await #expect(throws: Failure.self) { try await graph.run(ArangoCreateDatabaseStep.self, library) }
        #expect(
            created?.problem.hasSuffix("is there already and holds 3 collections ('books', …), view 'titles', graphs, analyzers") == true,
            "\(String(describing: created))")
        try await graph.forget(library)
    }

    @Test func graphsOfOthersAreNotReplaced() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let other = graph.name("other")
        try await graph.run(ArangoCreateDatabaseStep.self, other)
        try await graph.server.ask("POST", "/_api/gharial", in: other, #"{"name":"theirs","edgeDefinitions":[]}"#)
        let yaml = "{database: \(other), name_in_backup: \(library), from: dump"
        let failure = await #expect(throws: Failure.self) { try await graph.run(ArangoRestoreStep.self, yaml + "}", [taken.hand]) }
        #expect(
            failure?.kind == .refused && failure?.problem.hasSuffix("it has 1 graph of its own already") == true,
            "\(String(describing: failure))")
        try await graph.run(ArangoRestoreStep.self, yaml + ", collections: [books]}", [taken.hand])
        #expect(try await graph.server.count("_graphs", in: other) == 1)
        try await graph.forget(library, other)
    }

    @Test func replacingAsksForEveryCollectionThatIsThere() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        try await graph.server.query("FOR b IN books REMOVE b IN books", in: library)
        let yaml = "{database: \(library), from: dump, replace: true}"
        let effects = try await step(ArangoRestoreStep.self, yaml).effects(reading: graph.target.reading([taken.hand]))
        let destroyed = Set(effects.filter { $0.verb == .destroy && $0.amount != .absent }.map(\.object.name))
        #expect(
            destroyed.isSuperset(of: ["_analyzers", "_graphs", "books", "cites", "empty", "titles"].map { "\(library)/\($0)" }),
            "\(destroyed)")
        let failure = await #expect(throws: Failure.self) {
            try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], agreed: false)
        }
        #expect(failure?.kind == .refused && failure?.problem.contains("nobody has agreed to its destruction") == true)
        #expect(try await graph.server.count("books", in: library) == 0)
        #expect(try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand]).findings.isEmpty)
        #expect(try await graph.server.count("books", in: library) == 60)
        try await graph.forget(library)
    }

    @Test func oneCollectionIsRebuiltAmongOthers() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        try await graph.server.query("FOR b IN books FILTER b.year > 1950 REMOVE b IN books", in: library)
        try await graph.run(
            ArangoDropCollectionStep.self, "{database: \(library), collection: books, refill: dump}", [taken.hand])
        try await graph.run(ArangoRestoreStep.self, "{database: \(library), from: dump, collections: [books]}", [taken.hand])
        let verified = try await graph.run(
            ArangoVerifyStep.self, "{database: \(library), against: dump, collections: [books]}", [taken.hand])
        #expect(verified.findings.isEmpty && verified.checks.contains { $0.aspect == "content of every document" })
        try await graph.forget(library)
    }

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

    // MARK: Going on

    @Test(.requires(TestArango.missingStandIn)) func aRestoreThatIsCutOffGoesOn() async throws {
        let server = try await TestArango.start()
        let graph = try await GraphUnderTest(server)
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let copy = graph.name("copy")
        for number in 0..<60 {
            let memory = Memory()
            try await graph.run(ArangoCreateDatabaseStep.self, copy)
            try await server.meet(
                #"{"kind":"refuse","path":"/_api/replication/restore","after":\#(number),"times":1,"status":500,"errorNum":4,"errorMessage":"out of luck"}"#
            )
            let yaml = "{database: \(copy), name_in_backup: \(library), from: dump}"
            var isCutOff = false
            do { try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory) } catch is Failure { isCutOff = true }
            try await server.forgetMishaps()
            if isCutOff {
                let standing = try await graph.reconcile(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory)
                #expect(standing != .done, "after \(number)")
                let again = try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory)
                #expect(again.findings.isEmpty, "after \(number): \(again.findings)")
            }
            #expect(try await graph.reconcile(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory) == .done, "after \(number)")
            let verified = try await graph.run(
                ArangoVerifyStep.self, "{database: \(copy), name_in_backup: \(library), against: dump}", [taken.hand])
            #expect(verified.findings.isEmpty, "after \(number): \(verified.checks.filter(\.isFinding))")
            try await graph.forget(copy)
            if !isCutOff { return }
        }
        Issue.record("every request failed")
    }

    @Test(.requires(TestArango.missingStandIn)) func aServerThatIsKilledInTheMiddleIsFilledAgain() async throws {
        let server = try await TestArango.start()
        let graph = try await GraphUnderTest(server)
        let library = try await graph.library(books: 500)
        let taken = try await graph.take(library)
        let copy = graph.name("copy")
        let memory = Memory()
        try await graph.run(ArangoCreateDatabaseStep.self, copy)
        try await server.meet(
            #"{"kind":"refuse","path":"restore-data.collection=cites","times":1,"status":500,"errorNum":4,"errorMessage":"out of luck"}"#)
        let yaml = "{database: \(copy), name_in_backup: \(library), from: dump, jobs: 1}"
        await #expect(throws: Failure.self) { try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory) }
        try await server.kill()
        try await server.start()
        #expect(try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory).findings.isEmpty)
        #expect(try await server.count("cites", in: copy) == 499)
    }

    // MARK: Queries

    @Test func aQueryRuns() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let written = try await graph.run(
            AQLStep.self, "{database: \(library), aql: 'INSERT {_key: @k} INTO empty', bind: {k: x}, destroys: []}")
        #expect(written.facts["writes"] == .integer(1))
        let read = try await graph.run(AQLStep.self, "{database: \(library), aql: RETURN LENGTH(empty), read_only: true}")
        #expect(read.facts["value"] == .text("1"))
        let failure = await #expect(throws: Failure.self) { try await graph.run(AQLStep.self, "{database: \(library), aql: RETRUN 1}") }
        #expect(failure?.kind == .document, "\(String(describing: failure))")
        try await graph.forget(library)
    }

    @Test func aCollectionIsMadeOnce() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let yaml = "{database: \(library), collection: links, type: edge}"
        try await graph.run(ArangoCreateCollectionStep.self, yaml)
        #expect(try await graph.run(ArangoCreateCollectionStep.self, yaml).notes == ["'links' was there, and empty"])
        await #expect(throws: Failure.self) {
            try await graph.run(ArangoCreateCollectionStep.self, "{database: \(library), collection: books}")
        }
        try await graph.forget(library)
    }

    @Test func aReadyServerIsReady() async throws {
        let graph = try await GraphUnderTest()
        #expect(try await graph.run(ArangoWaitUntilReadyStep.self, "5s").facts["version"] != nil)
    }
}
