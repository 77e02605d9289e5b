import Recovery
import TestSupport
import Testing

/// The nth operation of a drill whose runs go side by side fails, for every n. Which run it meets is chance.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SideBySideFaultTests {
    /// Stores are read by each run for itself, as in other drills.
    static let cases =
        FaultCase.all(.server, .unreachable) + FaultCase.all(.journal, .journal) + FaultCase.some(.environment, .environmentUnavailable)
        + FaultCase.some(.commands, .toolMissing) + (Soak.isOn ? FaultCase.all(.store, .storeUnavailable) : [])

    private static func runbook(_ name: String) -> String {
        SideBySideWorld.runbook(name).replacing(
            "  - name: Drop\n",
            with: "  - name: Keep\n    backup.take: {target: db, database: app, optional: unreadable}\n  - name: Drop\n")
    }

    @Test(arguments: cases) func whateverFailsNothingIsLeftAndEveryRunIsToldOf(_ fault: FaultCase) async throws {
        for n in 1... {
            let site = SideBySideWorld()
            let world = site.world
            let drill = try await site.drill(
                first: Self.runbook("first"), second: Self.runbook("second"), last: Self.runbook("last"))
            world.faults.fail(fault.port, call: n, with: fault.failure, fault.moment, fault.extent)
            let first: RunResult?
            let comment: Comment
            do {
                first = try await site.conduct(drill)
                comment = "call \(n): \(world.faults.struck ?? "nothing"), ended with \(first?.exitCode ?? -1)"
            } catch let failure as Failure {
                first = nil
                comment = "call \(n): \(world.faults.struck ?? "nothing"); \(failure)"
                #expect(world.provider.started == 0, comment)
            }
            guard let struck = world.faults.struck else {
                #expect(first?.outcome == .passed, "without a fault")
                #expect(n > 1)
                break
            }
            if let first { hasEndedWell(first, world, fault, struck, comment) }
            if struck != "environment stop" { #expect(world.provider.running == 0, comment) }
            #expect(world.folders.openFolders.isEmpty, comment)
            if fault.port != .journal { #expect(world.folders.scratchFolders.isEmpty, comment) }
            if fault.port != .store { #expect(!world.store.keys.contains { $0.contains("-hold-") }, comment) }
            try isWhole(world, comment)
        }
    }

    private func hasEndedWell(_ result: RunResult, _ world: MemoryWorld, _ fault: FaultCase, _ struck: String, _ comment: Comment) {
        #expect(fault.codes(struck).contains(result.exitCode), comment)
        let proofs = world.store.keys.count { $0.contains("/notes/") && $0.contains("-proof-") }
        if result.outcome == .passed { #expect(proofs == 3, comment) }
        guard result.exitCode != 0, result.exitCode != 3 else { return }
        #expect(result.failure?.problem.isEmpty == false && result.failure?.hint != nil, comment)
        guard let failed = result.failedStep else { return }
        #expect(proofs == 0, comment)
        // A fault that strikes once holds back the run that it met, and what comes after that; the journal is everybody's.
        guard fault.extent == .once, fault.port != .journal, fault.port != .environment, !failed.hasPrefix("across") else { return }
        let whole = [1, 2].filter { result.statuses($0).allSatisfy { $0 == .passed } }
        #expect(whole.count == (failed.hasPrefix("3") ? 2 : 1), comment)
        if world.provider.started > 0, fault.port != .commands {
            #expect(world.apps.running == ["first", "second", "last"], "always has not run: \(comment)")
        }
    }

    /// Numbered without holes, and no step has ended that had not begun.
    private func isWhole(_ world: MemoryWorld, _ comment: Comment) throws {
        let lines = try world.folders.lines()
        guard !lines.isEmpty else { return }
        #expect(lines.map(\.seq) == Array(1...lines.count), comment)
        var begun: Set<String> = []
        for line in lines {
            switch line.event {
            case .stepStarted(let step): begun.insert("\(step.path) \(step.attempt)")
            case .stepEnded(let step) where step.status == .passed: #expect(begun.contains("\(step.path) \(step.attempt)"), comment)
            default: break
            }
        }
    }
}
