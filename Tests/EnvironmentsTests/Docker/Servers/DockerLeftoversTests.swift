import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Who is dead leaves nothing, who lives keeps what is his, and what is nobody's is never touched.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(2))) struct DockerLeftoversTests {
    private let dead = Owner(host: Owner.us.host, pid: Owner.us.pid, processStart: Owner.us.processStart + 1)
    private let elsewhere = Owner(host: "elsewhere.internal", pid: 1, processStart: 1)
    private static let past = Timestamp(millisecondsSince1970: 1_000_000_000_000)
    private static let future = Timestamp(millisecondsSince1970: 4_000_000_000_000)

    /// A volume of that owner: the cheapest thing there is.
    private func volume(_ name: String, _ engine: DockerEngine, _ owner: Owner, expires: Timestamp = future, isKept: Bool = false)
        async throws
    {
        let labels = DockerLabels(
            run: RunID(rawValue: "20261120T020000Z-test-\(name)"), drill: "test", generation: 1, owner: owner, expires: expires,
            isKept: isKept)
        try await engine.createVolume(named: "lifeboat-\(name)", labels: labels.json(for: "db"))
    }

    private func with(_ use: (_ place: EnvironmentUnderTest.Place, DockerEngine, _ random: String) async throws -> Void) async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let random = randomHex(8)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await use(place, engine, random)) } catch { outcome = .failure(error) }
            for thing in try await engine.things(labelled: DockerLabels.managed) where thing.name.contains(random) {
                try await engine.remove(thing)
            }
            try outcome.get()
        }
    }

    @Test func ofTheDeadAllOfTheLivingNothing() async throws {
        try await with { place, engine, random in
            try await volume("dead-\(random)", engine, dead)
            try await volume("living-\(random)", engine, .us)
            try await volume("elsewhere-\(random)", engine, elsewhere)
            try await volume("elsewhere-expired-\(random)", engine, elsewhere, expires: Self.past)
            try await volume("kept-\(random)", engine, dead, isKept: true)
            try await volume("kept-expired-\(random)", engine, dead, expires: Self.past, isKept: true)
            try await engine.createVolume(named: "lifeboat-nobodys-\(random)", labels: ["io.lifeboat.run": "20261120T020000Z-x-1"])

            let found = try await place.provider.leftovers(sparing: []).filter { $0.name.contains(random) }
            #expect(
                Set(found.map(\.name)) == [
                    "lifeboat-dead-\(random)", "lifeboat-elsewhere-expired-\(random)", "lifeboat-kept-expired-\(random)",
                ])
            let spared = RunID(rawValue: "20261120T020000Z-test-dead-\(random)")
            #expect(try await !place.provider.leftovers(sparing: [spared]).contains { $0.name == "lifeboat-dead-\(random)" })
            for leftover in found {
                try await place.provider.remove(leftover)
                try await place.provider.remove(leftover)
            }
            let left = try await engine.things(labelled: DockerLabels.managed).filter { $0.name.contains(random) }.map(\.name)
            #expect(
                Set(left) == ["lifeboat-living-\(random)", "lifeboat-elsewhere-\(random)", "lifeboat-kept-\(random)"])
            try await engine.removeVolume("lifeboat-nobodys-\(random)")
        }
    }

    @Test func whatTheLivingOwnIsRefusedToBeRemoved() async throws {
        try await with { place, engine, random in
            try await volume("living-\(random)", engine, .us)
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.remove(Leftover(kind: "volume", name: "lifeboat-living-\(random)", run: nil, words: ""))
            }
            #expect(failure?.kind == .refused)
        }
    }
}
