import Recovery
import TestSupport
import Testing

/// What dead runs left is found wherever somebody can look.
@Suite(.timeLimit(.minutes(1))) struct SweeperTests {
    private struct Place: EnvironmentProvider {
        let kind: String
        let isolation = ""
        var failure: Failure?

        func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {}
        func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment { throw Failure(.bug, "nobody starts here") }
        func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] {
            if let failure { throw failure }
            return [Leftover(kind: "folder", name: "of \(kind)", run: nil, words: "a folder of \(kind)")]
        }
        func remove(_ leftover: Leftover) async throws {}
    }

    @Test func oneThatCannotBeReachedDoesNotKeepTheOthersFromBeingSwept() async throws {
        let world = MemoryWorld()
        let away = Failure(.environmentUnavailable, "the engine is away", hint: "start it")
        let sweeper = Sweeper(
            folders: world.folders, providers: [Place(kind: "docker", failure: away), Place(kind: "process")], now: world.time.now)
        let found = try await sweeper.leftovers()
        #expect(found.leftovers.map(\.leftover.name) == ["of process"])
        #expect(found.unseen.map(\.problem) == ["cannot look for what dead runs left as docker: the engine is away"])
        #expect(found.unseen.first?.kind == .environmentUnavailable)
        #expect(found.unseen.first?.hint == "start it")
        await sweeper.quietly { world.progress.say(.warning($0)) }
        #expect(world.progress.warnings == ["cannot look for what dead runs left as docker: the engine is away"])
    }
}
