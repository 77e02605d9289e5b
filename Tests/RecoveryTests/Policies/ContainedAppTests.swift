import Documents
import Recovery
import TestSupport
import Testing

/// Applications that are containers are stopped, started and looked at through the engine.
@Suite(.timeLimit(.minutes(1))) struct ContainedAppTests {
    private static let commands = """
        shop:
            stop: {command: [app, stop, shop]}
            start: {command: [app, start, shop]}
            healthy: {command: [app, healthy, shop]}
            running: {command: [app, running, shop]}
        """

    private func configuration(_ app: String) -> String { MemoryWorld.configuration.replacing(Self.commands, with: "shop: \(app)") }

    private func app(_ text: String, in world: MemoryWorld) throws -> any AppControl {
        let document = try #require(try world.places(configuration(text)).configuration.apps.entries.first?.value)
        return world.world.control(of: "shop", document)
    }

    private func mistakes(_ app: String) throws -> [String] {
        do { _ = try Document(configuration(app), name: "lifeboat.yaml").read(as: ConfigurationDocument.self) } catch {
            return error.diagnostics.map { $0.problem + ($0.hint.map { " (\($0))" } ?? "") }
        }
        return []
    }

    private static let web = ContainerStanding(id: "1", name: "web", state: .running, health: .healthy)
    private static let worker = ContainerStanding(id: "2", name: "worker", state: .running)

    @Test func theRecoveryStopsThemInOrderAndStartsThemInTheOppositeOne() async throws {
        let world = try await MemoryWorld.real()
        world.containers.put(Self.web, Self.worker)
        let ended = try await world.run(world.request(), configuration("{containers: [web, worker]}")).conduct { _ in }
        #expect(ended.result.outcome == .passed)
        #expect(world.containers.acts == ["stop web", "stop worker", "start worker", "start web"])
        let notes = ended.result.parts.flatMap(\.steps).filter { $0.kind.hasPrefix("app.") }.map(\.notes)
        #expect(
            notes == [
                ["container web has ended with status 0", "container worker has ended with status 0"],
                ["container web runs and is healthy; container worker runs, and has no health check that says more"],
            ])
    }

    @Test func oneThatGoesOnRunningStopsTheRecoveryBeforeTheDrop() async throws {
        let world = try await MemoryWorld.real()
        world.containers.put(Self.web, Self.worker)
        world.containers.doesNotStop("worker")
        let ended = try await world.run(world.request(), configuration("{containers: [web, worker]}")).conduct { _ in }
        #expect(ended.result.outcome == .broke(.application))
        #expect(world.production.databases == ["app": [9, 9]])
    }

    @Test func oneThatIsNotThereIsMissingInThePlanAndStopsTheRecovery() async throws {
        let world = try await MemoryWorld.real()
        let run = try world.run(world.request(), configuration("{container: wbe}"))
        #expect(try await run.plan().missing == ["application 'shop': there is no container 'wbe'"])
        #expect(try await run.conduct { _ in }.result.outcome == .broke(.application))
        #expect(world.production.databases == ["app": [9, 9]])
    }

    @Test func anEngineThatDoesNotAnswerIsNoFaultOfTheApplication() async throws {
        let world = try await MemoryWorld.real()
        world.containers.engineStops()
        let run = try world.run(world.request(), configuration("{container: web}"))
        #expect(try await run.plan().missing == ["the containers of application 'shop' cannot be reached"])
        #expect(try await run.conduct { _ in }.result.outcome == .broke(.environmentUnavailable))
    }

    @Test func thePlanSaysHowTheyStand() async throws {
        let world = try await MemoryWorld.real()
        world.containers.put(ContainerStanding(id: "1", name: "web", state: .ended, exitCode: 3))
        let plan = try await world.run(world.request(), configuration("{container: web}")).plan()
        #expect(plan.containers == ["shop": "container web has ended with status 3"])
        #expect(plan.missing == [])
        #expect(world.containers.acts == [])
    }

    @Test func whatRunsIsNotStartedAndWhatHasEndedIsNotStopped() async throws {
        let world = MemoryWorld()
        world.containers.put(Self.web, ContainerStanding(id: "2", name: "worker", state: .ended))
        let app = try app("{containers: [web, worker]}", in: world)
        try await app.start()
        #expect(world.containers.acts == ["start worker"])
        world.containers.put(ContainerStanding(id: "2", name: "worker", state: .restarting))
        try await app.stop()
        #expect(world.containers.acts == ["start worker", "stop web", "stop worker"], "what is about to be started again is stopped too")
        #expect(try await app.isRunning() == false)
    }

    @Test func servicesOfAProjectAreFoundByIt() async throws {
        let world = MemoryWorld()
        world.containers.put(ContainerStanding(id: "1", name: "library-web-1", state: .running))
        try await app("{compose: library, services: [web]}", in: world).stop()
        #expect(world.containers.acts == ["stop library-web-1"])
    }

    @Test func itsOwnCheckCountsAndNothingIsHealthyThatDoesNotRun() async throws {
        let world = MemoryWorld()
        let app = try app("{container: web, healthy: {command: [app, healthy, shop]}}", in: world)
        world.containers.put(Self.web)
        #expect(try await app.health() == .unhealthy("app exited with status 1"))
        world.apps.somebodyStarts("shop")
        #expect(try await app.health() == .healthy("app exited with status 0"))
        world.containers.put(ContainerStanding(id: "1", name: "web", state: .restarting, exitCode: 1))
        #expect(
            try await app.health() == .unhealthy("container web ended with status 1 and is about to be started again"))
    }

    @Test(arguments: [
        (ContainerStanding.Health.none, AppHealth.running("container web runs, and has no health check that says more")),
        (.starting, .unhealthy("container web runs, and its health check has not said yes yet: no answer")),
        (.healthy, .healthy("container web runs and is healthy")),
        (.unhealthy, .unhealthy("the health check of container web fails: no answer")),
    ])
    func withoutOneItsOwnHealthCheckCounts(health: ContainerStanding.Health, says: AppHealth) async throws {
        let world = MemoryWorld()
        world.containers.put(ContainerStanding(id: "1", name: "web", state: .running, health: health, remark: "no answer"))
        #expect(try await app("{container: web}", in: world).health() == says)
    }

    @Test func whatComesBackWithTheEngineIsSaid() async throws {
        let world = MemoryWorld()
        world.containers.put(ContainerStanding(id: "1", name: "web", state: .ended, exitCode: 137, startsWithEngine: true))
        #expect(
            try await app("{container: web}", in: world).remarksWhenStopped() == [
                "container web was killed (status 137); its restart policy brings it back when the engine itself is started anew"
            ])
    }

    @Test func whatCannotBeMeantIsRefused() throws {
        #expect(try mistakes("{container: a/b}").first?.hasPrefix("'a/b' is not the name of a container") == true)
        #expect(try mistakes("{containers: []}") == ["'containers' has to be a list of at least 1, found a list"])
        #expect(
            try mistakes("{container: web, stop: {command: [x]}}").first?.contains("container") == true, "one way of stopping is enough")
        #expect(try mistakes("{container: web, running: {command: [x]}}").first?.hasPrefix("unknown key 'running'") == true)
        #expect(try mistakes("{compose: library}").first?.hasPrefix("missing key 'services'") == true)
        #expect(try mistakes("{container: web}") == [])
    }
}
