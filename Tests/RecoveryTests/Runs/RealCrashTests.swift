import Recovery
import TestSupport
import Testing

/// The process dies at the nth line of the journal of a run on a configured target, for every n: before the line is written, in the
/// middle of it, after it. The server and the application outlive it.
@Suite(.timeLimit(.minutes(2))) struct RealCrashTests {
    @Test(arguments: MemoryRunFolders.Death.allCases) func afterACrashAtAnyLineTheRunGoesOnToItsEnd(death: MemoryRunFolders.Death)
        async throws
    {
        var kills = 0
        for n in 1... {
            let world = try await MemoryWorld.real()
            world.folders.dies(atAppend: n, death)
            let first = try? await world.run(world.request()).conduct { _ in }
            guard world.folders.isDead else {
                #expect(first?.result.outcome == .passed, "nothing died at line \(n)")
                break
            }
            kills += 1
            world.restart()
            try await goOn(world, "killed at line \(n), \(death)")
        }
        #expect(kills >= 23)
    }

    @Test(arguments: MemoryRunFolders.Death.allCases) func twoCrashesInARowAreNoWorse(death: MemoryRunFolders.Death) async throws {
        for n in 2...24 {
            for m in [1, 2, 4, 7, 11] {
                let world = try await MemoryWorld.real()
                world.folders.dies(atAppend: n, death)
                _ = try? await world.run(world.request()).conduct { _ in }
                guard world.folders.isDead else { continue }
                world.restart()
                world.folders.dies(atAppend: m, death)
                _ = try? await world.resumed(confirmed: ["app-db"])
                world.restart()
                try await goOn(world, "killed at line \(n), then at line \(m) of the next life, \(death)")
            }
        }
    }

    /// Resumes: to the end, or to a person who is told what is to be judged; and nothing finished is done twice.
    private func goOn(_ world: MemoryWorld, _ comment: Comment) async throws {
        guard try await world.folders.list().first != nil else { return }
        let before = try world.folders.lines()
        let ended: RunSession.Ended
        do {
            let first = try await world.resumed()
            if first.result.outcome == .paused {
                // Died after the run began and before the agreement was written down: it is asked for again, and the step is named.
                #expect(first.result.exitCode == 5, comment)
                #expect(first.result.failedStep == "1.4", comment)
                #expect(world.production.databases == ["app": [9, 9]], comment)
                ended = try await world.resumed(confirmed: ["app-db"])
            } else {
                ended = first
            }
        } catch let failure as Failure {
            // Died before the first line was whole, or after the last one: there is nothing to go on with.
            #expect(before.isEmpty || isEnd(before.last), comment)
            #expect(before.isEmpty ? failure.kind == .notFound : failure.kind == .refused, comment)
            if !before.isEmpty { try state(world, comment) } else { #expect(world.production.acts == [], comment) }
            return
        }
        #expect(ended.result.outcome == .passed, comment)
        try state(world, comment)
        let lines = try world.folders.lines()
        #expect(lines.map(\.seq) == Array(1...lines.count), comment)
        // What was finished before this life was not begun again, but for the copy, which is taken anew as long as nothing is destroyed.
        let finished = paths(before) { if case .stepEnded(let end) = $0, end.status == .passed { end.path } else { nil } }
        let begun = paths(Array(lines.dropFirst(before.count))) { if case .stepStarted(let start) = $0 { start.path } else { nil } }
        #expect(finished.intersection(begun).subtracting(["1.3"]) == [], comment)
    }

    private func state(_ world: MemoryWorld, _ comment: Comment) throws {
        #expect(world.production.databases == ["app": [1, 2, 3]], comment)
        #expect(world.apps.running == ["shop"], comment)
        #expect(world.locks.held.isEmpty, comment)
        #expect(!world.production.isLocked, comment)
        #expect(world.folders.scratchFolders.isEmpty, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
        // At least one copy of what was lost, and none of what the run itself had half made.
        let copies = world.store.keys.filter { $0.hasPrefix("_safety/") && $0.hasSuffix("/app-db/rows") }.compactMap { world.store[$0] }
        #expect(!copies.isEmpty && copies.allSatisfy { $0 == [9, 9] }, comment)
        #expect(world.production.acts.count { $0 == "drop app" } <= 2, comment)
    }

    private func paths(_ lines: [JournalLine], _ path: (JournalEvent) -> String?) -> Set<String> {
        Set(lines.compactMap { path($0.event) })
    }

    private func isEnd(_ line: JournalLine?) -> Bool {
        if case .runEnded? = line?.event { true } else { false }
    }
}
