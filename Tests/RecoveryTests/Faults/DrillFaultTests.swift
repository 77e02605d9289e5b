import Recovery
import TestSupport
import Testing

/// The nth operation of a drill fails, for every n of an undisturbed one.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DrillFaultTests {
    private static let runbook =
        MemoryWorld.runbook.replacing(
            "  - name: Drop\n",
            with: "  - name: Keep\n    backup.take: {target: db, database: app, optional: unreadable}\n  - name: Drop\n")
        + "\nalways:\n  - name: Lamp\n    exec: {command: [app, start, lamp], rerun: safe, in_drills: run}\n"

    private static let drill = MemoryWorld.drill + "\nnotify: {to: ops, when: always}\n"

    static let cases =
        FaultCase.some(.store, .storeUnavailable) + FaultCase.some(.store, .localStorage) + FaultCase.some(.store, .notFound)
        + FaultCase.all(.server, .unreachable) + FaultCase.some(.server, .engine)
        + FaultCase.all(.environment, .environmentUnavailable) + FaultCase.some(.journal, .journal)
        + FaultCase.some(.commands, .toolMissing) + FaultCase.some(.notices, .unreachable)

    @Test(arguments: cases) func whateverFailsNothingIsLeftAndTheDrillComesToItsEnd(_ fault: FaultCase) async throws {
        for n in 1... {
            let world = MemoryWorld(given: ["app": [9, 9]])
            _ = try await world.putBackup()
            let drill = try world.drill(runbook: Self.runbook, drill: Self.drill)
            world.faults.fail(fault.port, call: n, with: fault.failure, fault.moment, fault.extent)
            let comment: Comment
            let first: RunSession.Ended?
            do {
                first = try await world.conductor(drill).conduct()
                comment = "call \(n): \(world.faults.struck ?? "nothing")"
            } catch let failure as Failure {
                first = nil
                comment = "call \(n): \(world.faults.struck ?? "nothing"); \(failure)"
                #expect(fault.codes(comment.rawValue).contains(failure.kind.exitCode), comment)
                #expect(world.provider.started == 0, comment)
                #expect(failure.advice != nil, comment)
            }
            guard let struck = world.faults.struck else {
                #expect(first?.result.outcome == .passed, "without a fault")
                #expect(n > 1)
                break
            }
            guard fault.isPossible(struck) else { continue }
            if let first { hasEndedWell(first.result, world, fault, struck, comment) }
            leavesNothing(world, fault, struck, comment)
            try await comesToItsEnd(world, drill, first, comment)
        }
    }

    private func hasEndedWell(_ result: RunResult, _ world: MemoryWorld, _ fault: FaultCase, _ struck: String, _ comment: Comment) {
        #expect(fault.codes(struck).contains(result.exitCode), comment)
        switch result.outcome {
        case .passed: #expect(result.failure == nil, comment)
        // A newer backup that was passed over has a place of its own.
        case .incomplete: #expect(!result.notices.isEmpty || !result.passedOver.isEmpty, comment)
        default: #expect(result.failure?.problem.isEmpty == false && result.failure?.hint != nil, comment)
        }
        let proofs = world.store.keys.filter { $0.contains("/notes/") && $0.contains("-proof-") }
        if result.outcome == .passed { #expect(proofs.count == 1, comment) }
        if result.exitCode != 0, result.exitCode != 3, result.failedStep != nil { #expect(proofs == [], comment) }
        if world.provider.started > 0, fault.port != .commands {
            #expect(world.apps.running.contains("lamp"), "always has not run: \(comment)")
        }
        if fault.port != .notices { #expect(world.notices.sent.count == 1, "nobody was told: \(comment)") }
    }

    private func leavesNothing(_ world: MemoryWorld, _ fault: FaultCase, _ struck: String, _ comment: Comment) {
        if struck != "environment stop" { #expect(world.provider.running == 0, comment) }
        #expect(world.folders.openFolders.isEmpty, comment)
        if fault.port != .journal { #expect(world.folders.scratchFolders.isEmpty, comment) }
        if fault.port != .store { #expect(!world.store.keys.contains { $0.contains("-hold-") }, comment) }
    }

    private func comesToItsEnd(_ world: MemoryWorld, _ drill: Drill, _ first: RunSession.Ended?, _ comment: Comment) async throws {
        world.faults.heal()
        world.restart()
        var last: RunSession.Ended?
        if let run = try await world.folders.list().last,
            let session = try? await RunSession.resume(run, in: world.world, changedDocuments: { _ in [] })
        {
            last = try await world.conductor(drill).resume(session)
        } else if first?.result.outcome != .passed {
            world.restart()
            last = try await world.conductor(drill).conduct()
        }
        if let last {
            #expect(last.result.outcome == .passed, "\(last.result.failure?.problem ?? ""); \(comment)")
            #expect(world.provider.last?.databases == ["app": [1, 2, 3]], comment)
            #expect(world.store.keys.contains { $0.contains("/notes/") && $0.contains("-proof-") }, comment)
        }
        #expect(world.provider.running == 0, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
    }
}
