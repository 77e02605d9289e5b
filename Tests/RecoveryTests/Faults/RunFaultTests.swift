import Recovery
import TestSupport
import Testing

/// The nth operation of a run on a configured target fails, for every n of an undisturbed run: of the store, the server, commands, the
/// journal, locks and notices; once or for good; with its effect or without.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RunFaultTests {
    private static let runbook =
        MemoryWorld.realRunbook + """

            always:
              - name: Lamp
                exec: {command: [app, start, lamp], rerun: safe, destroys: []}
              - name: Tell
                notify: ops
            """

    static let cases =
        FaultCase.all(.store, .storeUnavailable) + [FaultCase(.store, .localStorage), FaultCase(.store, .notFound)]
        + FaultCase.all(.server, .unreachable) + [FaultCase(.server, .engine), FaultCase(.server, .credentials)]
        + FaultCase.some(.commands, .toolMissing) + FaultCase.all(.commands, .application) + [FaultCase(.commands, .timedOut)]
        + FaultCase.all(.journal, .journal) + FaultCase.some(.locks, .lockHeld) + FaultCase.some(.locks, .localStorage)
        + FaultCase.some(.notices, .unreachable)

    @Test(arguments: cases) func whateverFailsNothingIsLostAndTheRecoveryComesToItsEnd(_ fault: FaultCase) async throws {
        for n in 1... {
            let world = try await MemoryWorld.real()
            world.faults.fail(fault.port, call: n, with: fault.failure, fault.moment, fault.extent)
            let comment: Comment
            let ended: RunSession.Ended?
            do {
                ended = try await world.run(world.request(Self.runbook)).conduct { _ in }
                comment = "call \(n): \(world.faults.struck ?? "nothing")"
            } catch let failure as Failure {
                ended = nil
                comment = "call \(n): \(world.faults.struck ?? "nothing"); \(failure)"
                #expect(fault.codes(comment.rawValue).contains(failure.kind.exitCode), comment)
                #expect(world.production.acts == [], comment)
                #expect(!failure.problem.isEmpty && failure.advice != nil, comment)
            }
            guard let struck = world.faults.struck else {
                #expect(ended?.result.outcome == .passed, "without a fault")
                #expect(n > 1)
                break
            }
            guard fault.isPossible(struck) else { continue }
            if let ended { hasEndedWell(ended.result, world, fault, struck, comment) }
            leavesNothing(world, fault, comment)
            provedBeforeTheDrop(world, comment)
            if fault.extent == .once, fault.port != .server || fault.failure.isWorthRetrying { keptBeforeTheDrop(world, comment) }
            try await comesToItsEnd(world, ended, comment)
        }
    }

    /// The code of the one table, words, and `always`.
    private func hasEndedWell(_ result: RunResult, _ world: MemoryWorld, _ fault: FaultCase, _ struck: String, _ comment: Comment) {
        #expect(fault.codes(struck).contains(result.exitCode), comment)
        switch result.outcome {
        case .passed: #expect(result.failure == nil, comment)
        case .incomplete: #expect(!result.notices.isEmpty, comment)
        default: #expect(result.failure?.problem.isEmpty == false && result.failure?.hint != nil, comment)
        }
        if struck.hasPrefix("journal ") { #expect(result.exitCode != 0, comment) }
        if result.exitCode == 0 || result.exitCode == 3 {
            #expect(world.production.databases == ["app": [1, 2, 3]], comment)
            #expect(world.apps.running.contains("shop"), comment)
        }
        if fault.port != .commands { #expect(world.apps.running.contains("lamp"), "always has not run: \(comment)") }
        if fault.port != .notices { #expect(world.notices.sent.count == 1, "nobody was told: \(comment)") }
    }

    private func leavesNothing(_ world: MemoryWorld, _ fault: FaultCase, _ comment: Comment) {
        #expect(world.locks.held.isEmpty, comment)
        #expect(!world.production.isLocked, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
        if fault.port != .journal { #expect(world.folders.scratchFolders.isEmpty, comment) }
        if fault.port != .store { #expect(!world.store.keys.contains { $0.hasPrefix("nightly/") && $0.contains("-hold-") }, comment) }
    }

    /// Nothing is destroyed before what fills it again is proven: by the order of what was done in this very process.
    private func provedBeforeTheDrop(_ world: MemoryWorld, _ comment: Comment) {
        let calls = world.faults.calls
        guard let drop = calls.firstIndex(of: "server drop app") else { return }
        for part in ["rows", "inventory.jsonl"] {
            #expect(
                calls[..<drop].contains { $0.hasPrefix("store end nightly/") && $0.hasSuffix("/app-db/\(part)") },
                "dropped before \(part) was read to its end: \(comment)")
        }
    }

    /// A hiccup costs no copy of what is destroyed.
    private func keptBeforeTheDrop(_ world: MemoryWorld, _ comment: Comment) {
        guard world.production.acts.contains("drop app") else { return }
        let copies = world.store.keys.filter { $0.hasPrefix("_safety/") && $0.hasSuffix("/app-db/rows") }
        #expect(copies.contains { world.store[$0] == [9, 9] }, "dropped without a copy: \(comment)")
    }

    /// Without the fault: what can be resumed is, what has ended is begun again, and the end is that of an undisturbed run.
    private func comesToItsEnd(_ world: MemoryWorld, _ first: RunSession.Ended?, _ comment: Comment) async throws {
        let dropped = world.production.acts.contains("drop app")
        let copied = world.faults.calls.contains { $0.hasPrefix("store create _safety/") && $0.hasSuffix("/set.json") }
        world.faults.heal()
        world.restart()
        let last = try world.folders.lines().last
        if first != nil, last.map({ !isEnd($0) }) ?? false {
            let resumed = try await world.resumed(Self.runbook, confirmed: ["app-db"])
            #expect(resumed.result.outcome == .passed, "\(resumed.result.failure?.problem ?? ""); resumed after \(comment)")
        } else if first?.result.outcome != .passed {
            let again = try await world.run(world.request(Self.runbook)).conduct { _ in }
            #expect(again.result.outcome == .passed, "\(again.result.failure?.problem ?? ""); begun again after \(comment)")
        }
        #expect(world.production.databases == ["app": [1, 2, 3]], comment)
        #expect(world.apps.running == ["shop", "lamp"], comment)
        #expect(world.locks.held.isEmpty && !world.production.isLocked, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
        // What could not be removed at the end of a run is the next sweep's.
        #expect(world.folders.scratchFolders.isEmpty || world.faults.struck == "journal remove scratch", comment)
        // What was there at the beginning was kept before it was dropped, if it could be read.
        if dropped, copied {
            #expect(world.store.keys.contains { $0.hasPrefix("_safety/") && $0.hasSuffix("/rows") && world.store[$0] == [9, 9] }, comment)
        }
    }

    private func isEnd(_ line: JournalLine) -> Bool {
        if case .runEnded = line.event { true } else { false }
    }
}
