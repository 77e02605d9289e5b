import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Dumps that real servers wrote, where the folder of contracts lies beside the checkout.
enum RealDumps {
    static let folder = "\(Program.checkout)/../shared/contracts/arangodb/dumps"
    static let areThere = FileManager.default.fileExists(atPath: "\(folder)/README.md")
}

@Suite(.enabled(if: RealDumps.areThere), .timeLimit(.minutes(5))) struct RealDumpTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let name: String
        let documents: [String: Int64]
        /// What of it was lost when it was put on record, and nothing else.
        var findings: [String] = []
        var testDescription: String { name }
    }

    private static let emptyOfTheSystem = ["_analyzers", "_appbundles", "_apps", "_aqlfunctions"]
    private static func withEmpty(_ names: [String], _ counts: [String: Int64]) -> [String: Int64] {
        counts.merging((emptyOfTheSystem + names).map { ($0, 0) }) { first, _ in first }
    }
    private static let none = "none: it would be restored as empty"

    static let expectations = [
        Expectation(
            name: "2.8-debian-envelope",
            documents: [
                "Breaks": 400, "Pre-Depends": 400, "_aqlfunctions": 0, "_frontend": 0, "_graphs": 1, "_modules": 0, "_routing": 3,
            ], findings: ["graph debian_dependency_graph, its collections"]),
        Expectation(
            name: "2.x-airline-markers-2301-2302", documents: ["flights": 104, "airports": 0],
            findings: ["collection airports, data"]),
        Expectation(
            name: "2.x-marvel-no-hash", documents: ["marvel_vertices": 2500, "marvel_edges": 0],
            findings: ["collection marvel_edges, data"]),
        Expectation(
            name: "3.10-got-system-plain-gzip",
            documents: withEmpty(
                ["_frontend", "_jobs"],
                ["Characters": 43, "ChildOf": 14, "Locations": 8, "Traits": 18, "_fishbowl": 35, "_graphs": 1, "_queues": 1, "_users": 1])),
        Expectation(
            name: "3.6-fraud-envelope-gzip",
            documents: withEmpty(
                ["_modules"],
                [
                    "Class": 4, "Relationship": 4, "_graphs": 2, "account": 54, "accountHolder": 54, "bank": 3, "branch": 10,
                    "customer": 17, "transaction": 62,
                ])),
        Expectation(
            name: "3.7-cluster-movielens-envelope-gzip", documents: ["Movies": 200, "Ratings": 200, "Users": 200],
            findings: ["collection Ratings, documents that edges lead to"]),
        Expectation(
            name: "3.8-imdb-envelope", documents: ["_graphs": 1, "imdb_edges": 0, "imdb_vertices": 0],
            findings: ["collection imdb_edges, data", "collection imdb_vertices, data"]),
        Expectation(name: "derived-split-files-gzip", documents: ["Characters": 43, "ChildOf": 14, "Traits": 18]),
    ]

    private func verification(_ name: String) async throws -> DumpVerification {
        let verifications = try await ArangoDumpFolder.open("\(RealDumps.folder)/\(name)").verifications(scratch: "/tmp")
        return try #require(verifications.first?.verification)
    }

    @Test(arguments: expectations) func everyDocumentIsFoundAndNothingIsWrongButWhatWasLost(_ expected: Expectation) async throws {
        let report = try await verification(expected.name).run()
        #expect(Dictionary(uniqueKeysWithValues: report.collections.map { ($0.name, $0.documents) }) == expected.documents)
        #expect(report.findings.map { "\($0.subject), \($0.aspect)" } == expected.findings)
    }

    @Test func theOneWrittenTwiceIsRefused() async throws {
        let report = try await verification("3.10-imdb-mixed-stale-files").run()
        for name in ["Genre", "directed", "hasMovie"] {
            #expect(
                report.words.contains { $0.hasPrefix("collection \(name), data: ") && $0.hasSuffix("two dumps wrote into this folder") })
        }
        let folder = try await ArangoDumpFolder.open("\(RealDumps.folder)/3.10-imdb-mixed-stale-files")
        let failure = await #expect(throws: Failure.self) { _ = try await DumpFolderSource(folder.databases[0]) }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem.contains("two dumps wrote into this folder") == true)
    }

    @Test func whatWasTrimmedMayDangleWhereThatIsAllowed() async throws {
        var verification = try await verification("3.7-cluster-movielens-envelope-gzip")
        verification.danglingEdges = .allowed
        let report = try await verification.run()
        #expect(report.isSound)
        #expect(report.collection("Ratings")?.danglingEnds == 299)
    }

    @Test(arguments: expectations) func theyCanBeRestoredFrom(_ expected: Expectation) async throws {
        let folder = try await ArangoDumpFolder.open("\(RealDumps.folder)/\(expected.name)")
        let source = try await DumpFolderSource(folder.databases[0])
        #expect(Set(source.collections.map(\.name)) == Set(expected.documents.keys))
        for collection in source.collections {
            let lines = try await source.lines(of: collection)
            let isLost = expected.findings.contains("collection \(collection.name), data")
            #expect((lines == nil) == isLost)
            await lines?.close()
            #expect(
                try await DocumentsLeft.count(collection, in: source, lines: 100) == expected.documents[collection.name],
                "\(collection.name)")
        }
    }
}
