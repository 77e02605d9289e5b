import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(5))) struct DatabaseRestorationTests {
    /// Something of every kind.
    static var app: TestDump {
        var dump = TestDump()
        dump.add(
            "Books", indexes: #"[{"type":"primary","fields":["_key"]},{"type":"hash","fields":["n"],"id":"7"}]"#,
            lines: [TestDump.documents(5, of: "Books").joined(separator: "\n")])
        dump.add(
            "visits", indexes: #"[{"type":"ttl","fields":["at"],"expireAfter":0},{"type":"geo1","fields":["l"]}]"#,
            lines: TestDump.documents(3, of: "visits"))
        dump.add(
            "chunks", indexes: #"[{"type":"vector","fields":["v"],"params":{"dimension":3}}]"#, lines: TestDump.documents(4, of: "chunks"))
        dump.add("lent", isEdge: true, lines: [#"{"_key":"e","_from":"Books/k1","_to":"Books/k2"}"#])
        dump.add("_graphs", lines: [#"{"_key":"social","edgeDefinitions":[]}"#])
        dump.add("_analyzers", lines: [#"{"_key":"own","name":"own"}"#])
        dump.add("_apps", lines: [])
        dump.add("_users", lines: [#"{"_key":"1","user":"alice"}"#, #"{"type":2300,"data":{"_key":"2","user":"bob"}}"#])
        dump.add("_statisticsRaw", lines: [])
        dump.addView("found", "search-alias")
        dump.addView("search", "arangosearch")
        return dump
    }

    @Test func everythingComesInTheOrderThatServersNeed() async throws {
        let server = try RestoringServer()
        let outcome = try await server.restoration(of: Self.app, .init(jobs: 1)).restore()
        #expect(
            server.now.acts == [
                "make _analyzers", "make _apps", "make _graphs", "make Books", "make chunks", "make visits", "make lent", "data _analyzers",
                "data _graphs", "data Books", "data chunks", "data visits", "data lent", "indexes Books hash", "indexes visits geo1",
                "view search", "view found", "indexes chunks vector", "indexes visits ttl", "heal",
            ])
        #expect(outcome.documents == 15)
        #expect(outcome.collections == 7)
        #expect(outcome.checks.allSatisfy { !$0.isFinding })
        #expect(outcome.checks.map { "\($0.subject) \($0.aspect)" }.contains("collection visits late indexes"))
        #expect(outcome.phases.map(\.phase) == [.restore, .index, .restore])
        #expect(outcome.notes == ["collection 'visits' has a ttl index: the server takes out what has expired"])
        #expect(outcome.notExercised.map(\.what).sorted() == ["collection _statisticsRaw", "collection _users"])
    }

    @Test func accountsAreWrittenLastIntoTheSystemDatabaseAndWhenAskedForOnly() async throws {
        let server = try RestoringServer()
        let outcome = try await server.restoration(of: Self.app, in: "_system", .init(withUsers: true)).restore()
        #expect(server.now.acts.last == "data _users")
        #expect(!server.now.acts.contains("make _users"))
        #expect(server.now.collections["_users"]?.documents.keys.sorted() == ["alice", "2"].sorted())
        let check = try #require(outcome.checks.first { $0.subject == "accounts" })
        #expect(check.isFinding && check.actual == "without 'bob'", "\(check)")

        let other = try RestoringServer()
        let outside = try await other.restoration(of: Self.app, .init(withUsers: true)).restore()
        #expect(!other.now.acts.contains("data _users"))
        #expect(outside.notExercised.contains(NotExercised("collection _users", because: "accounts are kept in database _system only")))
    }

    @Test func aLoginThatTheAccountsHaveChangedIsToldAndNoFailure() async throws {
        let server = try RestoringServer { $0.target == "/_api/user" ? .arangoError(401, 11) : nil }
        let outcome = try await server.restoration(of: Self.app, in: "_system", .init(withUsers: true)).restore()
        #expect(outcome.checks.first { $0.subject == "accounts" }?.verdict == .undetermined)
    }

    @Test func whatIsThereIsNotOverwrittenUnasked() async throws {
        var state = RestoringServer.State()
        state.collections["Books"] = RestoringServer.Collection(documents: ["old": "{}"])
        state.views["search"] = "arangosearch"
        let server = try RestoringServer(state)
        let failure = try #require(await failureOf { _ = try await server.restoration(of: Self.app).restore() })
        #expect(failure.kind == .refused)
        #expect(
            failure.problem
                == "cannot restore the dump of the test into database 'app' on 'graph' (127.0.0.1:\(server.wire.port)): it has 'Books', view 'search' already"
        )
        #expect(server.now.acts.isEmpty)

        _ = try await server.restoration(of: Self.app, .init(replaces: true)).restore()
        #expect(server.now.collections["Books"]?.documents.count == 5)
    }

    /// Collections and views share their names: told before anything is made, also where what is there may be replaced.
    @Test func aNameThatIsTakenByTheOtherKindIsRefused() async throws {
        var asCollection = RestoringServer.State()
        asCollection.collections["search"] = RestoringServer.Collection()
        var asView = RestoringServer.State()
        asView.views["Books"] = "arangosearch"
        for (state, words) in [(asCollection, "collection 'search'"), (asView, "view 'Books'")] {
            for replaces in [false, true] {
                let server = try RestoringServer(state)
                let failure = await failureOf { _ = try await server.restoration(of: Self.app, .init(replaces: replaces)).restore() }
                #expect(failure?.problem.hasSuffix("it has \(words) already") == true, "\(String(describing: failure))")
                #expect(server.now.acts.isEmpty)
            }
        }
    }

    @Test func aVectorIndexThatTheServerDropsWithoutAWordIsFound() async throws {
        var state = RestoringServer.State()
        state.hasVectors = false
        let server = try RestoringServer(state)
        let outcome = try await server.restoration(of: Self.app).restore()
        let finding = try #require(outcome.checks.first { $0.isFinding })
        #expect(outcome.checks.filter(\.isFinding).count == 1)
        #expect(finding.subject == "collection chunks" && finding.actual == "without vector on 'v'")
    }

    @Test func documentsThatAreMissingAfterwardsAreAFinding() async throws {
        var state = RestoringServer.State()
        state.miscount["Books"] = -1
        let server = try RestoringServer(state)
        let memory = TestMemory()
        let outcome = try await server.restoration(of: Self.app, .init(), memory).restore()
        let finding = try #require(outcome.checks.first { $0.isFinding })
        #expect(finding.subject == "collection Books" && finding.expected == "5" && finding.actual == "4")
        #expect(memory.marks["filled Books"] == nil)
        #expect(memory.marks["filled lent"] == 1)
    }

    @Test func aCollectionWithoutAFileOfDocumentsIsNamed() async throws {
        var dump = TestDump()
        dump.add("airports", lines: nil)
        let server = try RestoringServer()
        let outcome = try await server.restoration(of: dump).restore()
        #expect(
            outcome.notExercised == [
                NotExercised("documents of collection airports", because: "the dump has no file of them, and the collection is empty")
            ])
    }

    @Test func aCollectionOfTheOtherKindThatCannotBeDroppedIsRefused() async throws {
        var dump = TestDump()
        dump.add("lent", isEdge: true, lines: [])
        var state = RestoringServer.State()
        state.collections["lent"] = RestoringServer.Collection()
        // Truncated instead of dropped (contract 11).
        let server = try RestoringServer(state) { $0.target.contains("restore-collection") ? .arango(#"{"result":true}"#) : nil }
        let failure = try #require(await failureOf { _ = try await server.restoration(of: dump, .init(replaces: true)).restore() })
        #expect(failure.kind == .engine)
        #expect(failure.problem.hasSuffix("it is there with documents instead of edges, and cannot be dropped"))
    }

    @Test func aDamagedStructureIsRefusedBeforeAnythingIsTouched() async throws {
        for text in [
            "", "[]", "{}", #"{"parameters":{"name":"c"},"indexes":{}}"#, #"{"parameters":{"name":"c"},"indexes":[{}]}"#,
            #"{"parameters":{"n"#,
        ] {
            var dump = Self.app
            dump.collections.append(RestorableCollection(name: "c", isEdge: false, isSystem: false, structure: Array(text.utf8)))
            let server = try RestoringServer()
            let failure = await failureOf { _ = try await server.restoration(of: dump).restore() }
            #expect(failure?.kind == .damaged, "\(text)")
            #expect(failure?.problem == "the structure of collection 'c' in the dump cannot be read")
            #expect(server.wire.lines.isEmpty)
        }
    }
}
