import Recovery
import TestSupport
import Testing

/// A run on a configured target that is taken up again, in a world that has not stood still.
@Suite(.timeLimit(.minutes(1))) struct ResumeTests {
    /// A run that died right before the step at this path began.
    private func cutOff(before path: String, runbook: String = MemoryWorld.realRunbook) async throws -> MemoryWorld {
        let world = try await MemoryWorld.real()
        let trial = try await MemoryWorld.real()
        _ = try await trial.run(trial.request(runbook)).conduct { _ in }
        let place = try #require(
            trial.folders.lines().firstIndex { line in
                if case .stepStarted(let start) = line.event { start.path == path } else { false }
            })
        world.folders.dies(atAppend: place + 1, .beforeTheLine)
        _ = try? await world.run(world.request(runbook)).conduct { _ in }
        #expect(world.folders.isDead)
        world.restart()
        return world
    }

    @Test func anAgreementHoldsAsLongAsNothingHasChanged() async throws {
        let world = try await cutOff(before: "1.4")
        let ended = try await world.resumed()
        #expect(ended.result.outcome == .passed)
        #expect(ended.result.interruptions.count == 1)
    }

    /// And not when the run came to its end at last.
    @Test func aStepThatWasCutOffTookUntilItsProcessDied() async throws {
        let world = try await MemoryWorld.real()
        let trial = try await MemoryWorld.real()
        _ = try await trial.run(trial.request()).conduct { _ in }
        let start = try #require(
            trial.folders.lines().firstIndex { if case .stepStarted(let start) = $0.event { start.path == "1.5" } else { false } })
        world.folders.dies(atAppend: start + 2, .beforeTheLine)
        _ = try? await world.run(world.request()).conduct { _ in }
        world.restart()
        let ended = try await world.resumed()
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        let attempts = ended.result.parts[0].steps[4].attempts
        #expect(attempts.map(\.status) == [.interrupted, .passed])
        #expect(attempts[0].offsetSeconds + attempts[0].tookSeconds <= attempts[1].offsetSeconds)
    }

    @Test func documentsThatHaveChangedAreNamedAndNotObeyed() async throws {
        let world = try await cutOff(before: "1.4")
        let run = try #require(try await world.folders.list().last)
        let session = try await RunSession.resume(run, in: world.world) { started in started.documents.map(\.path) }
        let request = RunRequest(resuming: session.started, try world.runbook(), confirmed: [])
        let ended = try await world.run(request).resume(session)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        let changed = ["/runbook.yaml", "/lifeboat.yaml"]
        #expect(
            world.progress.warnings.suffix(2)
                == changed.map { "\($0) has changed since the run began; it goes on with the text that it began with" })
        let written = try world.folders.lines().compactMap { line -> [String]? in
            if case .runResumed(let resumed) = line.event { resumed.changedDocuments } else { nil }
        }
        #expect(written == [changed])
    }

    @Test func moreRowsThanWereAgreedToAreAskedAboutAgain() async throws {
        let world = try await cutOff(before: "1.4")
        world.production.somebody { $0["app"]?.append(7) }
        let paused = try await world.resumed()
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failedStep == "1.4")
        #expect(
            paused.result.failure?.problem
                == "'app-db' needs somebody's agreement: it is production (`lifeboat resume \(paused.result.run) --confirm app-db`, or resume at a terminal)"
        )
        #expect(world.production.databases == ["app": [9, 9, 7]])
        world.people.answers("app-db")
        let ended = try await world.resumed()
        #expect(ended.result.outcome == .passed)
        #expect(world.people.asked.first?.contains("database app-db/app (3 rows)") == true)
    }

    @Test func anotherServerUnderTheSameNameIsAskedAbout() async throws {
        let world = try await cutOff(before: "1.4")
        world.production.isReplaced(by: "new-system")
        let paused = try await world.resumed()
        #expect(paused.result.exitCode == 5)
        #expect(world.production.databases == ["app": [9, 9]])
        let ended = try await world.resumed(confirmed: ["app-db"])
        #expect(ended.result.outcome == .passed)
    }

    @Test func anotherServerIsAskedAboutOnStagingToo() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing("  - name: Drop\n", with: "  - name: Wait\n    confirm: Go on?\n  - name: Drop\n")
        let paused = try await world.run(world.request(runbook, target: "copy-db", confirmed: [])).conduct { _ in }
        #expect(paused.result.exitCode == 5)
        world.copy.isReplaced(by: "new-system")
        world.people.answers("yes", "no")
        let asked = try await world.resumed(runbook)
        #expect(asked.result.exitCode == 5)
        #expect(
            world.people.asked.last?.hasPrefix(
                "What is on 'copy-db' (memory at copy:1) will be destroyed, and it may not be the server that it was before the interruption:"
            ) == true)
        #expect(world.copy.databases == ["app": [9, 9]])
    }

    @Test func anUnfinishedRestoreOnAnotherServerIsNotTakenBackUnasked() async throws {
        let world = try await MemoryWorld.real()
        let trial = try await MemoryWorld.real()
        _ = try await trial.run(trial.request()).conduct { _ in }
        let place = try #require(
            trial.folders.lines().firstIndex { line in
                if case .stepRemembered(let memory) = line.event { memory.path == "1.5" && memory.key == "done" } else { false }
            })
        world.folders.dies(atAppend: place + 1, .beforeTheLine)
        _ = try? await world.run(world.request()).conduct { _ in }
        world.restart()
        world.production.isReplaced(by: "new-system")
        let acts = world.production.acts
        let paused = try await world.resumed()
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failedStep == "1.5")
        #expect(world.production.acts == acts)
    }

    @Test func anApplicationThatSomebodyHasStartedAgainIsAskedAbout() async throws {
        let world = try await cutOff(before: "1.4")
        world.apps.somebodyStarts("shop")
        let paused = try await world.resumed()
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failedStep == "1.2")
        #expect(
            paused.result.failure?.problem == "step 1.2 'Stop' was finished before the interruption, and now: what it did is gone")
        #expect(world.production.databases == ["app": [9, 9]])

        world.people.answers("again")
        let ended = try await world.resumed()
        #expect(ended.result.outcome == .passed)
        #expect(world.apps.acts == ["stop shop", "stop shop", "start shop"])
    }

    @Test func aRestoredDatabaseThatIsGoneIsRestoredAgainOnlyWhenSomebodySaysSo() async throws {
        let world = try await cutOff(before: "1.7")
        world.production.somebody { $0 = [:] }
        let paused = try await world.resumed()
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failedStep == "1.5")
        #expect(world.production.databases == [:])
        // A finished restore may have been built upon: taking it back is destroying it, and is agreed to anew.
        let refused = try await world.resumed(choosing: StepChoices(from: "1.5"))
        #expect(refused.result.exitCode == 5)
        #expect(world.production.databases == [:])
        let ended = try await world.resumed(confirmed: ["app-db"], choosing: StepChoices(from: "1.5"))
        #expect(ended.result.outcome == .passed)
        #expect(world.production.databases == ["app": [1, 2, 3]])
        #expect(ended.result.parts.first?.steps.map(\.attempts.count) == [1, 1, 1, 1, 2, 2, 1])
    }

    @Test func whatSomebodyLeftOutStaysLeftOut() async throws {
        let world = try await cutOff(before: "1.7")
        world.folders.dies(atAppend: 2, .beforeTheLine)
        _ = try? await world.resumed(choosing: StepChoices(skip: ["1.7"]))
        #expect(world.folders.isDead)
        world.restart()
        let ended = try await world.resumed()
        #expect(ended.result.parts.first?.steps.last?.status == .skipped)
        #expect(ended.result.parts.first?.steps.last?.because == "left out with --skip 1.7")
        #expect(world.apps.running == [])
    }

    @Test func theBackupIsProvenAgainByTheProcessThatDrops() async throws {
        let world = try await cutOff(before: "1.4")
        let rows = try #require(world.store.keys.first { $0.hasPrefix("nightly/") && $0.hasSuffix("app-db/rows") })
        world.store.flip(rows, byte: 0)
        let ended = try await world.resumed()
        #expect(ended.result.exitCode == 2)
        #expect(ended.result.failure?.kind == .damaged)
        #expect(world.production.databases == ["app": [9, 9]])
    }

    @Test func theCopyIsTakenAgainAsLongAsNothingIsDestroyed() async throws {
        let world = try await cutOff(before: "1.4")
        world.production.somebody { $0["app"] = [8] }
        let ended = try await world.resumed(confirmed: ["app-db"])
        #expect(ended.result.outcome == .passed)
        let copies = world.store.keys.filter { $0.hasPrefix("_safety/") && $0.hasSuffix("/app-db/rows") }.compactMap { world.store[$0] }
        #expect(copies.sorted { $0.count < $1.count } == [[8], [9, 9]])
    }

    @Test func aStepThatOnlyAPersonCanJudgeIsNamed() async throws {
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Drop\n", with: "  - name: Ring\n    exec: [app, start, bell]\n  - name: Drop\n")
        let trial = try await MemoryWorld.real()
        _ = try await trial.run(trial.request(runbook)).conduct { _ in }
        let place = try #require(
            trial.folders.lines().firstIndex { if case .stepStarted(let start) = $0.event { start.path == "1.4" } else { false } })
        let world = try await MemoryWorld.real()
        world.folders.dies(atAppend: place + 1, .afterTheLine)
        _ = try? await world.run(world.request(runbook)).conduct { _ in }
        world.restart()
        let paused = try await world.resumed(runbook)
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failure?.problem == "step 1.4 'Ring' was interrupted, and only a person can tell how far it got")
        let ended = try await world.resumed(runbook, choosing: StepChoices(skip: ["1.4"]))
        #expect(ended.result.outcome == .passed)
        #expect(!world.apps.running.contains("bell"))
    }

    @Test func pathsThatARunDoesNotHaveAreRefused() async throws {
        let world = try await cutOff(before: "1.4")
        let failure = await #expect(throws: Failure.self) { try await world.resumed(choosing: StepChoices(skip: ["1.9"], from: "2.1")) }
        #expect(failure?.kind == .usage)
        #expect(failure?.problem.contains("- --skip 1.9: there is no such step") == true)
        #expect(failure?.problem.contains("- --from 2.1: there is no such step") == true)
        #expect(try await world.resumed().result.outcome == .passed, "and nothing is lost by having asked")
    }
}
