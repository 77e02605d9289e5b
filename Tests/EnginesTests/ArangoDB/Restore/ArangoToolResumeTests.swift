import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

/// A restore by arangorestore that begins anew: what an attempt has left is replaced, and nothing of anybody else.
@Suite(.requires(TestArango.missing), .timeLimit(.minutes(5))) struct ArangoToolResumeTests {
    private struct Scene {
        let graph: GraphUnderTest
        let target: ArangoTarget
        let tools: FakeTools
        let library: String
        let copy: String
        let hand: BackupInHand
        let step: ArangoRestoreStep
        let memory = Memory()

        func run() async throws -> StepResult { try await step.run(in: try target.context([hand], memory: memory)) }
    }

    private func with(_ use: (Scene) async throws -> Void) async throws {
        try await FakeTools.with { graph, target, tools in
            let library = try await graph.library()
            let copy = graph.name("copy")
            let taken = try await graph.take(library)
            try await graph.run(ArangoCreateDatabaseStep.self, copy)
            let step = try step(
                ArangoRestoreStep.self, "{database: \(copy), name_in_backup: \(library), from: dump, tool: arangorestore}")
            try await use(
                Scene(graph: graph, target: target, tools: tools, library: library, copy: copy, hand: taken.hand, step: step))
            try await graph.forget(library, copy)
        }
    }

    @Test func whatItHasLeftIsReplaced() async throws {
        try await with { scene in
            try await scene.tools.mark("fails-after-books")
            await #expect(throws: Failure.self) { try await scene.run() }
            #expect(try await scene.graph.server.count("books", in: scene.copy) == 60)
            try await scene.tools.unmark("fails-after-books")
            #expect(try await scene.run().findings.isEmpty)
        }
    }

    @Test func whatSomebodyHasMadeInItsPlaceIsLeftToAPerson() async throws {
        try await with { scene in
            try await scene.tools.mark("fails-after-books")
            await #expect(throws: Failure.self) { try await scene.run() }
            try await scene.graph.server.ask("DELETE", "/_api/collection/books", in: scene.copy)
            try await scene.graph.server.ask("POST", "/_api/collection", in: scene.copy, #"{"name":"books"}"#)
            try await scene.graph.server.load(#"{"_key":"theirs"}"# + "\n", into: "books", in: scene.copy)
            try await scene.tools.unmark("fails-after-books")
            let paused = await #expect(throws: Paused.self) { try await scene.run() }
            #expect(paused?.words.contains("has 'books', which this restore has not made") == true, "\(String(describing: paused))")
            #expect(try await scene.graph.server.count("books", in: scene.copy) == 1)
        }
    }

    /// Who was killed could not write down what it had made.
    @Test func afterAKillNothingIsReplacedThatHoldsMoreThanTheBackup() async throws {
        try await with { scene in
            let database = try #require(try await scene.target.client.database(scene.copy))
            let memory = RestoreMemory(of: database, [:]) { scene.memory.keep($0, $1) }
            try await memory.remember(RestoreMemory.Mark.began, 1)
            try await scene.graph.server.ask("POST", "/_api/collection", in: scene.copy, #"{"name":"books"}"#)
            try await scene.graph.server.load(
                (1...61).map { #"{"_key":"x\#($0)"}"# + "\n" }.joined(), into: "books", in: scene.copy)
            await #expect(throws: Paused.self) { try await scene.run() }
            try await scene.graph.server.query("FOR b IN books FILTER b._key != \"x1\" REMOVE b IN books", in: scene.copy)
            #expect(try await scene.run().findings.isEmpty)
            #expect(try await scene.graph.server.count("books", in: scene.copy) == 60)
        }
    }

    /// The tool may have failed before it did anything.
    @Test func whatItHasNotTouchedIsStillSomebodys() async throws {
        try await with { scene in
            try await scene.tools.mark("fails")
            await #expect(throws: Failure.self) { try await scene.run() }
            try await scene.tools.unmark("fails")
            try await scene.graph.server.ask("POST", "/_api/collection", in: scene.copy, #"{"name":"books"}"#)
            try await scene.graph.server.load(#"{"_key":"theirs"}"# + "\n", into: "books", in: scene.copy)
            let paused = await #expect(throws: Paused.self) { try await scene.run() }
            #expect(paused?.words.contains("has 'books', which this restore has not made") == true, "\(String(describing: paused))")
            #expect(try await scene.graph.server.count("books", in: scene.copy) == 1)
        }
    }

    @Test func whatWasWrittenSinceIsLeftToAPerson() async throws {
        try await with { scene in
            try await scene.tools.mark("fails-after-books")
            await #expect(throws: Failure.self) { try await scene.run() }
            try await scene.tools.unmark("fails-after-books")
            try await scene.graph.server.load(#"{"_key":"theirs"}"# + "\n", into: "books", in: scene.copy)
            let paused = await #expect(throws: Paused.self) { try await scene.run() }
            #expect(paused?.words.contains("has 61 documents, and had 60") == true, "\(String(describing: paused))")
            #expect(try await scene.graph.server.count("books", in: scene.copy) == 61)
        }
    }

    /// A first attempt whose making is known, then one that was killed: the names are known, and the numbers are others.
    @Test func whatOneThatWasKilledHasMadeAnewIsItsOwn() async throws {
        try await with { scene in
            try await scene.tools.mark("fails-after-books")
            await #expect(throws: Failure.self) { try await scene.run() }
            try await scene.tools.unmark("fails-after-books")
            let database = try #require(try await scene.target.client.database(scene.copy))
            let memory = RestoreMemory(of: database, [:]) { scene.memory.keep($0, $1) }
            try await memory.remember(RestoreMemory.Mark.listed, RestoreMemory.Mark.takenBack)
            try await scene.graph.server.ask("DELETE", "/_api/collection/books", in: scene.copy)
            try await scene.graph.server.ask("POST", "/_api/collection", in: scene.copy, #"{"name":"books"}"#)
            try await scene.graph.server.load(#"{"_key":"half"}"# + "\n", into: "books", in: scene.copy)
            #expect(try await scene.run().findings.isEmpty)
            #expect(try await scene.graph.server.count("books", in: scene.copy) == 60)
        }
    }

    /// Agreed to once, and not done: it is asked for again.
    @Test func replacingAsksAgainForWhatWasNotReplaced() async throws {
        try await FakeTools.with { graph, target, tools in
            let library = try await graph.library()
            let taken = try await graph.take(library)
            let step = try step(ArangoRestoreStep.self, "{database: \(library), from: dump, replace: true, tool: arangorestore}")
            let memory = Memory()
            func destroyed() async throws -> Set<String> {
                Set(
                    try await step.effects(reading: target.reading([taken.hand], memory: memory)).filter {
                        $0.verb == .destroy && $0.amount != .absent
                    }.map(\.object.name))
            }
            let first = try await step.effects(reading: target.reading([taken.hand], memory: memory))
            try await tools.mark("fails")
            await #expect(throws: Failure.self) {
                try await step.run(in: try target.context([taken.hand], memory: memory, agreed: first))
            }
            #expect(try await destroyed().contains("\(library)/books"))
            try await tools.unmark("fails")
            let refused = await #expect(throws: Failure.self) {
                try await step.run(in: try target.context([taken.hand], memory: memory))
            }
            #expect(refused?.kind == .refused, "\(String(describing: refused))")
            try await tools.mark("fails-after-books")
            await #expect(throws: Failure.self) {
                try await step.run(in: try target.context([taken.hand], memory: memory, agreed: first))
            }
            // This one it has made anew itself.
            #expect(try await !destroyed().contains("\(library)/books"))
            try await graph.forget(library)
        }
    }
}
