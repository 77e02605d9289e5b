import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// What runs in a drill's container reaches nothing: tried from inside, with the program that somebody who broke in would write.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(2))) struct IsolationTests {
    /// Says which of its arguments (`ADDRESS PORT`) it could connect to.
    private static let script = """
        import socket, sys
        for target in sys.argv[1:]:
            address, port = target.split()
            try:
                socket.create_connection((address, int(port)), timeout=1).close()
                print(target)
            except OSError: pass
        """

    private func reached(_ targets: [String], from service: String, of run: String, _ engine: DockerEngine) async throws -> [String] {
        let container = try #require(
            try await engine.things(labelled: "\(DockerLabels.prefix)run=\(run)").first {
                $0.kind == .container && DockerLabels.service($0.labels) == service
            })
        let answer = try await engine.execute(["python3", "-c", Self.script] + targets, in: container.id)
        #expect(answer.status == 0, "\(answer.errors)")
        return answer.output.split(separator: "\n").map(String.init)
    }

    @Test(.requires(UserAccount.current.uid == 0 ? nil : "only root enters the networks of containers"))
    func neitherTheMachineNorAnotherDrillIsReached() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let one = place.request([("db", FakeServer()), ("other", FakeServer())], run: "20261120T020000Z-one")
            let two = place.request([("db", FakeServer())], run: "20261120T020000Z-two")
            let environments = [try await place.provider.start(one), try await place.provider.start(two)]
            #expect(environments[0].isolation?.hasSuffix("they reach each other and nothing else") == true)

            let door = try OpenDoor()
            let machine = Machine.addresses.map { "\($0) \(door.port)" }
            #expect(!machine.isEmpty)
            let foreign = try await engine.things(labelled: "\(DockerLabels.prefix)run=\(two.run)").filter { $0.kind == .container }
            let neighbours = try await engine.inspectContainer(try #require(foreign.first).id).networks.values.map { "\($0) 8099" }
            let gateways = try await engine.things(labelled: "\(DockerLabels.prefix)run=\(one.run)").filter { $0.kind == .network }
            let gateway = try await engine.gateways(ofNetwork: try #require(gateways.first).id).map { "\($0) \(door.port)" }
            #expect(try await reached(machine + neighbours + gateway + ["1.1.1.1 53"], from: "db", of: one.run.rawValue, engine) == [])
            // The probe is no blind one: it reaches its own server, and the other one of its drill.
            #expect(try await reached(["127.0.0.1 8099"], from: "db", of: one.run.rawValue, engine) == ["127.0.0.1 8099"])
            #expect(try await reached(["other 8099"], from: "db", of: one.run.rawValue, engine) == ["other 8099"])
            for environment in environments { try await environment.stop() }
            try await place.expectNothingLeft()
        }
    }

    private static let published = DockerWay.published(on: "127.0.0.1", at: "127.0.0.1")

    @Test func withPublishedPortsTheMachineIsReachedAndThatIsSaid() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let provider = try #require(place.provider as? DockerEnvironment)
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let environment = try await provider.start(place.request([("db", FakeServer())]), Self.published, engine)
            #expect(try await !FakeServer.ask(try #require(environment.servers["db"]).address).isEmpty)
            #expect(environment.isolation?.contains("they reach services of the machine") == true, "\(environment.isolation ?? "")")
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test func requiredIsolationRefusesThat() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            var settings = try #require(place.provider as? DockerEnvironment).settings
            settings.requiresSealing = true
            let provider = EnvironmentUnderTest.provider(settings)
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let failure = await #expect(throws: Failure.self) {
                try await provider.start(place.request([("db", FakeServer())]), Self.published, engine)
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem.contains("could reach this machine") == true)
            try await place.expectNothingLeft()
        }
    }

    /// Lifeboat in a container: another one stands for it, and all that it would do from there is done from there.
    @Test func whoIsAContainerJoinsTheDrillsNetworkAndIsTheOnlyOneToReachIt() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            var settings = try #require(place.provider as? DockerEnvironment).settings
            settings.requiresSealing = true
            let provider = EnvironmentUnderTest.provider(settings)
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let us = try await engine.createContainer(
                named: "lifeboat-test-us-\(randomHex(8))",
                ["Image": .string(TestDocker.python), "Cmd": ["sleep", "1000"], "HostConfig": ["Init": true]])
            let outcome: Result<Void, any Error>
            do {
                try await engine.startContainer(us)
                var request = place.request([])
                request.servers = [("db", JoinedServer(us: us, engine: engine))]
                let environment = try await provider.start(request, .joined(container: us), engine)
                let address = try #require(environment.servers["db"]?.address)
                let container = try #require(environment.servers["db"]?.container)
                #expect(try await engine.inspectContainer(container).networks.values.contains(address.host))
                #expect(address.port == 8099)
                #expect(
                    environment.isolation?.hasSuffix("they reach each other and nothing else") == true, "\(environment.isolation ?? "")")
                try await environment.stop()
                outcome = .success(())
            } catch { outcome = .failure(error) }
            try await uncancelledThrowing { try await engine.removeContainer(us) }
            try outcome.get()
            try await place.expectNothingLeft()
        }
    }

    /// What the machine asks for names is not asked by way of the engine either.
    @Test func namesOutsideAreNotAskedForButThoseOfTheDrillAre() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let request = place.request([("db", FakeServer()), ("other", FakeServer())])
            let environment = try await place.provider.start(request)
            let container = try #require(environment.servers["db"]?.container)
            #expect(try await engine.inspectContainer(container).hostConfiguration["Dns"] == ["127.0.0.1"])
            let ask = "import socket, sys; print(socket.gethostbyname(sys.argv[1]))"
            #expect(try await engine.execute(["python3", "-c", ask, "other"], in: container).status == 0)
            #expect(try await engine.execute(["python3", "-c", ask, "example.com"], in: container).status != 0)
            try await environment.stop()
        }
    }

    /// An engine that is asked over the network publishes where everybody may come.
    @Test func portsThatAreOpenToAllAreSaidAndForbiddenWhereSealingIsRequired() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let provider = try #require(place.provider as? DockerEnvironment)
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let everywhere = DockerWay.published(on: "", at: "127.0.0.1")
            let environment = try await provider.start(place.request([("db", FakeServer())]), everywhere, engine)
            #expect(environment.isolation?.contains("their ports are open on all addresses of the engine's machine (127.0.0.1)") == true)
            try await environment.stop()

            var settings = provider.settings
            settings.requiresSealing = true
            let sealing = EnvironmentUnderTest.provider(settings)
            let failure = await #expect(throws: Failure.self) {
                try await sealing.start(place.request([("db", FakeServer())]), everywhere, engine)
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem.hasPrefix("`isolation: required` forbids a drill on this engine: their ports are open") == true)
            try await place.expectNothingLeft()
        }
    }
}

/// The same server, asked from where Lifeboat is said to be.
private struct JoinedServer: ServerRecipe {
    let engine = EngineName("fake")
    let us: String
    let docker: DockerEngine

    init(us: String, engine: DockerEngine) {
        self.us = us
        docker = engine
    }

    func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "this one is for containers") }
    func containerPlan(in place: ContainerPlace) throws -> ContainerPlan { try FakeServer().containerPlan(in: place) }

    func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
        let url = "http://\(address.text)/" + (address.password?.reveal { $0 } ?? "")
        let ask = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)"
        let deadline = time.uptime + limit
        while time.uptime < deadline {
            if try await docker.execute(["python3", "-c", ask, url], in: us).status == 0 {
                return ServerIdentity(version: "1", system: nil, standIn: false)
            }
        }
        throw Failure(.timedOut, "it was not reached from the container that joined")
    }
}
