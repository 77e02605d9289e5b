import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// Environments that are kept for a look.
@Suite(.timeLimit(.minutes(1))) struct DockerKeptTests: DockerMishaps {
    private static let elsewhere = Owner(host: "elsewhere.internal", pid: 1, processStart: 1)

    /// From the process that made them, and from the containers of others, where nobody can tell who is alive.
    @Test(arguments: [false, true]) func whatIsKeptStaysUntilItsTimeIsUpAndNoLonger(isElsewhere: Bool) async throws {
        try await withListener { port in
            let engine = FakeContainers()
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            let (time, maker) = (InstantTime(), isElsewhere ? Self.elsewhere : Owner.us)
            try await engine.with(time: time, owner: maker) { docker, provider, connection in
                let request = request(TrustingServer(), keep: .seconds(7200))
                let environment = try await provider.start(request, Self.published, connection)
                let others = EnvironmentUnderTest.provider(provider.settings, time: time)
                // While it lives nothing of it is anybody's, whatever the time.
                #expect(try await others.kept(sparing: []) == [])
                #expect(try await others.leftovers(sparing: []) == [])
                let ways = environment.waysIn
                #expect(ways.count == 1)
                #expect(ways.first?.contains("is kept until \(time.now.advanced(bySeconds: 7200).text.prefix(16))") == true, "\(ways)")

                try await environment.stop()
                try await environment.stop()
                let things = engine.things
                #expect(things.count == 4, "\(things)")
                #expect(try await others.leftovers(sparing: []) == [])
                #expect(try await others.kept(sparing: [request.run]) == [])
                let kept = try await others.kept(sparing: [])
                #expect(kept.count == 4)
                #expect(kept.allSatisfy { $0.words.contains("kept until ") })

                try await time.sleep(for: .seconds(7300))
                #expect(try await others.kept(sparing: []) == [])
                #expect(try await others.leftovers(sparing: [request.run]) == [])
                let left = try await others.leftovers(sparing: [])
                #expect(left.count == 4)
                for leftover in left { try await others.remove(leftover) }
                #expect(engine.things == [])
            }
        }
    }

    @Test func whatIsKeptIsRemovedBeforeItsTimeWhenSomebodySaysSo() async throws {
        try await withListener { port in
            let engine = FakeContainers()
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            let time = InstantTime()
            try await engine.with(time: time, owner: Self.elsewhere) { docker, provider, connection in
                let environment = try await provider.start(
                    request(TrustingServer(), keep: .seconds(7200)), Self.published, connection)
                try await environment.stop()
                let others = EnvironmentUnderTest.provider(provider.settings, time: time)
                for leftover in try await others.kept(sparing: []) { try await others.remove(kept: leftover) }
                #expect(engine.things == [])
            }
        }
    }

    /// One that was interrupted goes on with them, and is not over then.
    @Test func whatIsKeptAndTakenOverAgainIsNobodyElses() async throws {
        try await withListener { port in
            let engine = FakeContainers()
            engine.state.withLock { $0.bindings = [Self.binding(port)] }
            let time = InstantTime()
            try await engine.with(time: time) { docker, provider, connection in
                let request = request(TrustingServer(), keep: .seconds(7200))
                try await provider.start(request, Self.published, connection).stop()
                let adopted = try #require(try await provider.adopt(request, Self.published, connection))
                #expect(engine.things.count == 3)
                try await time.sleep(for: .seconds(7300))
                let others = EnvironmentUnderTest.provider(provider.settings, time: time)
                #expect(try await others.leftovers(sparing: []) == [])
                try await adopted.stop()
                #expect(engine.things.count == 4)
                #expect(try await others.kept(sparing: []).count == 4)
            }
        }
    }
}
