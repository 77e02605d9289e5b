import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// An environment ends, whatever the engine does meanwhile.
@Suite(.timeLimit(.minutes(1))) struct DockerEndTests: DockerMishaps {
    @Test func anEngineThatIsAwayAtTheEndIsAskedAgain() async throws {
        try await withListener { port in
            let refusals = Mutex(0)
            let engine = FakeContainers { call, _ in
                guard call == "GET /containers/json",
                    refusals.withLock({
                        $0 -= 1
                        return $0 >= 0
                    })
                else { return nil }
                return HTTPServerResponse(503, #"{"message": "the engine is shutting down"}"#)
            }
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            let time = InstantTime()
            try await engine.with(time: time) { _, provider, connection in
                let environment = try await provider.start(request(TrustingServer()), Self.published, connection)
                refusals.withLock { $0 = 2 }
                let before = time.uptime
                try await environment.stop()
                #expect(engine.things == [])
                #expect(time.uptime - before > .seconds(10))

                let again = try await provider.start(request(TrustingServer()), Self.published, connection)
                refusals.withLock { $0 = 3 }
                let failure = await #expect(throws: Failure.self) { try await again.stop() }
                #expect(failure?.mayPass == true)
                try await again.stop()
                #expect(engine.things == [])
            }
        }
    }

    @Test func whatAFailedStartCouldNotRemoveIsTold() async throws {
        let engine = FakeContainers { call, _ in
            call.hasPrefix("DELETE /networks/") ? HTTPServerResponse(500, #"{"message": "device is busy"}"#) : nil
        }
        engine.state.withLock { $0.endAtOnce = true }
        try await engine.with { _, provider, connection in
            let leaving = Mutex<[Failure]>([])
            let failure = await #expect(throws: Failure.self) {
                try await Started(provider: provider, way: Self.published, engine: connection).withEnvironment(
                    request(TrustingServer()), whenLeaving: { failure in leaving.withLock { $0.append(failure) } }, use: { _ in })
            }
            #expect(failure?.problem == "server 'db' (trusting) ended while it was starting: it exited with status 3")
            let told = leaving.withLock { $0 }
            #expect(told.count == 1)
            #expect(told.first?.problem.hasPrefix("could not remove network lifeboat-20261120T020000Z-mishap-1-1-") == true)
            #expect(told.first?.causes.last == "device is busy")
        }
    }

    @Test func strangersAreNotPutOutOfANetwork() async throws {
        try await withListener { port in
            let engine = FakeContainers()
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            try await engine.with { docker, provider, connection in
                let environment = try await provider.start(request(TrustingServer()), Self.published, connection)
                engine.state.withLock { state in
                    for name in state.networks.keys {
                        state.networks[name]?.members = [
                            "aaaaaaaaaaaa": ("ci-runner", ["lifeboat-visitor"]), "bbbbbbbbbbbb": ("adminer", ["adminer"]),
                        ]
                    }
                }
                let failure = await #expect(throws: Failure.self) { try await environment.stop() }
                #expect(failure?.problem.hasPrefix("could not remove network lifeboat-") == true)
                #expect(failure?.causes.first?.contains("is still in use by adminer, which lifeboat did not put there") == true)
                #expect(failure?.advice?.contains("docker network disconnect") == true, "\(failure?.advice ?? "")")
                #expect(engine.state.withLock { $0.networks.values.first?.members.map(\.value.name) } == ["adminer"])
                engine.state.withLock { state in
                    for name in state.networks.keys { state.networks[name]?.members = [:] }
                }
                try await environment.stop()
                #expect(engine.things == [])
            }
        }
    }
}
