import Recovery
import TestSupport
import Testing

/// What a drill that was cut off does with servers that have lived on, and with those that have not.
@Suite(.timeLimit(.minutes(1))) struct DrillResumeTests {
    /// A drill of which the process dies after a line of its journal, for every line, and what it comes to when it is resumed.
    private func resumed(
        _ runbook: String, _ drill: String = MemoryWorld.drill, serversLiveOn: Bool = true, first: (MemoryWorld) -> Void = { _ in },
        meanwhile: (MemoryWorld) -> Void = { _ in }, look: (MemoryWorld, RunResult, Comment) throws -> Void
    ) async throws {
        for n in 2... {
            let world = MemoryWorld(given: ["app": [9, 9]])
            if serversLiveOn { world.provider.survives() }
            first(world)
            _ = try await world.putBackup()
            let drill = try world.drill(runbook: runbook, drill: drill)
            world.folders.dies(atAppend: n, .afterTheLine)
            _ = try? await world.conductor(drill).conduct()
            guard world.folders.isDead else { return }
            world.restart()
            meanwhile(world)
            let run = try #require(try await world.folders.list().first)
            guard let session = try? await RunSession.resume(run, in: world.world, changedDocuments: { _ in [] }) else { continue }
            try look(world, try await world.conductor(drill).resume(session).result, "killed at line \(n)")
        }
    }

    /// On a real server somebody would have to say how far it got. These are thrown away anyway.
    @Test(arguments: ["stop", "continue"])
    func aStepThatFailedAndThatOnlyAPersonCouldJudgeIsDoneAgainOnNewServers(_ onFailure: String) async throws {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Restore\n",
            with:
                "  - name: Ring\n    exec: {command: [app, running, bell], in_drills: run}\n    on_failure: \(onFailure)\n  - name: Restore\n"
        )
        var onNewServers = 0
        try await resumed(
            runbook, meanwhile: { $0.apps.somebodyStarts("bell") },
            look: { world, result, comment in
                #expect(result.outcome == .passed, "\(result.failure?.problem ?? ""), \(comment)")
                #expect(world.provider.running == 0, comment)
                #expect(world.provider.last?.databases == ["app": [1, 2, 3]], comment)
                let ring = result.parts[0].steps[2].attempts
                guard ring.first?.status == .broke else { return }
                onNewServers += 1
                #expect(world.provider.started == 2, comment)
                #expect(ring.map(\.status) == [.broke, .passed], comment)
            })
        #expect(onNewServers > 0)
    }

    /// In a drill nobody was asked, so that nobody has to say what he did.
    @Test func aStepForAPersonThatWasCutOffIsLeftOutAgain() async throws {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Restore\n", with: "  - name: Look\n    manual: Look at the rack.\n  - name: Restore\n")
        try await resumed(runbook) { world, result, comment in
            #expect(result.outcome == .passed, "\(result.failure?.problem ?? ""), \(comment)")
            #expect(result.parts[0].steps[2].status == .skipped, comment)
            #expect(world.provider.running == 0, comment)
        }
    }

    /// What was done on servers that are gone was for nothing: promised is how long it takes from the beginning on. What lives is gone on
    /// with, and what was done there counts.
    @Test(arguments: [false, true]) func theRecoveryTimeIsThatOnTheServersItEndedOn(serversLiveOn: Bool) async throws {
        let runbook = MemoryWorld.runbook.replacing(
            "  - name: Restore\n",
            with: """
                  - name: Ring
                    attempts: 2
                    backoff: 5min
                    exec: {command: [app, start, bell], rerun: safe, in_drills: run}
                  - name: Restore

                """)
        var slow = 0
        try await resumed(
            runbook, MemoryWorld.drill + "\nobjectives: {rto: 1min}\n", serversLiveOn: serversLiveOn,
            first: { $0.apps.whenNextStarted { throw Failure(.unreachable, "nobody answers") } },
            meanwhile: { $0.apps.whenNextStarted {} },
            look: { world, result, comment in
                let starts = result.parts[0].steps[2].attempts.map(\.offsetSeconds)
                let wasSlow = starts.count > 1 && starts[1] - starts[0] > 300
                if wasSlow { slow += 1 }
                let rto = try #require(result.objectives.rtoSeconds, comment)
                #expect((rto > 300) == (wasSlow && world.provider.started == 1), "\(rto), \(comment)")
                #expect(result.parts[0].rtoSeconds == rto, comment)
                #expect(result.parts[0].tookSeconds == rto, comment)
                #expect(result.outcome == (rto > 300 ? .objectiveMissed : .passed), comment)
                let provisioned = try #require(result.objectives.rtoWithProvisioningSeconds) - rto
                #expect(abs(provisioned - (result.environment.provisionings.last?.tookSeconds ?? -1)) < 0.000_001, comment)
            })
        #expect(slow > 0)
    }

    /// Half of the new servers' steps are no recovery, whatever was finished on the old ones.
    @Test func aRecoveryThatIsOnItsWayAgainHasNoTimeYet() async throws {
        let trial = MemoryWorld(given: ["app": [9, 9]])
        _ = try await trial.putBackup()
        _ = try await trial.conductor(try trial.drill(runbook: MemoryWorld.runbook)).conduct()
        let world = MemoryWorld(given: ["app": [9, 9]])
        _ = try await world.putBackup()
        let drill = try world.drill(runbook: MemoryWorld.runbook)
        func result() throws -> RunResult {
            let lines = try world.folders.lines()
            return RunResult(try RunHistory(lines, of: RunID(rawValue: "r")), journalPath: "", journalSHA256: nil)
        }
        world.folders.dies(atAppend: try trial.folders.lines().count, .beforeTheLine)
        _ = try? await world.conductor(drill).conduct()
        #expect(try result().statuses(1) == [.passed, .passed, .passed, .passed])
        #expect(try result().objectives.rtoSeconds != nil)
        world.restart()
        let run = try #require(try await world.folders.list().first)
        let session = try await RunSession.resume(run, in: world.world) { _ in [] }
        world.folders.dies(atAppend: 5, .afterTheLine)
        _ = try? await world.conductor(drill).resume(session)
        #expect(try result().statuses(1) == [.passed, .passed, .passed, .passed])
        #expect(try result().parts[0].steps.map(\.attempts.count) == [2, 1, 1, 1])
        #expect(try result().objectives.rtoSeconds == nil)
        #expect(try result().parts[0].rtoSeconds == nil)
    }
}
