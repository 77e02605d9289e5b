import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// Whoever answers is the container, or nobody.
@Suite(.timeLimit(.minutes(1))) struct DockerDoorTests: DockerMishaps {
    @Test func aContainerThatEndsAtOnceIsNotTakenForWhatListensOnItsPortHere() async throws {
        try await withListener { port in
            let engine = FakeContainers()
            engine.state.withLock { $0.endAtOnce = true }
            try await engine.with { _, provider, connection in
                let server = TrustingServer(port: port)
                let failure = await #expect(throws: Failure.self) {
                    try await provider.start(request(server), Self.published, connection)
                }
                #expect(failure?.kind == .environmentUnavailable)
                #expect(failure?.problem == "server 'db' (trusting) ended while it was starting: it exited with status 3")
                #expect(server.asked == [])
                #expect(server.settled == [])
                #expect(engine.things == [])
            }
        }
    }

    @Test(arguments: ["nowhere", "everywhere", "twice"]) func aPortThatIsNotPublishedAsAskedForIsNotUsed(how: String) async throws {
        try await withListener { port in
            let engine = FakeContainers()
            let (bindings, words): ([JSONValue], String) =
                switch how {
                case "nowhere": ([], "server 'db' (trusting) cannot be reached: its port \(port) is published nowhere")
                case "twice":
                    (
                        [Self.binding(port), Self.binding(port + 1)],
                        "server 'db' (trusting) cannot be reached: its port \(port) is not published on 127.0.0.1 alone: "
                            + "127.0.0.1:\(port), 127.0.0.1:\(port + 1)"
                    )
                default: ([Self.binding(port, on: "0.0.0.0")], "its port can be reached from elsewhere than this machine")
                }
            engine.state.withLock { $0.bindings = .array(bindings) }
            try await engine.with { _, provider, connection in
                let server = TrustingServer(port: port)
                let failure = await #expect(throws: Failure.self) {
                    try await provider.start(request(server), Self.published, connection)
                }
                #expect(failure?.kind == .environmentUnavailable)
                #expect(failure?.problem.contains(words) == true, "\(failure?.problem ?? "")")
                #expect(server.asked == [])
                #expect(engine.things == [])
            }
        }
    }

    @Test func aContainerWithoutAnAddressInANetworkThatWeJoinedIsNotLookedForHere() async throws {
        let facts = ContainerFacts(["State": ["Running": true], "NetworkSettings": ["Networks": ["drill": ["IPAddress": ""]]]])
        await #expect(throws: ContainerDoor.Nowhere.self) {
            try await ContainerDoor.open(to: facts, port: 5432, .joined(container: "us"), DrillNetwork(id: "n", name: "drill"))
        }
    }

    /// It died while somebody else took its login: nothing is set there.
    @Test func whoAnswersInPlaceOfADeadContainerIsToldNothing() async throws {
        try await withListener { port in
            // Its end is not noticed.
            let engine = FakeContainers { call, engine in
                if call.hasSuffix("/wait") { engine.state.wait { $0.isClosed } }
                return nil
            }
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            try await engine.with { _, provider, connection in
                let server = TrustingServer(whenAsked: {
                    engine.state.withLock { state in
                        for name in state.containers.keys { state.containers[name]?.isRunning = false }
                    }
                })
                let failure = await #expect(throws: Failure.self) {
                    try await provider.start(request(server), Self.published, connection)
                }
                #expect(failure?.problem == "server 'db' (trusting) ended while it was starting: it exited with status 3")
                #expect(server.settled == [])
                #expect(engine.things == [])
            }
        }
    }
}
