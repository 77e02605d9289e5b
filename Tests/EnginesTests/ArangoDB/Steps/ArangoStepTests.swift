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
        let memory = Memory()
        #expect(try await graph.run(ArangoRestoreStep.self, yaml, [taken.hand], memory: memory).findings.isEmpty)
        #expect(try await graph.server.count("books", in: library) == 60)
        // What it has made itself nobody loses when it goes on.
        let later = try await step(ArangoRestoreStep.self, yaml).effects(reading: graph.target.reading([taken.hand], memory: memory))
        #expect(!later.contains { $0.verb == .destroy && $0.object.name == "\(library)/books" }, "\(later)")
        #expect(!later.contains { $0.verb == .destroy && $0.object.name == "\(library)/titles" }, "\(later)")
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
