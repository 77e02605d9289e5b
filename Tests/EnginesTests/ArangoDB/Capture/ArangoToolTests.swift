import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// ArangoDB's own programs in place of lifeboat's own reading and writing.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoToolTests {
    private func with(_ use: (GraphUnderTest, ArangoTarget, FakeTools) async throws -> Void) async throws {
        try await FakeTools.with(use)
    }

    private func take(
        _ database: String, _ target: ArangoTarget, _ collections: CollectionOptions = .standard
    ) async throws -> (hand: BackupInHand, items: [InventoryItem], sink: FolderSink) {
        let sink = try await FolderSink()
        let captured = try await target.capture(
            object: database, CaptureOptions(collections: collections, tool: .arangodump), into: sink)
        return (await sink.backup(captured, of: .arangodb), await sink.items, sink)
    }

    @Test func arangodumpsDumpIsABackupLikeOurs() async throws {
        try await with { graph, target, tools in
            let library = try await graph.library()
            let ours = try await graph.take(library)
            let theirs = try await take(library, target)
            let digests = { (items: [InventoryItem]) in
                try items.compactMap { try DumpedCollection($0) }.map { "\($0.name) \($0.documents) \($0.digest)" }.sorted()
            }
            #expect(try digests(theirs.items) == digests(ours.items))
            #expect(theirs.items.contains { $0.kind == "graph" } && theirs.items.contains { $0.kind == "view" })
            #expect(try await theirs.sink.leftInWorkFolder().isEmpty)
            let checks = try await withTemporaryFolder { try await ArangoExamine(theirs.hand).examine(scratch: $0) }
            #expect(checks.allSatisfy { !$0.isFinding })
            // Our own restore reads it.
            try await graph.rebuild(library, from: theirs.hand, as: graph.name("copy"))
            let verified = try await graph.run(
                ArangoVerifyStep.self, "{database: \(graph.name("copy")), name_in_backup: \(library), against: dump}", [theirs.hand])
            #expect(verified.findings.isEmpty, "\(verified.checks.filter(\.isFinding))")
            #expect(try await !tools.called().contains(graph.server.password))
            try await graph.forget(library, graph.name("copy"))
        }
    }

    @Test(arguments: [true, false]) func arangorestoreFillsADatabase(_ local: Bool) async throws {
        try await with { graph, target, tools in
            let library = try await graph.library()
            let taken = try await graph.take(library, local: local)
            let copy = graph.name("copy")
            try await graph.run(ArangoCreateDatabaseStep.self, copy)
            let step = try step(
                ArangoRestoreStep.self, "{database: \(copy), name_in_backup: \(library), from: dump, tool: arangorestore}")
            let memory = Memory()
            let result = try await step.run(in: try target.context([taken.hand], memory: memory))
            #expect(result.findings.isEmpty && result.checks.contains { $0.subject == "collection books" && $0.expected == "60" })
            #expect(try await step.reconcile(reading: target.reading([taken.hand], memory: memory)) == .done)
            let verified = try await graph.run(
                ArangoVerifyStep.self, "{database: \(copy), name_in_backup: \(library), against: dump}", [taken.hand])
            #expect(verified.findings.isEmpty, "\(verified.checks.filter(\.isFinding))")
            let refused = await #expect(throws: Failure.self) {
                try await step.run(in: try target.context([taken.hand]))
            }
            #expect(refused?.kind == .refused, "\(String(describing: refused))")
            try await graph.forget(library, copy)
        }
    }

    @Test func aToolThatFailsIsToldWithItsWords() async throws {
        try await with { graph, target, tools in
            let library = try await graph.library()
            try await tools.mark("fails")
            let sink = try await FolderSink()
            let failure = await #expect(throws: Failure.self) {
                try await target.capture(object: library, CaptureOptions(tool: .arangodump), into: sink)
            }
            #expect(failure?.problem.hasSuffix("it exited with status 1") == true, "\(String(describing: failure))")
            #expect(failure?.causes.contains("[f7ff5] An error occurred: out of luck") == true, "\(String(describing: failure))")
            #expect(try await sink.leftInWorkFolder().isEmpty)
            try await graph.forget(library)
        }
    }

    /// arangodump ends with 0 and has lost a file.
    @Test func whatAToolForgetsIsNoticed() async throws {
        try await with { graph, target, tools in
            let library = try await graph.library()
            try await tools.mark("forgets-cites")
            let failure = await #expect(throws: Failure.self) { _ = try await take(library, target) }
            #expect(failure?.problem.contains("is not whole: collection cites, data") == true, "\(String(describing: failure))")
            try await graph.forget(library)
        }
    }

    /// Such a backup still is one of the whole database, as it was when it began.
    @Test func whatOthersMakeMeanwhileIsNotMissing() async throws {
        try await with { graph, target, tools in
            let library = try await graph.library()
            try await tools.mark("others-make")
            let theirs = try await take(library, target)
            #expect(try await graph.server.count("newcomer", in: library) == 0)
            #expect(try await ArangoBackup.read(theirs.hand).databases[library]?.isPartial == false)
            try await graph.forget(library)
        }
    }

    @Test func withoutTheToolThatIsSaid() async throws {
        let graph = try await GraphUnderTest()
        let library = try await graph.library()
        let failure = await #expect(throws: Failure.self) { _ = try await take(library, graph.target) }
        #expect(failure?.kind == .toolMissing && failure?.problem == "there is no arangodump here")
        try await graph.forget(library)
    }
}
