import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoCaptureTests {
    @Test func aDumpHoldsEverything() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        #expect(taken.captured.problems.isEmpty && taken.captured.failed == nil, "\(taken.captured.problems)")
        #expect(taken.captured.totals["documents"] ?? 0 >= 60 + 59)
        let collections = Dictionary(uniqueKeysWithValues: try taken.collections.map { ($0.name, $0) })
        #expect(collections["books"]?.documents == 60 && collections["cites"]?.documents == 59 && collections["empty"]?.documents == 0)
        #expect(collections["cites"]?.isEdge == true && collections["books"]?.isEdge == false)
        #expect(collections["_graphs"]?.documents == 1 && collections["_analyzers"]?.documents == 1)
        let named = taken.items.filter { ["view", "graph", "analyzer"].contains($0.kind) }.map { "\($0.kind) \($0.name)" }.sorted()
        #expect(named == ["analyzer \(library)/words", "graph \(library)/citations", "view \(library)/titles"])
        #expect(try await taken.lines("books").count == 60)
        try await graph.forget(library)
    }

    /// Files that arangorestore takes (contract 12).
    @Test func itsFilesAreThoseOfArangodump() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library)
        let keys = Set(taken.hand.manifest.artifacts.map(\.key))
        let folder = "dump/\(library)"
        for file in [
            "dump.json", "ENCRYPTION", "books_\(DumpFileNames.hash(of: "books")).structure.json",
            "books_\(DumpFileNames.hash(of: "books")).data.json.gz", "empty_\(DumpFileNames.hash(of: "empty")).data.json.gz",
            "_graphs_c827636f2b54efb49f1f02feeeacfb01.structure.json", "titles.view.json",
        ] {
            #expect(keys.contains("\(folder)/\(file)"), "\(file) of \(keys.sorted())")
        }
        let about = try await blocking { _ in
            try JSONValue(parsing: try Files.read(taken.sink.path(of: "\(folder)/dump.json"), limit: 1 << 20))
        }
        #expect(about["database"]?.string == library && about["useEnvelope"] == false && about["useVPack"] == false)
        #expect(about["properties"]?["name"]?.string == library && about["lastTickAtDumpStart"]?.string != nil)
        try await graph.forget(library)
    }

    @Test(.requires(TestArango.missingStandIn), arguments: ["3.10.14", "3.11.11", "3.12.5"])
    func everyVersionIsReadByItsOwnProtocol(_ version: String) async throws {
        let graph = try await GraphUnderTest(try await TestArango.start(version: version))
        let library = try await graph.library(books: 3_000)
        let taken = try await graph.take(library, jobs: 3)
        #expect(taken.captured.engineVersion == version && taken.captured.standIn)
        #expect(try await taken.lines("books").count == 3_000)
        #expect(try taken.collections.first { $0.name == "cites" }?.documents == 2_999)
    }

    /// Dump, restore, dump: document by document the same text.
    @Test(.requires(TestArango.missingStandIn), arguments: ["3.10.14", "3.12.5"])
    func noDocumentIsWrittenAnew(_ version: String) async throws {
        let graph = try await GraphUnderTest(try await TestArango.start(version: version))
        let library = try await graph.library()
        let text = String(repeating: "ä€𝄞 \\\"quoted\\\" \\u0001", count: 320_000)
        let odd = [
            #"{"_key":"int","n":9223372036854775807,"m":-9223372036854775808,"u":18446744073709551615}"#,
            #"{"_key":"zero","n":-0.0,"m":0.0}"#, #"{"_key":"text","n":"1e400","k":"Ünïcödé ‮ 🚀"}"#,
            #"{"_key":"big","t":"\#(text)"}"#, #"{"_key":"nested","o":{"_key":"x","_rev":"kept","l":[[],{},null,[[1]]]}}"#,
            #"{"_key":"a:b@(c)+,=;$!*'%","n":0.1}"#,
        ]
        #expect(odd[3].utf8.count > 8 << 20)
        try await graph.server.load(odd.map { $0 + "\n" }.joined(), into: "empty", in: library)
        let first = try await graph.take(library)
        try await graph.rebuild(library, from: first.hand, as: graph.name("copy"))
        let second = try await graph.take(graph.name("copy"))
        for collection in ["books", "cites", "empty"] {
            #expect(try await first.documents(collection) == second.documents(collection), "\(collection)")
            let digests = try [first, second].map { try $0.collections.first { $0.name == collection }?.digest }
            #expect(digests[0] != nil && digests[0] == digests[1], "\(collection)")
        }
        let numbers = try await second.documents("empty").first { $0.contains("\"int\"") } ?? ""
        #expect(numbers.contains("9223372036854775807") && numbers.contains("18446744073709551615"))
    }

    // MARK: Which

    @Test func collectionsAreChosenByName() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library, CollectionOptions(include: ["b*", "cites"], isPrivate: ["cites"]))
        let names = try taken.collections.map(\.name).filter { !$0.hasPrefix("_") }
        #expect(names == ["books"])
        #expect(taken.items.first { $0.kind == "database" }?.facts["partial"] == "yes")
        // What names a collection that is left out is left out with it.
        #expect(taken.items.filter { $0.kind == "graph" }.isEmpty && taken.items.contains { $0.kind == "view" })
        try await graph.forget(library)
    }

    @Test func oneCollectionIsCapturedAlone() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take("\(library)/cites")
        #expect(try taken.collections.map(\.name) == ["cites"])
        let failure = await #expect(throws: Failure.self) { try await graph.take("\(library)/sites") }
        #expect(failure?.kind == .notFound && failure?.problem.contains("did you mean 'cites'?") == true, "\(String(describing: failure))")
        try await graph.forget(library)
    }

    @Test func aCollectionThatThePolicyNamesIsMissed() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let taken = try await graph.take(library, CollectionOptions(include: ["books", "boks"]))
        #expect(taken.captured.failed?.map(\.name) == ["boks"] && !taken.captured.problems.isEmpty)
        try await graph.forget(library)
    }

    @Test(.requires(TestArango.missingStandIn)) func allDatabasesOfAServerAreCaptured() async throws {
        let graph = try await GraphUnderTest(try await TestArango.start())
        let (one, other) = (try await graph.library("one"), try await graph.library("bücher & mehr"))
        let taken = try await graph.take(nil)
        #expect(taken.captured.totals["databases"] == 3)
        let databases = Set(try taken.collections.map(\.database))
        #expect(databases == [one, other, "_system"])
        #expect(try taken.collections.contains { $0.database == "_system" && $0.name == "_users" })
    }

    /// A login that sees some databases does not make a backup of all.
    @Test(.requires(TestArango.missingStandIn)) func databasesThatTheLoginDoesNotSeeAreMissed() async throws {
        let server = try await TestArango.start()
        let graph = try await GraphUnderTest(server)
        let (seen, hidden) = (try await graph.library("seen"), try await graph.library("hidden"))
        try await server.ask("POST", "/_api/user", #"{"user":"carol","passwd":"pw"}"#)
        for database in ["_system", seen] { try await server.ask("PUT", "/_api/user/carol/database/\(database)", #"{"grant":"rw"}"#) }
        try await server.ask("PUT", "/_api/user/carol/database/\(hidden)", #"{"grant":"none"}"#)
        var address = try ArangoAddress.read(server.url, of: "graph")
        (address.user, address.password) = ("carol", Secret("pw"))
        let target = ArangoTarget(
            .configured(role: "graph", ConfiguredTarget(name: "graph", engine: .arangodb, stage: .staging, address: address)),
            http: HTTPClient(), time: RealTime(), tools: ArangoTools(folders: [], path: "", commands: TestCommands()))
        let captured = try await target.capture(object: nil, .standard, into: try await FolderSink())
        #expect(captured.failed?.map(\.name) == [hidden], "\(captured.problems)")
    }

    @Test(
        arguments: [
            (10, 10, 10, false, nil), (9, 10, 10, false, "has 10 documents on the server, and 9 came out of it"),
            (11, 10, 10, false, "has 10 documents on the server, and 11 came out of it"),
            (0, 1, 1, false, "has 1 documents on the server, and 0 came out of it"),
            // A queue: filled and emptied all the time.
            (30, 10, 11, true, nil), (3, 0, 0, true, nil), (0, 10, 10, true, nil),
            (0, 900, 901, true, "has 900 to 901 documents on the server, and 0 came out of it"),
            (0, 1_000_000, 1_000_001, true, "has 1000000 to 1000001 documents on the server, and 0 came out of it"),
            (900_000, 1_000_000, 1_000_000, true, "has 1000000 documents on the server, and 900000 came out of it"),
            (995_000, 1_000_000, 1_000_001, true, nil),
        ] as [(Int64, Int64, Int64, Bool, String?)])
    func aDumpHasAsManyAsTheServerCanHaveHad(
        _ dumped: Int64, _ before: Int64, _ after: Int64, _ wasWrittenTo: Bool, _ problem: String?
    ) {
        let agreement = CountAgreement(
            dumped: dumped, before: CollectionTally(documents: before, revision: "1"),
            after: CollectionTally(documents: after, revision: wasWrittenTo ? "2" : "1"))
        #expect(agreement.problem == problem && agreement.wasWrittenTo == wasWrittenTo)
    }

    /// One that is filled and emptied while it is read makes no backup incomplete, and the backup says that it was.
    @Test func aCollectionThatIsWrittenToIsToldAndNoMore() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let before = try await graph.target.client.tallies(in: library) { $0 == "books" }
        try await graph.server.query("INSERT {_key: \"new\"} INTO books", in: library)
        try await graph.server.query("REMOVE \"new\" IN books", in: library)
        let after = try await graph.target.client.tallies(in: library) { $0 == "books" }
        #expect(before["books"]?.documents == 60 && after["books"]?.documents == 60)
        #expect(before["books"]?.revision != after["books"]?.revision)
        try await graph.forget(library)
    }

    /// The header that says whether more follows is the only thing that does.
    @Test(.requires(TestArango.missingStandIn)) func aDumpThatDoesNotSayWhetherItGoesOnIsNone() async throws {
        let wire = try WireServer { _ in .lines("{\"_key\":\"1\"}\n") }
        let failure = await #expect(throws: Failure.self) {
            _ = try await wire.arango().dump("c", in: "app", batch: ArangoActs.batch, from: nil, answerBytes: 1, documents: 1)
        }
        #expect(failure?.problem.hasSuffix("an answer does not say whether more follows") == true, "\(String(describing: failure))")
    }

    @Test func whatArangoDBCannotDoIsRefused() throws {
        let options: [CaptureOptions] = [
            CaptureOptions(compression: DumpCompression(.zstd)), CaptureOptions(collections: CollectionOptions(way: .snapshot)),
            CaptureOptions(collections: CollectionOptions(goldenQueries: 3)),
            CaptureOptions(fingerprint: [try ContentPattern(scalar: "public.*")]),
        ]
        for option in options { #expect(ArangoCapture.refusals(of: option, target: "graph").count == 1, "\(option)") }
        #expect(ArangoCapture.refusals(of: CaptureOptions(jobs: 4, compression: DumpCompression(.gzip, level: 1)), target: "graph").isEmpty)
    }

    // MARK: Mishaps

    /// Whatever happens to one request after the other: the dump is whole, or there is none; and nothing is left.
    @Test(.requires(TestArango.missingStandIn), arguments: ["3.11.11", "3.12.5"], ["drop", "cut", "expire", "lost"])
    func nothingIsLostOnTheWay(_ version: String, _ mishap: String) async throws {
        let server = try await TestArango.start(version: version)
        let graph = try await GraphUnderTest(server)
        let library = try await graph.library()
        let expected = try await graph.take(library)
        for number in 0..<40 {
            let path = "replication|_api/dump"
            try await server.meet(#"{"kind":"\#(mishap)","path":"\#(path)","after":\#(number),"times":1}"#)
            let sink = try await FolderSink()
            do {
                let captured = try await graph.target.capture(object: library, .standard, into: sink)
                let items = await sink.items
                let digests = try items.compactMap { try DumpedCollection($0) }.filter { !$0.isSystem }.map { "\($0.name) \($0.digest)" }
                #expect(digests == (try expected.collections.filter { !$0.isSystem }.map { "\($0.name) \($0.digest)" }), "after \(number)")
                #expect(captured.problems.isEmpty, "after \(number): \(captured.problems)")
            } catch let failure as Failure {
                #expect(failure.kind != .bug, "after \(number): \(failure)")
            }
            #expect(try await sink.leftInWorkFolder().isEmpty, "after \(number)")
            let fired = try await server.ask("GET", "/_standin/faults").text().contains("\"fired\":1")
            try await server.forgetMishaps()
            await sink.remove()
            if !fired { break }
        }
    }

    @Test(.requires(TestArango.missingStandIn)) func answersWithoutDocumentsAreNotTheEnd() async throws {
        let server = try await TestArango.start(version: "3.11.11")
        let graph = try await GraphUnderTest(server)
        let library = try await graph.library()
        try await server.meet(#"{"kind":"empty-chunk","path":"collection=books","times":5}"#)
        #expect(try await graph.take(library).lines("books").count == 60)
    }

    @Test(.requires(TestArango.missingStandIn)) func aServerThatNeverEndsIsGivenUp() async throws {
        let server = try await TestArango.start(version: "3.11.11")
        let graph = try await GraphUnderTest(server)
        let library = try await graph.library()
        try await server.meet(#"{"kind":"empty-chunk","path":"collection=books","times":100000}"#)
        let failure = await #expect(throws: Failure.self) { try await graph.take(library) }
        #expect(failure?.problem.contains("goes on, and gives nothing") == true, "\(String(describing: failure))")
    }

    @Test func aDatabaseThatIsNotThereIsSaidToBeMissing() async throws {
        let graph = try await GraphUnderTest()
        let failure = await #expect(throws: Failure.self) { try await graph.take("nowhere_at_all") }
        #expect(failure?.problem.hasPrefix("there is no database 'nowhere_at_all' on 'graph'") == true, "\(String(describing: failure))")
    }
}
