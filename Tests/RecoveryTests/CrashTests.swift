import Recovery
import TestSupport
import Testing

/// The process dies at the nth line of the journal, for every n: before it is written, in the middle of it, after it.
@Suite(.timeLimit(.minutes(2))) struct CrashTests {
    @Test(arguments: MemoryRunFolders.Death.allCases) func afterACrashAtAnyLineTheDrillGoesOnToItsEnd(death: MemoryRunFolders.Death)
        async throws
    {
        var kills = 0
        for n in 1... {
            let world = MemoryWorld(given: ["app": [9, 9]])
            _ = try await world.putBackup()
            let drill = try world.drill(runbook: MemoryWorld.runbook)
            world.folders.dies(atAppend: n, death)
            let first = try? await world.conductor(drill).conduct()
            guard world.folders.isDead else {
                #expect(first?.result.outcome == .passed, "nothing died at line \(n)")
                break
            }
            kills += 1
            try await goOn(world, drill, "killed at line \(n)")
        }
        #expect(kills >= 14)
    }

    @Test func twoCrashesInARowAreNoWorse() async throws {
        for n in 2...12 {
            let world = MemoryWorld(given: ["app": [9, 9]])
            _ = try await world.putBackup()
            let drill = try world.drill(runbook: MemoryWorld.runbook)
            world.folders.dies(atAppend: n, .withinTheLine)
            _ = try? await world.conductor(drill).conduct()
            world.folders.restart()
            world.provider.died()
            world.folders.dies(atAppend: n, .afterTheLine)
            if let run = try await world.folders.list().first {
                let session = try? await RunSession.resume(run, in: world.world) { _ in [] }
                if let session { _ = try? await world.conductor(drill).resume(session) }
            }
            try await goOn(world, drill, "killed twice at line \(n)")
        }
    }

    /// Restarts, resumes, and checks that the run comes to its end and leaves nothing.
    private func goOn(_ world: MemoryWorld, _ drill: Drill, _ comment: Comment) async throws {
        world.folders.restart()
        world.provider.died()
        guard let run = try await world.folders.list().first else { return }
        let session: RunSession
        do { session = try await RunSession.resume(run, in: world.world) { _ in [] } } catch let failure as Failure {
            // Died before the first line was whole, or after the last one: there is nothing to go on with.
            let lines = try world.folders.lines()
            #expect(lines.isEmpty || isEnd(lines.last), comment)
            #expect(lines.isEmpty ? failure.kind == .notFound : failure.kind == .refused, comment)
            return
        }
        let started = try world.folders.lines().compactMap { line -> Int?? in
            switch line.event {
            case .environmentStarting(let environment): environment.generation
            case .environmentStarted, .environmentAdopted, .environmentEnded: .some(nil)
            default: nil
            }
        }.last
        let ended = try await world.conductor(drill).resume(session)
        if case .some(.some(let halfStarted)) = started { #expect(world.provider.cleared.last == halfStarted, comment) }
        #expect(ended.result.outcome == .passed, comment)
        #expect(world.provider.last?.databases == ["app": [1, 2, 3]], comment)
        #expect(world.provider.running == 0, comment)
        #expect(world.folders.scratchFolders.isEmpty, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
        #expect(try world.folders.lines().map(\.seq) == Array(1...world.folders.lines().count), comment)
        let proofs = world.store.keys.filter { $0.contains("-proof-") }
        #expect(!proofs.isEmpty, comment)
    }

    private func isEnd(_ line: JournalLine?) -> Bool {
        if case .runEnded? = line?.event { true } else { false }
    }

    @Test func aTornInnerLineIsRefused() throws {
        let text =
            #"{"seq":1,"at":"2026-11-20T02:00:00.000Z","uptime":0,"boot":"b","event":{"event":"notice","data":{"text":"x","isTrouble":false}}}"#
        let whole = Array((text + "\n").utf8)
        #expect(try JournalReader.read(whole, of: RunID(rawValue: "r")).lines.count == 1)
        let torn = try JournalReader.read(whole + whole.prefix(20), of: RunID(rawValue: "r"))
        #expect(torn.lines.count == 1)
        #expect(torn.tornBytes == 20)
        #expect(torn.wholeBytes == whole.count)
        let failure = #expect(throws: Failure.self) {
            try JournalReader.read(Array(whole.prefix(20)) + [10] + whole, of: RunID(rawValue: "r"))
        }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem.hasPrefix("line 1 of the journal of run r cannot be read") == true)
    }

    @Test func roomThatWasReservedAndNeverUsedIsNoTornLine() throws {
        let text =
            #"{"seq":1,"at":"2026-11-20T02:00:00.000Z","uptime":0,"boot":"b","event":{"event":"notice","data":{"text":"x","isTrouble":false}}}"#
        let contents = try JournalReader.read(Array((text + "\n").utf8) + [UInt8](repeating: 0, count: 4096), of: RunID(rawValue: "r"))
        #expect(contents.lines.count == 1)
    }
}
