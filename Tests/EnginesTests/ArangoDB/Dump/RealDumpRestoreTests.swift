import Recovery
import TestSupport
import Testing

@testable import Engines

/// Dumps that arangodump wrote, of every version there is, come back on a server with exact counts, and captured again they are the same.
@Suite(.enabled(if: RealDumps.areThere), .requires(TestArango.missing), .timeLimit(.minutes(5))) struct RealDumpRestoreTests {
    /// What no server lists for a dump (contract 7), and accounts, which no restore touches unasked.
    private static let notListed: Set<String> = ["_routing", "_jobs", "_queues", "_users"]

    @Test(arguments: RealDumpTests.expectations) func theyComeBack(_ expected: RealDumpTests.Expectation) async throws {
        let graph = try await GraphUnderTest()
        let database = graph.name("real")
        try await graph.run(ArangoCreateDatabaseStep.self, database)
        let folder = try await ArangoDumpFolder.open("\(RealDumps.folder)/\(expected.name)")
        let source = try await DumpFolderSource(folder.databases[0])
        let memory = TestMemory()
        let outcome = try await DatabaseRestoration(
            client: graph.target.client, source: source, database: database, memory: memory.memory, time: RealTime(), say: { _ in }
        ).restore()
        #expect(outcome.checks.allSatisfy { $0.verdict == .held }, "\(outcome.checks.filter(\.isFinding))")
        let leftOut = Set(outcome.notExercised.map(\.what))
        for (collection, documents) in expected.documents where collection != "_users" {
            #expect(try await graph.server.count(collection, in: database) == documents, "\(collection)")
        }
        #expect(leftOut.contains("collection _users") == expected.documents.keys.contains("_users"))

        let taken = try await graph.take(database)
        let counts = Dictionary(uniqueKeysWithValues: try taken.collections.map { ($0.name, $0.documents) })
        for (collection, documents) in expected.documents where !Self.notListed.contains(collection) {
            #expect(counts[collection] == documents, "\(collection)")
        }
        let copy = graph.name("copy")
        try await graph.rebuild(database, from: taken.hand, as: copy)
        let verified = try await graph.run(
            ArangoVerifyStep.self, "{database: \(copy), name_in_backup: \(database), against: dump}", [taken.hand])
        #expect(verified.findings.isEmpty, "\(verified.checks.filter(\.isFinding))")
        try await graph.forget(database, copy)
    }

    /// As a runbook does it.
    @Test func aFolderIsRestoredByAStep() async throws {
        let graph = try await GraphUnderTest()
        let database = graph.name("folder")
        try await graph.run(ArangoCreateDatabaseStep.self, database)
        func yaml(_ dump: String) -> String { "{database: \(database), folder: \(RealDumps.folder)/\(dump)}" }
        let refused = await #expect(throws: Failure.self) {
            try await graph.run(ArangoRestoreFolderStep.self, yaml("3.10-imdb-mixed-stale-files"))
        }
        #expect(refused?.kind == .damaged, "\(String(describing: refused))")
        let memory = Memory()
        let result = try await graph.run(ArangoRestoreFolderStep.self, yaml("3.6-fraud-envelope-gzip"), memory: memory)
        #expect(result.findings.isEmpty && result.facts["documents"] != nil)
        #expect(try await graph.server.count("transaction", in: database) == 62)
        func state() async throws -> Reconciliation {
            try await graph.reconcile(ArangoRestoreFolderStep.self, yaml("3.6-fraud-envelope-gzip"), memory: memory)
        }
        #expect(try await state() == .done)
        try await graph.server.ask("DELETE", "/_api/collection/transaction", in: database)
        #expect(try await state() == .notDone)
        let again = await #expect(throws: Failure.self) {
            try await graph.run(ArangoRestoreFolderStep.self, yaml("3.6-fraud-envelope-gzip"))
        }
        #expect(again?.kind == .refused, "\(String(describing: again))")
        try await graph.forget(database)
    }
}
