import Recovery
import TestSupport
import Testing

/// The process dies at the nth line of the journal of a drill whose runs go side by side, for every n. Whose line that is, is chance; that it
/// goes on to the same end is not.
@Suite(.timeLimit(.minutes(5))) struct SideBySideCrashTests {
    @Test(arguments: MemoryRunFolders.Death.allCases, [false, true])
    func afterACrashAtAnyLineEveryRunGoesOnToItsEnd(_ death: MemoryRunFolders.Death, serversLiveOn: Bool) async throws {
        var kills = 0
        for n in 1... {
            let site = SideBySideWorld()
            if serversLiveOn { site.world.provider.survives() }
            let drill = try await site.drill()
            site.world.folders.dies(atAppend: n, death)
            let first = try? await site.conduct(drill)
            guard site.world.folders.isDead else {
                #expect(first?.outcome == .passed, "nothing died at line \(n)")
                break
            }
            kills += 1
            try await goOn(site, drill, "killed at line \(n)")
        }
        #expect(kills >= 34)
    }

    @Test func twoCrashesInARowAreNoWorse() async throws {
        for n in 2...34 {
            let site = SideBySideWorld()
            let drill = try await site.drill()
            site.world.folders.dies(atAppend: n, .withinTheLine)
            _ = try? await site.conduct(drill)
            site.world.restart()
            site.world.folders.dies(atAppend: n, .afterTheLine)
            _ = try? await site.resume(drill)
            try await goOn(site, drill, "killed twice at line \(n)")
        }
    }

    private func goOn(_ site: SideBySideWorld, _ drill: Drill, _ comment: Comment) async throws {
        let world = site.world
        world.restart()
        let before = try world.folders.lines()
        let finished = try before.isEmpty ? [] : RunHistory(before, of: RunID(rawValue: "r")).finished
        let result: RunResult
        do { result = try await site.resume(drill) } catch let failure as Failure {
            // Died before the first line was whole, or after the last one: there is nothing to go on with.
            #expect(before.isEmpty ? failure.kind == .notFound : failure.kind == .refused, comment)
            return
        }
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? ""); \(comment)")
        #expect(result.parts.flatMap(\.steps).allSatisfy { $0.status == .passed }, comment)
        #expect(site.servers.map(\.databases) == Array(repeating: ["app": [1, 2, 3]], count: 3), comment)
        #expect(result.objectives.rtoSeconds != nil, comment)
        let lines = try world.folders.lines()
        let wasAdopted = lines.contains { if case .environmentAdopted = $0.event { true } else { false } }
        for step in result.parts.filter({ $0.kind != .always }).flatMap(\.steps) {
            let attempts = step.attempts
            for (one, next) in zip(attempts, attempts.dropFirst()) where one.status == .interrupted {
                // Whatever the others did before the process died.
                #expect(one.offsetSeconds + one.tookSeconds <= next.offsetSeconds + 0.000_001, "\(step.path): \(comment)")
            }
            if wasAdopted, finished.contains(step.path) { #expect(attempts.count == 1, "\(step.path) again: \(comment)") }
        }
        #expect(try site.isEnd(of: "1.5", before: "3.1"), comment)
        #expect(lines.map(\.seq) == Array(1...lines.count), comment)
        #expect(world.provider.running == 0, comment)
        #expect(world.folders.scratchFolders.isEmpty, comment)
        #expect(world.folders.openFolders.isEmpty, comment)
        #expect(Set(world.apps.acts) == ["start first", "start second", "start last"], comment)
        #expect(world.store.keys.contains { $0.contains("-proof-") }, comment)
        #expect(!world.store.keys.contains { $0.contains("-hold-") }, comment)
    }

    /// Whatever the others had finished: servers that are thrown away anyway are no reason to wait for a person.
    @Test func aRunThatOnlyAPersonCouldJudgeTakesTheOthersAlongToNewServers() async throws {
        let failing = SideBySideWorld.runbook(
            "first", "  - name: Ask\n    exec: {command: [app, running, bell], in_drills: run}\n")
        var onNewServers = 0
        for n in 1... {
            let site = SideBySideWorld()
            site.world.provider.survives()
            let drill = try await site.drill(first: failing, second: SideBySideWorld.runbook("second"))
            site.world.folders.dies(atAppend: n, .afterTheLine)
            let first = try? await site.conduct(drill)
            guard site.world.folders.isDead else {
                #expect(first?.outcome == .broke(.application))
                break
            }
            site.world.restart()
            site.world.apps.somebodyStarts("bell")
            guard let result = try? await site.resume(drill) else { continue }
            #expect(result.outcome == .passed, "\(result.failure?.problem ?? ""), line \(n)")
            #expect(site.servers.map(\.databases) == Array(repeating: ["app": [1, 2, 3]], count: 3), "line \(n)")
            #expect(site.world.provider.running == 0, "line \(n)")
            guard result.parts[0].steps[2].attempts.first?.status == .broke else { continue }
            onNewServers += 1
            #expect(site.world.provider.started == 6, "line \(n)")
        }
        #expect(onNewServers > 0)
    }
}
