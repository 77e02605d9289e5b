import Recovery
import TestSupport
import Testing

/// What a drill that was cut off does with servers that have lived on, and with those that have not.
@Suite(.timeLimit(.minutes(1))) struct DrillResumeTests {
    /// A drill of which the process dies after a line of its journal, for every line, and what it comes to when it is resumed.
    private func resumed(
        _ runbook: String, _ drill: String = MemoryWorld.drill, serversLiveOn: Bool = true, first: (MemoryWorld) -> Void = { _ in },
        meanwhile: (MemoryWorld) -> Void = { _ in }, look: (MemoryWorld, RunResult, Comment) throws -> Void
    ) async throws {
        for n in 2... {
            let world = MemoryWorld(given: ["app": [9, 9]])
            if serversLiveOn { world.provider.survives() }
            first(world)
            _ = try await world.putBackup()
            let drill = try world.drill(runbook: runbook, drill: drill)
            world.folders.dies(atAppend: n, .afterTheLine)
            _ = try? await world.conductor(drill).conduct()
            guard world.folders.isDead else { return }
            world.restart()
            meanwhile(world)
            let run = try #require(try await world.folders.list().first)
            guard let session = try? await RunSession.resume(run, in: world.world, changedDocuments: { _ in [] }) else { continue }
            try look(world, try await world.conductor(drill).resume(session).result, "killed at line \(n)")
        }
    }

    /// On a real server somebody would have to say how far it got. These are thrown away anyway.
    @Test(arguments: ["stop", "continue"])
    func aStepThatFailedAndThatOnlyAPersonCouldJudgeIsDoneAgainOnNewServers(_ onFailure: String) async throws {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Restore\n",
            with:
                "  - name: Ring\n    exec: {command: [app, running, bell], in_drills: run}\n    on_failure: \(onFailure)\n  - name: Restore\n"
        )
        var onNewServers = 0
        try await resumed(
            runbook, meanwhile: { $0.apps.somebodyStarts("bell") },
            look: { world, result, comment in
                #expect(result.outcome == .passed, "\(result.failure?.problem ?? ""), \(comment)")
                #expect(world.provider.running == 0, comment)
                #expect(world.provider.last?.databases == ["app": [1, 2, 3]], comment)
                let ring = result.parts[0].steps[2].attempts
                guard ring.first?.status == .broke else { return }
                onNewServers += 1
                #expect(world.provider.started == 2, comment)
                #expect(ring.map(\.status) == [.broke, .passed], comment)
            })
        #expect(onNewServers > 0)
    }

    /// In a drill nobody was asked, so that nobody has to say what he did.
    @Test func aStepForAPersonThatWasCutOffIsLeftOutAgain() async throws {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Restore\n", with: "  - name: Look\n    manual: Look at the rack.\n  - name: Restore\n")
        try await resumed(runbook) { world, result, comment in
            #expect(result.outcome == .passed, "\(result.failure?.problem ?? ""), \(comment)")
            #expect(result.parts[0].steps[2].status == .skipped, comment)
            #expect(world.provider.running == 0, comment)
        }
    }
}
