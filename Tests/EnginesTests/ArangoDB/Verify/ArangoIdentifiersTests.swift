import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoIdentifiersTests {
    private func place(_ yaml: String) throws -> IdentifierPlace { try IdentifierPlace(try YAMLNode.parse(yaml), .plain) }

    private func all(_ yaml: String, _ graph: GraphUnderTest) async throws -> [IdentifierValue] {
        let identifiers = try await graph.target.readable.identifiers(at: try place(yaml))
        let found = Mutex<[IdentifierValue]>([])
        try await identifiers.all { values in found.withLock { $0 += values } }
        return found.withLock { $0 }
    }

    @Test func everyKeyIsReadOnce() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library(books: 9_001)
        let keys = try await all("{target: graph, database: \(library), collection: books}", graph)
        #expect(keys.count == 9_001 && Set(keys).count == 9_001)
        try await graph.forget(library)
    }

    @Test func attributesHoldIdentifiersToo() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library(books: 3)
        try await graph.server.load(
            #"{"_key":"a","x":{"id":[7,"u"]}}"# + "\n" + #"{"_key":"b","x":{"id":1.5}}"# + "\n" + #"{"_key":"c"}"# + "\n", into: "empty",
            in: library)
        let values = try await all("{target: graph, database: \(library), collection: empty, field: x.id}", graph)
        #expect(values == [.identifier(.number(7)), .identifier(.text("u")), .other("1.5"), .null])
        let identifiers = try await graph.target.readable.identifiers(
            at: place("{target: graph, database: \(library), collection: empty, field: x.id}"))
        #expect(try await identifiers.absent([.number(7), .number(8), .text("u"), .text("7")]) == [.number(8), .text("7")])
        try await graph.forget(library)
    }

    @Test func absentKeysAreTold() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library(books: 3)
        let identifiers = try await graph.target.readable.identifiers(
            at: place("{target: graph, database: \(library), collection: books}"))
        #expect(try await identifiers.absent([.text("1"), .text("4"), .text("x/y")]) == [.text("4"), .text("x/y")])
        await #expect(throws: NoSuchPlace.self) {
            _ = try await graph.target.readable.identifiers(at: place("{target: graph, database: \(library), collection: nowhere}"))
        }
        try await graph.forget(library)
    }

    /// A reference that was not looked at would pass for one that holds.
    @Test func documentsThatAnAnswerLeavesOutAreMissed() async throws {
        let asked = Mutex(0)
        let server = try WireServer { request in
            // One comes meanwhile.
            if request.target.hasSuffix("/books/count") {
                let count = asked.withLock { count in
                    count += 1
                    return count + 2
                }
                return .arango("{\"count\":\(count)}")
            }
            if request.target.hasSuffix("/_api/collection?excludeSystem=false") {
                return .arango(#"{"result":[{"name":"books","id":"7","type":2,"isSystem":false,"globallyUniqueId":"h"}]}"#)
            }
            if request.target.hasSuffix("/database/current") {
                return .arango(#"{"result":{"name":"library","id":"1","isSystem":false}}"#)
            }
            return .arango(#"{"result":[["1","1"],["2","2"]],"hasMore":false,"cached":false,"extra":{}}"#, status: 201)
        }
        var address = try ArangoAddress.read("http://127.0.0.1:\(server.port)", of: "graph")
        address.password = Secret("x")
        let target = ArangoTarget(
            .configured(role: "graph", ConfiguredTarget(name: "graph", engine: .arangodb, stage: .staging, address: address)),
            http: HTTPClient(), time: InstantTime(), tools: ArangoTools(folders: [], path: "", commands: TestCommands()))
        let identifiers = try await target.readable.identifiers(at: place("{target: graph, database: library, collection: books}"))
        let failure = await failureOf { try await identifiers.all { _ in } }
        #expect(failure?.problem.hasSuffix("has 3 documents, and 2 were read") == true, "\(String(describing: failure))")
    }
}
