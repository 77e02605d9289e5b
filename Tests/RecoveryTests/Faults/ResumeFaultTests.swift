import Recovery
import TestSupport
import Testing

/// A run that was cut off is resumed, and the nth operation of that fails too. What is left can still be brought to its end.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ResumeFaultTests {
    static let cases = [
        FaultCase(.store, .storeUnavailable), FaultCase(.server, .unreachable), FaultCase(.server, .unreachable, .afterTheEffect),
        FaultCase(.journal, .journal), FaultCase(.commands, .application), FaultCase(.locks, .lockHeld),
        FaultCase(.server, .unreachable, .beforeTheEffect, .forGood),
    ]

    @Test(arguments: cases) func aResumeThatFailsToo(_ fault: FaultCase) async throws {
        var crashes = 0
        for line in Soak.isOn ? Array(2...27) : [13, 16, 19] {
            for n in 1... {
                let world = try await MemoryWorld.real()
                world.folders.dies(atAppend: line, .afterTheLine)
                _ = try? await world.run(world.request()).conduct { _ in }
                guard world.folders.isDead else { break }
                crashes += 1
                world.restart()
                world.faults.fail(fault.port, call: n, with: fault.failure, fault.moment, fault.extent)
                let comment: Comment
                do {
                    let ended = try await world.resumed(confirmed: ["app-db"])
                    comment = "line \(line), call \(n): \(world.faults.struck ?? "nothing"), ended with \(ended.result.exitCode)"
                    #expect(fault.codes("").union([5]).contains(ended.result.exitCode), comment)
                    if ended.result.exitCode != 0, ended.result.exitCode != 3 {
                        #expect(ended.result.failure?.problem.isEmpty == false && ended.result.failure?.hint != nil, comment)
                    }
                } catch let failure as Failure {
                    comment = "line \(line), call \(n): \(world.faults.struck ?? "nothing"); \(failure)"
                    #expect(isEnded(world) || fault.codes("").contains(failure.kind.exitCode), comment)
                }
                leavesNothing(world, comment)
                guard world.faults.struck != nil else { break }
                try await comesToItsEnd(world, comment)
            }
        }
        #expect(crashes > 5)
    }

    private func leavesNothing(_ world: MemoryWorld, _ comment: Comment) {
        #expect(world.locks.held.isEmpty, comment)
        #expect(!world.production.isLocked, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
    }

    private func comesToItsEnd(_ world: MemoryWorld, _ comment: Comment) async throws {
        world.faults.heal()
        world.restart()
        let ended = try await isEnded(world) ? begun(world) : resumed(world, comment)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? ""); \(comment)")
        #expect(world.production.databases == ["app": [1, 2, 3]], comment)
        #expect(world.apps.running == ["shop"], comment)
        leavesNothing(world, comment)
        #expect(world.folders.scratchFolders.isEmpty || world.faults.struck == "journal remove scratch", comment)
    }

    private func begun(_ world: MemoryWorld) async throws -> RunSession.Ended { try await world.run(world.request()).conduct { _ in } }

    /// Or stops with 5, and goes on when a person has looked.
    private func resumed(_ world: MemoryWorld, _ comment: Comment) async throws -> RunSession.Ended {
        let ended = try await world.resumed(confirmed: ["app-db"])
        guard ended.result.outcome == .paused, let step = ended.result.failedStep else { return ended }
        #expect(ended.result.failure?.problem.contains(step) == true, comment)
        return try await world.resumed(confirmed: ["app-db"], choosing: StepChoices(from: step))
    }

    private func isEnded(_ world: MemoryWorld) -> Bool {
        guard case .runEnded(let end)? = try? world.folders.lines().last?.event else { return false }
        return !end.outcome.mayGoOn
    }
}
