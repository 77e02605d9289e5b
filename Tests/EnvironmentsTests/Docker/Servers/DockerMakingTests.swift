import Bindings
import Dispatch
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// Names that are taken, and what an engine makes for somebody who does not wait.
@Suite(.timeLimit(.minutes(1))) struct DockerMakingTests: DockerMishaps {
    @Test(arguments: ["POST /networks/create", "POST /containers/create"]) func aNameThatIsTakenIsReplacedByAnother(call: String)
        async throws
    {
        try await withListener { port in
            let clashes = Mutex(2)
            let engine = FakeContainers { made, _ in
                guard made == call,
                    clashes.withLock({
                        $0 -= 1
                        return $0 >= 0
                    })
                else { return nil }
                return HTTPServerResponse(409, #"{"message": "the name is already in use"}"#)
            }
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            try await engine.with { docker, provider, connection in
                let environment = try await provider.start(request(TrustingServer()), Self.published, connection)
                let names = docker.requests.filter { "\($0.method) \($0.path.dropFirst("/v1.41".count))" == call }.map { request in
                    request.query.first { $0.name == "name" }?.value ?? (try? JSONValue(parsing: request.body))?["Name"]?.string ?? ""
                }
                #expect(Set(names).count == 3)
                try await environment.stop()
                #expect(engine.things == [])
            }
        }
    }

    @Test func aNameThatIsTakenAgainAndAgainEndsTheStartAndLeavesNothing() async throws {
        let engine = FakeContainers { call, _ in
            call == "POST /containers/create" ? HTTPServerResponse(409, #"{"message": "the name is already in use"}"#) : nil
        }
        try await engine.with { _, provider, connection in
            let failure = await #expect(throws: Failure.self) {
                try await provider.start(request(TrustingServer()), Self.published, connection)
            }
            #expect(failure?.problem.contains("the container engine refused") == true)
            #expect(engine.things == [])
        }
    }

    @Test(arguments: ["POST /networks/create", "POST /volumes/create", "POST /containers/create"])
    func cancellingWhileSomethingIsBeingMadeLeavesNothing(call: String) async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        // The engine is still at work on it when nobody wants it any more.
        let isCancelled = DispatchSemaphore(value: 0)
        let engine = FakeContainers { made, _ in
            guard made == call else { return nil }
            begin.yield()
            isCancelled.wait()
            isCancelled.signal()
            return nil
        }
        try await engine.with { _, provider, connection in
            let start = Task { try await provider.start(request(TrustingServer()), Self.published, connection) }
            _ = await begun.first { true }
            start.cancel()
            isCancelled.signal()
            await #expect(throws: CancellationError.self) { try await start.value }
            #expect(engine.things == [])
        }
    }

    /// Somebody cleans up between the two: then the engine makes the volume for the container, and would make it nobody's.
    @Test func aVolumeThatTheEngineMakesAnewIsOursToo() async throws {
        let seen = Mutex<[String]>([])
        let engine = FakeContainers { call, engine in
            if call == "POST /containers/create" { engine.state.withLock { $0.volumes = [:] } }
            if call.hasSuffix("/start") { seen.withLock { $0 = engine.things } }
            return nil
        }
        engine.state.withLock { $0.endAtOnce = true }
        try await engine.with { _, provider, connection in
            _ = try? await provider.start(request(TrustingServer()), Self.published, connection)
            #expect(engine.things == [])
        }
        let things = seen.withLock { $0 }
        #expect(things.count == 3)
        #expect(things.allSatisfy { !$0.hasSuffix("!") }, "\(things)")
    }

    /// The engine has more to do than it says at once.
    @Test func whatAppearsDuringTheCleanUpGoesToo() async throws {
        let late = Mutex(false)
        let engine = FakeContainers { call, engine in
            guard call.hasPrefix("DELETE /networks/"),
                !late.withLock({
                    let was = $0
                    $0 = true
                    return was
                })
            else { return nil }
            engine.state.withLock { state in
                guard let labels = state.networks.values.first?.body["Labels"] else { return }
                state.volumes["lifeboat-late"] = FakeContainers.Thing(id: "lifeboat-late", body: ["Labels": labels])
            }
            return nil
        }
        engine.state.withLock { $0.endAtOnce = true }
        try await engine.with { _, provider, connection in
            _ = try? await provider.start(request(TrustingServer()), Self.published, connection)
            #expect(late.withLock { $0 })
            #expect(engine.things == [])
        }
    }
}
