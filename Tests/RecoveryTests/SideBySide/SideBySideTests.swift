import Recovery
import TestSupport
import Testing

/// Runs of one drill that share nothing go side by side.
@Suite(.timeLimit(.minutes(1))) struct SideBySideTests {
    private let site = SideBySideWorld()
    private var world: MemoryWorld { site.world }

    /// Two steps wait for each other: one after the other they would never end.
    @Test func runsThatShareNothingAreUnderWayAtOnce() async throws {
        let result = try await site.conduct(try await site.drill())
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        let spans = (1...3).map(result.span)
        #expect(spans[0].overlaps(spans[1]))
        #expect(try site.isEnd(of: "1.5", before: "3.1"), "it said that it comes after the first")
        for last in ["1.5", "2.5", "3.4"] { #expect(try site.isEnd(of: last, before: "across.1"), "after the last run") }
        let rto = try #require(result.objectives.rtoSeconds)
        let whole = try #require(spans.map(\.upperBound).max()) - #require(spans.map(\.lowerBound).min())
        #expect(abs(rto - whole) < 0.000_001, "from the first step to the end of the last run, not the sum of them")
        #expect(site.servers.map(\.databases) == Array(repeating: ["app": [1, 2, 3]], count: 3))
        #expect(world.store.keys.count { $0.contains("-proof-") } == 3)
        #expect(world.apps.acts == ["start first", "start second", "start last"], "always, when all have come to their ends")
        #expect(world.folders.scratchFolders.isEmpty)
        #expect(world.provider.running == 0)
    }

    @Test func whatIsToldNamesTheStepItIsOf() async throws {
        _ = try await site.conduct(try await site.drill())
        #expect(Set(world.progress.headings).isSuperset(of: ["1  Rebuild first", "2  Rebuild second", "3  Rebuild last", "Across stores"]))
        #expect(world.progress.details.contains("1.3: waiting at middle"))
        #expect(world.progress.details.contains("2.3: waiting at middle"))
    }

    @Test func runsThatShareAServerGoOneAfterTheOther() async throws {
        let drill = SideBySideWorld.drill.replacing("targets: {db: two}", with: "targets: {db: one}")
            .replacing("to: {target: two,", with: "to: {target: three,")
        let result = try await site.conduct(
            try await site.drill(first: SideBySideWorld.runbook("first"), second: SideBySideWorld.runbook("second"), drill))
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(try site.isEnd(of: "1.4", before: "2.1"))
    }

    @Test func asWrittenIsOneAfterTheOther() async throws {
        let drill = try await site.drill(
            first: SideBySideWorld.runbook("first"), second: SideBySideWorld.runbook("second"),
            SideBySideWorld.drill + "\norder: as-written\n")
        let result = try await site.conduct(drill)
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(try site.isEnd(of: "1.4", before: "2.1"))
        #expect(try site.isEnd(of: "2.4", before: "3.1"))
        #expect(world.progress.headings.contains("Rebuild first"))
    }

    @Test func whenOneFailsTheOthersComeToTheirEndsAndThoseThatWaitForItDoNotBegin() async throws {
        let failing = SideBySideWorld.runbook("first", SideBySideWorld.meet + "  - name: Fail\n    memory.fail: unreachable\n")
        let result = try await site.conduct(try await site.drill(first: failing))
        #expect(result.outcome == .broke(.unreachable))
        #expect(result.failedStep == "1.4")
        #expect(result.statuses(1) == [.passed, .passed, .passed, .broke, .notReached, .notReached])
        #expect(result.statuses(2) == [.passed, .passed, .passed, .passed, .passed], "what it finds out is evidence too")
        #expect(result.statuses(3) == [.notReached, .notReached, .notReached, .notReached])
        #expect(result.statuses(4) == [.notReached], "stores are compared when all are back")
        #expect(
            result.notExercised.contains(
                NotExercised("run of last", because: "it waits for the run of first, which did not come to its end")))
        #expect(world.progress.warnings.contains("'Rebuild last' was not begun: 'Rebuild first' did not come to its end"))
        #expect(world.apps.acts == ["start first", "start second", "start last"])
        #expect(result.objectives.rtoSeconds == nil)
        #expect(result.parts[1].rtoSeconds != nil, "the second was carried through")
        #expect(!world.store.keys.contains { $0.contains("/notes/") }, "a drill that broke proves nothing")
        #expect(world.provider.running == 0)
    }

    /// The first that fails in time is chance; what is told is what decided the outcome.
    @Test func theFailureThatIsToldIsTheOneThatDecidedTheOutcome() async throws {
        let breaking = SideBySideWorld.runbook("first", SideBySideWorld.meet + "  - name: Fail\n    memory.fail: unreachable\n")
        let differing = SideBySideWorld.runbook("second", SideBySideWorld.meet).replacing(#""${step.load.rows}""#, with: "4")
        let result = try await site.conduct(try await site.drill(first: breaking, second: differing))
        #expect(result.outcome == .failed)
        #expect(result.failedStep == "2.5")
        #expect(result.failure?.kind == .differs)
        #expect(result.statuses(1).contains(.broke))
    }

    /// Whichever of them the journal meets first: what cannot be written down cannot be relied on.
    @Test func aJournalThatCannotBeWrittenIsToldWhateverElseFailed() async throws {
        for n in 2... {
            let site = SideBySideWorld()
            let failing = SideBySideWorld.runbook("first", "  - name: Fail\n    memory.fail: unreachable\n")
            let other = SideBySideWorld.runbook("second", "  - name: Fail\n    memory.fail: engine\n")
            let drill = try await site.drill(first: failing, second: other)
            site.world.folders.fillsUp(atAppend: n)
            let result = try await site.conduct(drill)
            guard site.world.folders.appends >= n else {
                #expect(result.outcome == .broke(.unreachable), "without a fault")
                break
            }
            #expect(result.exitCode == 74, "append \(n)")
            #expect(result.failure?.kind == .journal, "append \(n)")
        }
    }

    /// One that went on to its end after a failure has kept nobody back.
    @Test func whatKeptARunBackIsTheOneThatStopped() async throws {
        let late = "  - name: Late\n    on_failure: continue\n    memory.fail: unreachable\n"
        let first = SideBySideWorld.runbook("first").replacing("\nalways:", with: "\n\(late)always:")
        let second = SideBySideWorld.runbook("second", "  - name: Fail\n    memory.fail: unreachable\n")
        let drill = SideBySideWorld.drill.replacing("after: first", with: "after: [first, second]")
        let result = try await site.conduct(try await site.drill(first: first, second: second, drill))
        #expect(result.statuses(1).last == .broke)
        #expect(
            result.notExercised.filter { $0.what == "run of last" } == [
                NotExercised("run of last", because: "it waits for the run of second, which did not come to its end")
            ])
        #expect(world.progress.warnings.contains("'Rebuild last' was not begun: 'Rebuild second' did not come to its end"))
        #expect(result.parts.map { $0.rtoSeconds != nil }.prefix(3) == [true, false, false])
    }

    @Test func aFailureNextDoorDoesNotDecideWhatIsDoneWhenSomethingFailed() async throws {
        let failing = SideBySideWorld.runbook("first", "  - name: Fail\n    memory.fail: unreachable\n" + SideBySideWorld.meet)
            .replacing("memory.fail: unreachable\n", with: "memory.fail: unreachable\n    on_failure: continue\n")
        let conditional = "  - name: Only then\n    when: failed\n    memory.verify: {database: app, rows: 0}\n"
        let result = try await site.conduct(
            try await site.drill(
                first: failing, second: SideBySideWorld.runbook("second", SideBySideWorld.meet + conditional),
                last: SideBySideWorld.runbook("last", conditional)))
        #expect(result.statuses(2)[3] == .skipped, "it shares nothing with the one that failed")
        #expect(result.statuses(3)[2] == .passed, "it waited for the one that failed")
        #expect(result.outcome == .broke(.unreachable))
    }

    /// Another lifeboat may order runs in another way: the journal says how this drill began.
    @Test func aDrillGoesOnInTheOrderThatItBeganWith() async throws {
        let (first, second) = (SideBySideWorld.runbook("first"), SideBySideWorld.runbook("second"))
        let asWritten = try await site.drill(first: first, second: second, SideBySideWorld.drill + "\norder: as-written\n")
        world.folders.dies(atAppend: 6, .afterTheLine)
        _ = try? await site.conduct(asWritten)
        #expect(world.folders.isDead)
        world.restart()
        let result = try await site.resume(try await site.drill(first: first, second: second))
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(try site.isEnd(of: "1.4", before: "2.1"))
        #expect(try site.isEnd(of: "2.4", before: "3.1"))
        #expect(!world.progress.headings.contains("1  Rebuild first"), "nothing goes side by side")
    }

    /// What was recovered beside it is gone with the other servers.
    @Test func whenAServerIsTakenAwayAllBeginAgain() async throws {
        world.provider.loseServers(
            after: "drop app", times: 1, because: Failure(.environmentUnavailable, "somebody has removed the server").passing)
        let result = try await site.conduct(
            try await site.drill(first: SideBySideWorld.runbook("first"), second: SideBySideWorld.runbook("second")))
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(world.provider.started == 6)
        #expect(world.provider.running == 0)
        #expect(site.servers.map(\.databases) == Array(repeating: ["app": [1, 2, 3]], count: 3))
        #expect(world.apps.acts == ["start first", "start second", "start last"], "once, at the end")
    }

    /// Not even one that could be begun anew: what was found on a server that lived stays found.
    @Test(arguments: [false, true]) func aServerThatDiedDoesNotExplainWhatWasFoundOnAnotherOne(_ mayPass: Bool) async throws {
        let death = Failure(.environmentUnavailable, "the server ran out of memory")
        world.provider.loseServers(after: "drop app", times: 1, because: mayPass ? death.passing : death)
        let differing = SideBySideWorld.runbook("second").replacing(#""${step.load.rows}""#, with: "4")
        let result = try await site.conduct(try await site.drill(first: SideBySideWorld.runbook("first"), second: differing))
        #expect(result.outcome == .failed)
        #expect(result.failedStep == "2.4")
        #expect(result.failure?.kind == .differs)
        #expect(world.provider.started == 3, "and nothing began anew")
        #expect(result.statuses(1).contains(.broke))
    }

    @Test(arguments: [RunOutcome.Signal.interrupt, .terminate]) func aSignalStopsAllOfThem(_ signal: RunOutcome.Signal) async throws {
        let meeting = SideBySideWorld.meet
        let hanging = SideBySideWorld.runbook("first", meeting + "  - name: Hang\n    memory.fail: hang\n")
        let drill = try await site.drill(first: hanging, second: SideBySideWorld.runbook("second", meeting))
        let conducting = Task { try await site.conduct(drill) }
        while site.servers.isEmpty || !site.servers[0].acts.contains("fail hang") { await Task.yield() }
        site.world.interruption.arrive(signal)
        let result = try await conducting.value
        #expect(result.exitCode == 128 + signal.rawValue)
        #expect(result.statuses(1)[3] == .interrupted)
        #expect(result.statuses(3).allSatisfy { $0 == .notReached })
        #expect(world.apps.acts == ["start first", "start second", "start last"], "always, for each")
        #expect(world.provider.running == 0)
        #expect(result.next.map(\.command) == ["lifeboat resume \(result.run)"])
    }

    @Test func bothAreStoppedInTheMiddleAndGoOn() async throws {
        var site = site
        let drill = try await site.drill(
            first: SideBySideWorld.runbook("first", SideBySideWorld.meet + "  - name: Fail\n    memory.meet: {at: signal, count: 3}\n"),
            second: SideBySideWorld.runbook("second", SideBySideWorld.meet + "  - name: Fail\n    memory.meet: {at: signal, count: 3}\n"))
        let conducting = Task { [site] in try await site.conduct(drill) }
        while site.world.provider.meetings.count(at: "signal") < 2 { await Task.yield() }
        site.world.interruption.arrive(.interrupt)
        let result = try await conducting.value
        #expect(result.exitCode == 130)
        #expect([result.statuses(1)[3], result.statuses(2)[3]] == [.interrupted, .interrupted])

        site = SideBySideWorld(world: site.world.anew())
        site.world.provider.meetings.arrive("test", at: "signal")
        let ended = try await site.resume(drill)
        #expect(ended.outcome == .passed, "\(ended.failure?.problem ?? "")")
        #expect(site.servers.map(\.databases) == Array(repeating: ["app": [1, 2, 3]], count: 3))
    }

    /// Whichever step of the first is named: the second goes on as if nothing had been said.
    @Test func beginningWithAStepSaysNothingOfRunsBesideIt() async throws {
        var site = site
        let drill = try await site.drill(
            first: SideBySideWorld.runbook("first", "  - name: Wait\n    memory.meet: {at: signal, count: 3}\n"),
            second: SideBySideWorld.runbook("second", "  - name: Wait\n    memory.meet: {at: signal, count: 3}\n"))
        let conducting = Task { [site] in try await site.conduct(drill) }
        while site.world.provider.meetings.count(at: "signal") < 2 { await Task.yield() }
        site.world.interruption.arrive(.interrupt)
        _ = try await conducting.value

        site = SideBySideWorld(world: site.world.anew())
        site.world.provider.meetings.arrive("test", at: "signal")
        let ended = try await site.resume(drill, StepChoices(from: "2.4"))
        #expect(ended.outcome == .passed, "\(ended.failure?.problem ?? "")")
        #expect(ended.statuses(1) == [.passed, .passed, .passed, .passed, .passed])
        #expect(ended.statuses(2) == [.passed, .passed, .skipped, .passed, .passed])
    }
}
