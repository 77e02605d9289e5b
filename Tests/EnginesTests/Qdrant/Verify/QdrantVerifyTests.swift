import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

/// What is found in a collection that is not what was backed up.
@Suite(.requires(TestQdrant.missing), .timeLimit(.minutes(3))) struct QdrantVerifyTests {
    /// A collection with its backup, and what is done to it afterwards.
    private struct Case: Sendable {
        let qdrant: QdrantUnderTest
        let name: String
        let taken: QdrantUnderTest.Taken

        init(_ way: CaptureWay = .snapshot, fingerprints: Bool = true) async throws {
            qdrant = try await QdrantUnderTest()
            name = try await qdrant.books()
            try await qdrant.server.alias(qdrant.name("alias"), for: name)
            taken = try await qdrant.take(name, CollectionOptions(way: way), fingerprints: fingerprints)
        }

        func change(_ method: String, _ path: String, _ body: String? = nil) async throws {
            try await qdrant.server.ask(method, "/collections/\(name)\(path)", body)
        }

        func verify(_ more: String = "points: all") async throws -> StepResult {
            try await qdrant.run(QdrantVerifyStep.self, "{collection: \(name), against: snapshot, \(more)}", [taken.hand])
        }

        /// Without the names of the collection and of its alias.
        func findings(_ more: String = "points: all") async throws -> Set<String> {
            Set(try await verify(more).findings.map { $0.replacing(name, with: "C").replacing(qdrant.name("alias"), with: "A") })
        }

        func done() async throws { try await qdrant.forget(name) }
    }

    @Test(arguments: [CaptureWay.snapshot, .points]) func whatIsUntouchedHolds(way: CaptureWay) async throws {
        let it = try await Case(way)
        let result = try await it.verify()
        #expect(result.findings == [])
        #expect(result.notExercised.isEmpty)
        guard case .integer(let compared)? = result.facts["compared"] else {
            Issue.record("it does not say how much it compared")
            return
        }
        #expect(compared > 60)
        try await it.done()
    }

    @Test(arguments: [CaptureWay.snapshot, .points]) func onePointThatChangedIsFound(way: CaptureWay) async throws {
        let it = try await Case(way)
        let sampled = Set(it.taken.items("sampled point").compactMap { $0.name.split(separator: "/").last.map(String.init) })
        let unsampled = try #require((0..<60).map(String.init).first { !sampled.contains($0) })
        try await it.change("POST", "/points/payload?wait=true", #"{"payload":{"page":98},"points":[\#(unsampled)]}"#)
        #expect(try await it.findings() == ["collection C: every point"])
        #expect(try await it.findings("points: sample") == [])
        let check = try #require(try await it.verify().checks.first { $0.aspect == "every point" })
        #expect(check.actual.hasPrefix("59 as captured; point \(unsampled) differs"), "\(check.actual)")
        try await it.done()
    }

    @Test(arguments: [CaptureWay.snapshot, .points]) func onePointThatIsMissingAndOneTooManyAreNamed(way: CaptureWay) async throws {
        let it = try await Case(way)
        try await it.change("POST", "/points/delete?wait=true", #"{"points":[17]}"#)
        try await it.change("PUT", "/points?wait=true", #"{"points":[{"id":1000,"vector":[0,0,0,0,0,0,0,1]}]}"#)
        let check = try #require(try await it.verify().checks.first { $0.aspect == "every point" })
        #expect(check.actual == "59 as captured; point 17 is missing, point 1000 was not there")
        #expect(check.verdict == .differed)
        // The count is what it was.
        #expect(
            try await it.findings("points: counts").subtracting(["golden query C/1: neighbour 17"]).filter { $0.hasPrefix("collection") }
                == [])
        try await it.done()
    }

    @Test func aSampledPointThatChangedIsNamedWithWhatIsDifferent() async throws {
        let it = try await Case(fingerprints: false)
        let id = try #require(it.taken.items("sampled point").first?.name.split(separator: "/").last)
        try await it.change("PUT", "/points/vectors?wait=true", #"{"points":[{"id":\#(id),"vector":[0,0,0,0,0,0,0,1]}]}"#)
        let found = try await it.findings("points: sample")
        #expect(found.contains("point C/\(id): vector"), "\(found)")
        #expect(found.contains { $0.hasPrefix("golden query C/") }, "its neighbours are others: \(found)")
        let refused = await #expect(throws: Failure.self) { try await it.verify("points: all") }
        #expect(refused?.hint?.contains("fingerprint: [points]") == true)
        try await it.done()
    }

    @Test func everyOtherKindOfDifferenceIsFound() async throws {
        let it = try await Case()
        try await it.change("DELETE", "/index/shelf?wait=true")
        #expect(try await it.findings() == ["payload index C/shelf: definition"])
        try await it.change("PUT", "/index?wait=true", #"{"field_name":"shelf","field_schema":"text"}"#)
        #expect(try await it.findings() == ["payload index C/shelf: definition"])
        try await it.change("DELETE", "/index/shelf?wait=true")
        try await it.change("PUT", "/index?wait=true", #"{"field_name":"shelf","field_schema":"keyword"}"#)
        #expect(try await it.findings() == [])

        try await it.change("PATCH", "", #"{"hnsw_config":{"m":24}}"#)
        #expect(try await it.findings() == ["collection C: hnsw_config.m"])
        #expect(try await it.findings("ignore: [\"collection *: hnsw_config.*\"]") == [])
        try await it.change("PATCH", "", #"{"hnsw_config":{"m":16}}"#)

        try await it.qdrant.server.ask(
            "POST", "/collections/aliases", #"{"actions":[{"delete_alias":{"alias_name":"\#(it.qdrant.name("alias"))"}}]}"#)
        #expect(try await it.findings() == ["alias A: collection"])
        #expect(try await it.findings("aliases: false") == [])
        try await it.change("POST", "/points/delete?wait=true", #"{"points":[58]}"#)
        #expect(try await it.findings("points: counts, aliases: false").contains("collection C: points"))
        try await it.done()
    }

    @Test func anEmptyCollectionIsNotTakenForWhole() async throws {
        let it = try await Case()
        try await it.change("POST", "/points/delete?wait=true", #"{"filter":{}}"#)
        #expect(try await it.qdrant.server.count(it.name) == 0)
        let found = try await it.findings("points: counts")
        #expect(found.isSuperset(of: ["collection C: points", "golden query C/1: neighbours"]), "\(found)")
        let check = try #require(try await it.verify().checks.first { $0.aspect == "every point" })
        #expect(check.actual.hasPrefix("0 as captured; point 0 is missing"))
        try await it.done()
    }

    @Test func searchesOfARunbookHaveTheAnswersThatItStates() async throws {
        let it = try await Case()
        let point = try #require(try await it.qdrant.server.points(it.name).first { $0.contains("\"id\":21,") })
        let vector = try #require(try JSONValue(parsing: point)["vector"]?.text())
        func findings(_ query: String) async throws -> [String] {
            try await it.verify("points: counts, queries: [\(query)]").findings
        }
        #expect(
            try await findings(
                "{name: near, vector: \(vector), limit: 1, ids: [\"21\"], payload: {title: book 21}, least_score: 0.999, count: 1}") == [])
        #expect(try await findings("{name: near, vector: \(vector), limit: 1, ids: [\"22\"]}") == ["query near: ids"])
        #expect(try await findings("{name: near, vector: \(vector), limit: 1, payload: {title: book 22}}") == ["query near: payload title"])
        #expect(try await findings("{name: near, vector: \(vector), limit: 1, least_score: 1.5}") == ["query near: score"])
        #expect(try await findings("{name: shelf, filter: {must: [{key: shelf, match: {value: botany}}]}, limit: 100, count: 20}") == [])
        #expect(
            try await findings("{name: shelf, filter: {must: [{key: shelf, match: {value: botany}}]}, limit: 100, count: 21}") == [
                "query shelf: points"
            ])
        #expect(try await findings("{name: like, point: \"21\", limit: 3, count: 3}") == [])
        #expect(try await findings("{name: short, vector: [1, 2], count: 3}") == ["query short: answer"])
        #expect(try await findings("{name: gone, point: \"4711\", count: 3}") == ["query gone: answer"])
        try await it.done()
    }
}
