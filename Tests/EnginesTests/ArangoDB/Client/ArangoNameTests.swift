import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.timeLimit(.minutes(1))) struct ArangoNameTests {
    static let refused: [(String, String)] = [
        ("", "it is empty"), (".", "it could be taken for a folder"), ("..", "it could be taken for a folder"), ("a/b", "it holds '/'"),
        ("../x", "it holds '/'"), ("a\0b", "it holds a control character"), ("a\nb", "it holds a control character"),
        ("a\u{7F}b", "it holds a control character"), ("1a", "it begins with a digit, as only ids do"),
        (" a", "it begins or ends with a blank"), ("a ", "it begins or ends with a blank"),
    ]

    @Test(arguments: refused) func whatNoServerMayBeAskedIsRefused(_ name: String, _ problem: String) {
        for (failure, noun, rule) in [
            (#expect(throws: Failure.self) { try ArangoName.check(database: name) }, "database", ArangoName.databaseRule),
            (#expect(throws: Failure.self) { try ArangoName.check(collection: name) }, "collection", ArangoName.collectionRule),
        ] {
            #expect(failure?.kind == .refused)
            #expect(failure?.problem == "'\(name)' cannot be the name of a \(noun): \(problem)")
            #expect(failure?.hint == rule)
        }
    }

    @Test func lengthsAreThoseOfServers() throws {
        let (database, collection) = (String(repeating: "ü", count: 64), String(repeating: "n", count: 256))
        try ArangoName.check(database: database)
        try ArangoName.check(collection: collection)
        #expect(throws: Failure.self) { try ArangoName.check(database: database + "n") }
        #expect(throws: Failure.self) { try ArangoName.check(collection: collection + "n") }
        #expect(throws: Failure.self) { try ArangoName.check(database: "a:b") }
        try ArangoName.check(collection: "a:b")
    }

    @Test(arguments: ["a", "_system", "größe 2 😀", "a b", "a%2Fb", "%2e%2e", "a#b", "a&b=c", "Pre-Depends", "..."])
    func whatServersTakeIsTaken(_ name: String) throws {
        try ArangoName.check(database: name)
        try ArangoName.check(collection: name)
    }

    @Test func everyCallRefusesABadNameBeforeAnythingIsSent() async throws {
        let server = try WireServer { _ in .arango("{}") }
        let client = server.arango()
        let bad = "../_system"
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await client.database(bad) }, { try await client.createDatabase(bad) }, { try await client.dropDatabase(bad) },
            { _ = try await client.collections(in: bad, excludingSystem: true) }, { _ = try await client.count("c", in: bad) },
            { _ = try await client.count(bad, in: "app") }, { try await client.dropCollection(bad, in: "app", isSystem: false) },
            { try await client.dropCollection("c", in: bad, isSystem: false) }, { _ = try await client.indexes(of: bad, in: "app") },
            { _ = try await client.indexes(of: "c", in: bad) }, { _ = try await client.views(in: bad) },
            { _ = try await client.graphs(in: bad) }, { _ = try await client.analyzers(in: bad) },
            { try await client.dropView(bad, in: "app") }, { try await client.dropView("v", in: bad) },
            { _ = try await client.openBatch(in: bad, life: .seconds(1)) },
            { _ = try await client.dump(bad, in: "app", batch: ArangoActs.batch, from: nil, answerBytes: 1, documents: 1) },
            { _ = try await client.dump("c", in: bad, batch: ArangoActs.batch, from: nil, answerBytes: 1, documents: 1) },
            { _ = try await client.startDump(of: ["c"], in: bad, answerBytes: 1, documents: 1, parallelism: 1) },
            { _ = try await client.startDump(of: [bad], in: "app", answerBytes: 1, documents: 1, parallelism: 1) },
            { _ = try await client.query("RETURN 1", bind: .object([]), in: bad, keeping: 1, within: nil) },
            { try await client.restoreCollection(bad, structure: [], overwrite: true, in: "app") },
            { try await client.restoreCollection("c", structure: [], overwrite: true, in: bad) },
            { try await client.restoreIndexes(of: bad, structure: [], in: "app") },
            { try await client.restoreData([], of: bad, in: "app", mayRepeat: true) },
            { try await client.restoreData([], of: "c", in: bad, mayRepeat: true) },
            { try await client.restoreView(bad, definition: [], in: "app") },
            { try await client.restoreView("v", definition: [], in: bad) }, { try await client.healServices(in: bad) },
        ]
        for (index, call) in calls.enumerated() { #expect(await failureOf(call)?.kind == .refused, "call \(index)") }
        #expect(server.connections == 0)
    }

    @Test func oddNamesArriveAsTheyAre() async throws {
        let server = try WireServer { _ in .arango(#"{"count":3,"indexes":[]}"#) }
        let client = server.arango()
        #expect(try await client.count("a b#%2Fü", in: "größe?") == 3)
        _ = try await client.indexes(of: "a&b=c", in: "app")
        try await client.restoreData(Array("{}\n".utf8), of: "ü&x", in: "app", mayRepeat: true)
        #expect(
            server.lines == [
                "GET /_db/gr%C3%B6%C3%9Fe%3F/_api/collection/a%20b%23%252F%C3%BC/count", "GET /_db/app/_api/index?collection=a%26b%3Dc",
                "PUT /_db/app/_api/replication/restore-data?collection=%C3%BC%26x&force=false",
            ])
        #expect(server.requests[2].header("content-type") == "application/x-arango-dump")
        #expect(server.requests[2].text == "{}\n")
    }
}
