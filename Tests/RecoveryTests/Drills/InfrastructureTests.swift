import Documents
import Recovery
import TestSupport
import Testing

/// What a drill stands on comes and goes: then it begins again, and only its last life is told.
@Suite(.timeLimit(.minutes(1))) struct InfrastructureTests {
    private func failure(_ words: String) -> Failure { Failure(.environmentUnavailable, words) }

    private func conduct(_ world: MemoryWorld) async throws -> RunSession.Ended {
        _ = try await world.putBackup()
        let drill = MemoryWorld.drill + "\nnotify: {to: ops, when: always}"
        return try await world.conductor(world.drill(runbook: MemoryWorld.runbook, drill: drill)).conduct()
    }

    private func starts(_ world: MemoryWorld) -> Int { world.faults.calls.count { $0 == "environment start" } }

    @Test func anEngineThatIsBusyIsAskedAgain() async throws {
        let world = MemoryWorld()
        world.faults.fail(.environment, call: 1, with: failure("the engine restarts").passing)
        let ended = try await conduct(world)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(starts(world) == 2)
        #expect(world.provider.running == 0)
    }

    @Test func afterThreeAttemptsItIsOver() async throws {
        let world = MemoryWorld()
        world.faults.fail(.environment, call: 1, with: failure("the engine is away").passing, .beforeTheEffect, .forGood)
        let ended = try await conduct(world)
        #expect(ended.result.outcome == .broke(.environmentUnavailable))
        #expect(ended.result.exitCode == 69)
        #expect(ended.result.failure?.problem == "the engine is away")
        #expect(starts(world) == 3)
    }

    @Test func whatDoesNotPassByItselfIsNotTriedAgain() async throws {
        let world = MemoryWorld()
        world.faults.fail(.environment, call: 1, with: failure("there is no such image"))
        let ended = try await conduct(world)
        #expect(ended.result.exitCode == 69)
        #expect(starts(world) == 1)
    }

    @Test func aServerThatWasTakenAwayIsNoFaultOfTheBackup() async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        world.provider.loseServers(after: "drop app", times: 1, because: failure("somebody has removed the server").passing)
        let ended = try await conduct(world)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(ended.result.exitCode == 0)
        #expect(world.provider.started == 2)
        #expect(world.provider.running == 0)
        #expect(world.provider.last?.databases == ["app": [1, 2, 3]])
        #expect(world.store.keys.contains { $0.contains("-proof-") }, "its second life has proven the backup")
        #expect(world.notices.sent == ["ops: passed"], "of its first life nobody was told")
        #expect(ended.result.notices == ["somebody has removed the server; the drill begins again with new servers in 2 s"])
    }

    @Test func serversThatAreTakenAwayAgainAndAgainEndTheDrillAsSuch() async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        world.provider.loseServers(after: "drop app", times: 9, because: failure("somebody has removed the server").passing)
        let ended = try await conduct(world)
        #expect(ended.result.exitCode == 69)
        #expect(ended.result.failure?.problem == "somebody has removed the server")
        #expect(world.provider.started == 3)
        #expect(world.provider.running == 0)
        #expect(world.notices.sent == ["ops: broke"])
        #expect(!world.store.keys.contains { $0.contains("/notes/") })
    }

    @Test func aServerThatDiedOfWhatWasRestoredIsNotTriedAgain() async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        world.provider.loseServers(after: "drop app", times: 9, because: failure("the server ran out of memory"))
        let ended = try await conduct(world)
        #expect(ended.result.exitCode == 69)
        #expect(ended.result.failure?.problem == "the server ran out of memory")
        #expect(world.provider.started == 1)
    }

    /// Who says how much may be taken relies on it.
    @Test func aDiskThatCannotBeMeasuredRefusesADrillThatIsLimited() async throws {
        let world = MemoryWorld()
        world.provider.hidesDisk(within: DiskLimits(most: 1 << 30))
        let ended = try await conduct(world)
        #expect(ended.result.exitCode == 69)
        #expect(
            ended.result.failure?.problem == "what the drill's servers take of their disk cannot be measured, and `disk:` is to limit it")
        #expect(world.provider.running == 0)
        #expect(!world.faults.calls.contains { $0.hasPrefix("server drop") })
    }

    @Test func aDiskThatCannotBeMeasuredIsSaidInTheReport() async throws {
        let world = MemoryWorld()
        world.provider.hidesDisk(within: DiskLimits())
        let ended = try await conduct(world)
        #expect(ended.result.outcome == .passed)
        let words = "what the drill's servers take of their disk cannot be measured: nothing ends the drill before that disk is full"
        #expect(ended.result.notices == [words])
        #expect(world.progress.warnings == [words])
    }

    /// A drill that died between two steps.
    private func cutOff(_ world: MemoryWorld) async throws -> (drill: Drill, session: RunSession) {
        _ = try await world.putBackup()
        let drill = try world.drill(runbook: MemoryWorld.runbook)
        let trial = MemoryWorld()
        _ = try await trial.putBackup()
        _ = try await trial.conductor(trial.drill(runbook: MemoryWorld.runbook)).conduct()
        let place = try #require(
            trial.folders.lines().lastIndex { line in
                if case .stepStarted = line.event { true } else { false }
            })
        world.folders.dies(atAppend: place + 1, .beforeTheLine)
        _ = try? await world.conductor(drill).conduct()
        #expect(world.folders.isDead)
        world.restart()
        let run = try #require(try await world.folders.list().last)
        return (drill, try await RunSession.resume(run, in: world.world) { _ in [] })
    }

    /// What they need was got long ago, and where it came from may be what is down.
    @Test func serversThatLiveNeedNothingToBeGotAgain() async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        world.provider.survives()
        let (drill, session) = try await cutOff(world)
        let prepared = world.provider.prepared
        let ended = try await world.conductor(drill).resume(session)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.provider.prepared == prepared)
        #expect(starts(world) == 1)
        #expect(world.provider.running == 0)
    }

    @Test func serversThatDiedNeedItAgain() async throws {
        let world = MemoryWorld(given: ["app": [9, 9]])
        let (drill, session) = try await cutOff(world)
        let prepared = world.provider.prepared
        let ended = try await world.conductor(drill).resume(session)
        #expect(ended.result.outcome == .passed, "\(ended.result.failure?.problem ?? "")")
        #expect(world.provider.prepared == prepared + 1)
        #expect(starts(world) == 2)
    }

    @Test func serversThatCannotBeKeptAreNotPromised() async throws {
        let world = MemoryWorld()
        _ = try await world.putBackup()
        let drill = try world.drill(runbook: MemoryWorld.runbook)
        let failure = await #expect(throws: Failure.self) { try await world.conductor(drill, .init(keep: .seconds(60))).conduct() }
        #expect(failure?.kind == .usage)
        #expect(failure?.problem == "--keep: the drill's servers would be of the kind 'memory', which end with the drill")
        #expect(failure?.hint == "start it with --environment docker, or without --keep")
        #expect(try await world.folders.list() == [])
        #expect(starts(world) == 0)
    }
}
