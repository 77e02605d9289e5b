import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Who is dead leaves nothing, who lives keeps what is his, and what is nobody's is never touched.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(2))) struct DockerLeftoversTests {
    private let dead = Owner.dead
    private let elsewhere = Owner(host: "elsewhere.internal", pid: 1, processStart: 1)
    private static let past = Timestamp(millisecondsSince1970: 1_000_000_000_000)
    /// There for good, so that the sweeps of other tests leave what these make to them.
    private static let ours = "/etc"
    private static let theirs = "/usr"
    private static let future = Timestamp(millisecondsSince1970: 4_000_000_000_000)

    /// A volume of that owner: the cheapest thing there is.
    private func volume(
        _ name: String, _ engine: DockerEngine, _ owner: Owner, expires: Timestamp = future, isKept: Bool = false, state: String = ours
    )
        async throws
    {
        let labels = DockerLabels(
            run: RunID(rawValue: "20261120T020000Z-test-\(name)"), drill: "test", generation: 1, owner: owner, expires: expires,
            isKept: isKept, state: state)
        try await engine.createVolume(named: "lifeboat-\(name)", labels: labels.json(for: "db"))
    }

    private func with(_ use: (_ place: EnvironmentUnderTest.Place, DockerEngine, _ random: String) async throws -> Void) async throws {
        try await EnvironmentUnderTest.docker.withPlace(state: Self.ours) { place in
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

    /// A run that was resumed with the servers it had uses things whose labels name its dead process; and one that waits to be resumed
    /// wants them back.
    @Test func whatTheRunOfAnotherStateFolderMayStillNeedIsLeftToIt() async throws {
        try await with { place, engine, random in
            try await volume("theirs-\(random)", engine, dead, state: Self.theirs)
            try await volume("theirs-expired-\(random)", engine, dead, expires: Self.past, state: Self.theirs)
            try await volume("lost-\(random)", engine, dead, state: "/nowhere/\(random)")
            try await volume("unknown-\(random)", engine, dead, state: "")
            let found = try await place.provider.leftovers(sparing: []).map(\.name).filter { $0.contains(random) }
            #expect(
                Set(found) == ["lifeboat-theirs-expired-\(random)", "lifeboat-lost-\(random)", "lifeboat-unknown-\(random)"])
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.remove(Leftover(kind: "volume", name: "lifeboat-theirs-\(random)", run: nil, words: ""))
            }
            #expect(failure?.kind == .refused)
        }
    }

    /// What an engine still makes for a client that is dead already belongs to an earlier life of the drill, and goes with the last.
    @Test func whatWasBegunForAnEarlierLifeGoesToo() async throws {
        try await with { place, engine, random in
            let request = place.request([("db", FakeServer())], run: "20261120T020000Z-\(random)")
            var second = request
            second.generation = 2
            let environment = try await place.provider.start(second)
            try await engine.createVolume(
                named: "lifeboat-late-\(random)", labels: DockerLabels(request, owner: dead, state: Self.ours).json(for: "db"))
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test func ofAStartThatWasCutOffNothingIsLeft() async throws {
        try await with { place, engine, random in
            let request = place.request([("db", FakeServer())], run: "20261120T020000Z-\(random)")
            _ = try await place.provider.start(request)
            try await place.provider.clear(request)
            try await place.expectNothingLeft()
        }
    }

    @Test func whatIsKeptIsThereForALookAndGoesWhenSomebodySaysSo() async throws {
        try await with { place, engine, random in
            let provider = try #require(place.provider as? DockerEnvironment)
            var request = place.request([("db", FakeServer())], run: "20261120T020000Z-\(random)")
            request.keep = .seconds(3600)
            let environment = try await provider.start(request)
            #expect(try await !provider.kept(sparing: []).contains { $0.run == request.run }, "it is in use")
            try await environment.stop()
            let server = try #require(environment.servers["db"])
            let id = try #require(server.container)
            #expect(try await engine.inspectContainer(id).isRunning)
            #expect(environment.waysIn.first?.contains("docker exec -it \(id.prefix(12)) sh") == true)
            #expect(try await !provider.leftovers(sparing: []).contains { $0.run == request.run })
            let kept = try await provider.kept(sparing: []).filter { $0.run == request.run }
            #expect(kept.map(\.kind) == ["container", "network", "volume"])
            for leftover in kept { try await provider.remove(kept: leftover) }
            try await place.expectNothingLeft()
        }
    }

    /// Wherever in the making of its volumes and its container: the engine may still make what nobody waits for.
    @Test func cancellingTheStartOfAnImageWithAVolumeLeavesNone() async throws {
        struct Sleeper: ServerRecipe {
            let engine = EngineName("sleeper")
            func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "not here") }
            func containerPlan(in place: ContainerPlace) throws -> ContainerPlan {
                ContainerPlan(
                    image: TestDocker.postgres, command: ["sleep", "1000"], environment: [:], passwordVariable: "PASSWORD", port: 5432,
                    capabilities: [], sharedMemory: 64 << 20, login: ServerAddress(host: "", port: 0, user: nil, password: nil))
            }
            func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
                try await time.sleep(for: limit)
                throw Failure(.timedOut, "no login worked")
            }
        }
        try await with { place, engine, random in
            var request = place.request([], run: "20261120T020000Z-\(random)")
            request.servers = [("db", Sleeper())]
            for milliseconds in stride(from: 0, through: 300, by: 15) {
                let start = Task { [request] in try await place.provider.start(request) }
                try await Task.sleep(for: .milliseconds(milliseconds))
                start.cancel()
                _ = try? await start.value
                try await place.expectNothingLeft()
                let volumes = try await TestDocker.volumes().filter { $0.hasPrefix("lifeboat-\(request.run)") }
                #expect(volumes == [], "cancelled after \(milliseconds) ms")
            }
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
