import Recovery
import TestSupport
import Testing

/// A step that a signal, a limit or a failure has ended in the middle, and a run that goes on after it.
@Suite(.timeLimit(.minutes(1))) struct InterruptedStepTests {
    private static let ringing = MemoryWorld.realRunbook.replacing(
        "  - name: Drop\n", with: "  - name: Ring\n    exec: [app, start, bell]\n  - name: Drop\n")

    @Test(arguments: [RunOutcome.Signal.interrupt, .terminate])
    func anInterruptedRestoreIsTakenBackBeforeItIsDoneAgain(signal: RunOutcome.Signal) async throws {
        var world = try await MemoryWorld.real()
        world.production.after("insert 2") { [interruption = world.interruption] in interruption.arrive(signal) }
        let interrupted = try await world.run(world.request()).conduct { _ in }
        #expect(interrupted.result.exitCode == 128 + signal.rawValue)
        #expect(interrupted.result.parts.first?.steps[4].status == .interrupted)
        #expect(world.production.databases == ["app": [1, 2]])

        world.interruption = Interruption()
        let ended = try await world.resumed()
        #expect(ended.result.outcome == .passed)
        #expect(world.production.databases == ["app": [1, 2, 3]])
        #expect(world.production.acts.filter { !$0.hasPrefix("insert") } == ["drop app", "create app", "undo app", "create app"])
        #expect(ended.result.parts.first?.steps.map(\.attempts.count) == [1, 1, 1, 1, 2, 1, 1])
    }

    @Test func aRestoreThatBrokeIsTakenBackTooWhenTheProcessDiedOfIt() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing(
            "    memory.restore: {database: app, from: dump}\n",
            with: "    memory.restore: {database: app, from: dump}\n    on_failure: continue\n")
        world.production.after("insert 2") { [production = world.production] in production.goesDown() }
        // The line after the end of the step is the beginning of the next one.
        let trial = try await MemoryWorld.real()
        _ = try await trial.run(trial.request(runbook)).conduct { _ in }
        let restore = try #require(
            trial.folders.lines().firstIndex { if case .stepRemembered(let memory) = $0.event { memory.path == "1.5" } else { false } })
        world.folders.dies(atAppend: restore + 3, .beforeTheLine)
        _ = try? await world.run(world.request(runbook)).conduct { _ in }
        #expect(world.folders.isDead)
        world.restart()
        world.production.goesDown(false)
        let ended = try await world.resumed(runbook)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.production.databases == ["app": [1, 2, 3]])
        #expect(world.production.acts.contains("undo app"))
    }

    @Test func anInterruptedCommandIsNotRepeatedUnasked() async throws {
        var world = try await MemoryWorld.real()
        world.apps.whenNextStarted { [interruption = world.interruption] in
            interruption.arrive(.interrupt)
            throw CancellationError()
        }
        let interrupted = try await world.run(world.request(Self.ringing)).conduct { _ in }
        #expect(interrupted.result.exitCode == 130)

        world.interruption = Interruption()
        let paused = try await world.resumed(Self.ringing)
        #expect(paused.result.exitCode == 5)
        #expect(paused.result.failedStep == "1.4")
        #expect(paused.result.failure?.problem == "step 1.4 'Ring' was interrupted, and only a person can tell how far it got")
        #expect(!world.apps.acts.contains("start bell"))
        #expect(world.production.databases == ["app": [9, 9]])

        let ended = try await world.resumed(Self.ringing, choosing: StepChoices(from: "1.4"))
        #expect(ended.result.outcome == .passed)
        #expect(world.apps.acts.contains("start bell"))
    }

    @Test func aCommandThatFailedIsNamedWithWhatItSaid() async throws {
        var world = try await MemoryWorld.real()
        let runbook = Self.ringing.replacing(
            "    exec: [app, start, bell]\n", with: "    exec: [app, running, bell]\n    on_failure: continue\n")
        world.production.after("insert 2") { [interruption = world.interruption] in interruption.arrive(.interrupt) }
        let interrupted = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(interrupted.result.exitCode == 130)

        world.interruption = Interruption()
        let paused = try await world.resumed(runbook)
        #expect(paused.result.exitCode == 5)
        #expect(
            paused.result.failure?.problem
                == "step 1.4 'Ring' did not succeed (app exited with status 1, expected status 0), and only a person can tell how far it got"
        )
    }

    @Test func aCommandThatWasNeverStartedIsSimplyStarted() async throws {
        var world = try await MemoryWorld.real()
        let runbook = Self.ringing
        let paused = try await world.run(world.request(runbook, target: "copy-db", confirmed: [])).conduct { _ in }
        #expect(paused.result.outcome == .passed, "\(paused.result.failure?.problem ?? "")")
        world = try await MemoryWorld.real()
        // Stopped while the copy before it was taken: the command's turn had not come.
        world.apps.whenNextStarted { [interruption = world.interruption] in interruption.arrive(.interrupt) }
        let text = MemoryWorld.realRunbook.replacing(
            "  - name: Stop\n    app.stop: shop\n", with: "  - name: Stop\n    exec: {command: [app, start, shop], rerun: safe}\n"
        )
        .replacing("  - name: Drop\n", with: "  - name: Ring\n    exec: [app, start, bell]\n  - name: Drop\n")
        let interrupted = try await world.run(world.request(text)).conduct { _ in }
        #expect(interrupted.result.exitCode == 130)
        world.interruption = Interruption()
        let ended = try await world.resumed(text)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.apps.acts.count { $0 == "start bell" } == 1)
    }

    @Test func aManualStepThatNobodyAnsweredIsAskedAgain() async throws {
        let world = try await MemoryWorld.real()
        let runbook = MemoryWorld.realRunbook.replacing(
            "  - name: Drop\n", with: "  - name: Look\n    manual: Look at the rack.\n  - name: Drop\n")
        let paused = try await world.run(world.request(runbook)).conduct { _ in }
        #expect(paused.result.exitCode == 5)
        let again = try await world.resumed(runbook)
        #expect(again.result.exitCode == 5)
        #expect(again.result.failure?.problem.hasPrefix("Look at the rack.") == true)
        world.people.answers("done")
        #expect(try await world.resumed(runbook).result.outcome == .passed)
    }
}
