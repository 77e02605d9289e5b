import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// A server that dies in the middle says why; nobody is to blame the backup for it.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(2))) struct ContainerDeathTests {
    private func death(of command: [String], memory: Int64 = 256 << 20) async throws -> Failure {
        try await EnvironmentUnderTest.docker.withPlaceReturning { place in
            var settings = try #require(place.provider as? DockerEnvironment).settings
            settings.limits.memory = memory
            let provider = EnvironmentUnderTest.provider(settings)
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let request = place.request([("db", FakeServer())])
            let environment = try await provider.start(request)
            let things = try await engine.things(labelled: "\(DockerLabels.prefix)run=\(request.run)")
            let container = try #require(things.first { $0.kind == .container })
            #expect(await environment.deaths().isEmpty)
            _ = try? await engine.execute(command, in: container.id)
            try await eventually { await !environment.deaths().isEmpty }
            let death = try #require(await environment.deaths().first)
            try await environment.stop()
            try await place.expectNothingLeft()
            return death
        }
    }

    @Test func oneThatWasKilledSaysSo() async throws {
        let death = try await death(of: ["sh", "-c", "kill -9 -1"])
        #expect(death.kind == .environmentUnavailable)
        #expect(death.problem.hasPrefix("server 'db' ended during the drill: it was killed"), "\(death.problem)")
        #expect(death.problem.contains("137") && death.hint?.contains("memory") == true)
    }

    @Test func oneThatIsRemovedByHandSaysSo() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let request = place.request([("db", FakeServer())])
            let environment = try await place.provider.start(request)
            for thing in try await engine.things(labelled: "\(DockerLabels.prefix)run=\(request.run)") where thing.kind == .container {
                try await engine.remove(thing)
            }
            #expect(await environment.deaths().first?.problem == "the container of server 'db' is gone")
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test func oneThatWantsTooMuchMemorySaysSoAndWhereTheLimitStands() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            var settings = try #require(place.provider as? DockerEnvironment).settings
            settings.limits.memory = 64 << 20
            let provider = EnvironmentUnderTest.provider(settings)
            let failure = await #expect(throws: Failure.self) { try await provider.start(place.request([("db", FakeServer(.hungry))])) }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(
                failure?.problem == "server 'db' (fake) ended while it was starting: "
                    + "it was killed because it used more than its 64 MiB of memory (status 137)")
            #expect(failure?.hint?.contains("servers: {docker: {memory: …}}") == true)
            try await place.expectNothingLeft()
        }
    }

    /// The kernel ends what is largest. Of a PostgreSQL server that is one of its sessions, and the server itself goes on.
    @Test func oneThatLivesOnWhileItsProcessesAreKilledForWantOfMemorySaysSo() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            var settings = try #require(place.provider as? DockerEnvironment).settings
            settings.limits.memory = 64 << 20
            let provider = EnvironmentUnderTest.provider(settings)
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let request = place.request([("db", FakeServer())])
            let environment = try await provider.start(request)
            let things = try await engine.things(labelled: "\(DockerLabels.prefix)run=\(request.run)")
            let container = try #require(things.first { $0.kind == .container })
            #expect(await environment.deaths().isEmpty)
            let hungry = try await engine.execute(
                ["python3", "-c", "food = []\nwhile True: food.append(bytearray(1 << 20))"], in: container.id)
            #expect(hungry.status == 137)
            #expect(try await engine.inspectContainer(container.id).isRunning)
            let death = try #require(await environment.deaths().first)
            #expect(
                death.problem.hasPrefix(
                    "server 'db' ran short of memory during the drill: its processes used more than their 64 MiB, and the kernel killed "),
                "\(death.problem)")
            #expect(death.kind == .environmentUnavailable && !death.mayPass)
            #expect(death.hint?.contains("servers: {docker: {memory: …}}") == true)
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test func tooLittleMemoryIsExplained() {
        let facts = ContainerFacts(["State": ["ExitCode": 137, "OOMKilled": true, "Running": false]])
        let end = ContainerEnd(facts, ContainerLimits(memory: 64 << 20))
        #expect(end.words == "it was killed because it used more than its 64 MiB of memory (status 137)")
        #expect(end.hint != nil)
    }
}
