import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// What an interrupted run has left is taken over, if it is as it would be made.
@Suite(.timeLimit(.minutes(1))) struct DockerAdoptionTests: DockerMishaps {
    private func adopting(
        settings: [JSONValue.Member] = [], apps: [(name: String, recipe: AppRecipe)] = [],
        _ check: (FakeContainers, DockerEnvironment, Result<DockerServers?, any Error>) async throws -> Void
    ) async throws {
        try await withListener { port in
            let engine = FakeContainers()
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            try await engine.with { _, provider, connection in
                _ = try await provider.start(request(TrustingServer()), Self.published, connection)
                #expect(try await provider.lives(request(TrustingServer())))
                engine.state.withLock { $0.settings = settings }
                let adopted: Result<DockerServers?, any Error>
                do {
                    adopted = .success(try await provider.adopt(request(TrustingServer(), apps: apps), Self.published, connection))
                } catch { adopted = .failure(error) }
                try await check(engine, provider, adopted)
            }
        }
    }

    @Test func serversThatLiveAreTakenOverAndMeasuredAgain() async throws {
        try await adopting { engine, provider, adopted in
            let environment = try #require(try adopted.get())
            #expect(environment.isolation?.hasPrefix(provider.isolation + "; measured from inside: ") == true)
            try await environment.stop()
            #expect(engine.things == [])
            #expect(try await !provider.lives(request(TrustingServer())))
        }
    }

    @Test(arguments: [("Privileged", true), ("CapAdd", ["SYS_ADMIN"]), ("Memory", 0)] as [(String, JSONValue)])
    func serversThatAreNotConfinedAsTheyWouldBeAreNotTakenOver(key: String, value: JSONValue) async throws {
        try await adopting(settings: [.init(key, value)]) { engine, _, adopted in
            let environment = try adopted.get()
            #expect(environment?.servers.keys.sorted() == nil)
            #expect(engine.things == [])
        }
    }

    @Test func anAdoptionWhoseApplicationFailsLeavesNothing() async throws {
        let recipe = AppRecipe(command: CommandSpec("/bin/sh", ["-c", "echo no database; exit 7"]), uses: "db", healthPath: "/health")
        try await adopting(apps: [("shop", recipe)]) { engine, _, adopted in
            let failure = #expect(throws: Failure.self) { try adopted.get() }
            #expect(failure?.kind == .application)
            #expect(engine.things == [])
        }
    }
}
