import Recovery
import TestSupport
import Testing

/// What is done at the end of a run whatever happened, in runs that have more than one end.
@Suite(.timeLimit(.minutes(1))) struct AlwaysTests {
    private static let runbook = MemoryWorld.realRunbook + "\nalways:\n  - name: Tell\n    notify: ops\n"

    /// At which line of the journal the run has done everything and its end is not yet written down.
    private func lastLine() async throws -> Int {
        let trial = try await MemoryWorld.real()
        let ended = try await trial.run(trial.request(Self.runbook)).conduct { _ in }
        #expect(ended.result.outcome == .passed)
        return try trial.folders.lines().count
    }

    @Test func whatWasDoneAtTheEndIsNotDoneAgainWhenOnlyTheEndWasNotWrittenDown() async throws {
        let last = try await lastLine()
        let world = try await MemoryWorld.real()
        world.folders.dies(atAppend: last, .beforeTheLine)
        _ = try? await world.run(world.request(Self.runbook)).conduct { _ in }
        #expect(world.folders.isDead)
        #expect(world.notices.sent == ["ops: passed"])
        world.restart()
        let ended = try await world.resumed(Self.runbook)
        #expect(ended.result.outcome == .passed)
        #expect(world.notices.sent == ["ops: passed"], "nobody is told twice")
    }

    @Test func whatWasCutOffAtTheEndIsDoneAgain() async throws {
        let last = try await lastLine()
        let world = try await MemoryWorld.real()
        world.folders.dies(atAppend: last - 1, .beforeTheLine)
        _ = try? await world.run(world.request(Self.runbook)).conduct { _ in }
        #expect(world.folders.isDead)
        world.restart()
        let ended = try await world.resumed(Self.runbook)
        #expect(ended.result.outcome == .passed)
        #expect(ended.result.parts.last?.steps.first?.attempts.map(\.number) == [1, 2])
    }

    @Test func whatFailsAfterASignalHasFailedAndIsTriedAgainFirst() async throws {
        let world = try await MemoryWorld.real()
        world.production.after("insert 2") { [interruption = world.interruption] in interruption.arrive(.terminate) }
        world.notices.fails(with: Failure(.unreachable, "nobody answers"))
        let ended = try await world.run(world.request(Self.runbook + "    attempts: 2\n    backoff: 1s\n")).conduct { _ in }
        #expect(ended.result.exitCode == 143)
        #expect(ended.result.parts.last?.steps.first?.attempts.map(\.status) == [.broke, .broke])
        #expect(ended.result.notices == ["'Tell' (always) did not succeed: nobody answers"])
    }

    @Test func whatHasNothingToDoAfterASignalIsSkipped() async throws {
        let world = try await MemoryWorld.real()
        world.production.after("insert 2") { [interruption = world.interruption] in interruption.arrive(.terminate) }
        let ended = try await world.run(world.request(Self.runbook + "    when: passed\n")).conduct { _ in }
        #expect(ended.result.exitCode == 143)
        #expect(ended.result.parts.last?.steps.first?.status == .skipped)
    }

    @Test func eachEndOfARunThatGoesOnIsToldOfItsOwn() async throws {
        var world = try await MemoryWorld.real()
        world.production.after("insert 2") { [interruption = world.interruption] in interruption.arrive(.interrupt) }
        _ = try await world.run(world.request(Self.runbook)).conduct { _ in }
        #expect(world.notices.sent == ["ops: interrupted"])
        world.interruption = Interruption()
        let ended = try await world.resumed(Self.runbook)
        #expect(ended.result.outcome == .passed)
        #expect(world.notices.sent == ["ops: interrupted", "ops: passed"])
    }
}
