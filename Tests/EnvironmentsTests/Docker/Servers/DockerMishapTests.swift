import Bindings
import Dispatch
import Documents
import Glibc
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// What can go wrong between an engine and a drill, at the exact moment, on an engine of the tests.
@Suite(.timeLimit(.minutes(1))) struct DockerMishapTests {
    /// A server that lets everybody in, and remembers where it was looked for and told to be careless.
    private final class TrustingServer: ServerRecipe {
        let engine = EngineName("trusting")
        let port: Int
        private let meets = Mutex<(asked: [String], settled: [String])>(([], []))
        private let whenAsked: @Sendable () -> Void

        init(port: Int = 8099, whenAsked: @escaping @Sendable () -> Void = {}) {
            self.port = port
            self.whenAsked = whenAsked
        }

        var asked: [String] { meets.withLock { $0.asked } }
        var settled: [String] { meets.withLock { $0.settled } }

        func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "not here") }

        func containerPlan(in place: ContainerPlace) throws -> ContainerPlan {
            ContainerPlan(
                image: "trusting:1", command: nil, environment: ["PASSWORD": place.password], passwordVariable: "PASSWORD", port: port,
                capabilities: [], sharedMemory: 64 << 20, login: ServerAddress(host: "", port: 0, user: nil, password: place.password))
        }

        func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) async throws -> ServerIdentity {
            meets.withLock { $0.asked.append(address.text) }
            whenAsked()
            guard try await HTTPClient().send(HTTPRequest("GET", "http://\(address.text)/")).isSuccess else {
                throw Failure(.timedOut, "no login worked")
            }
            return ServerIdentity(version: "1", system: nil, standIn: false)
        }

        func settle(_ address: ServerAddress) async throws { meets.withLock { $0.settled.append(address.text) } }
    }

    private static let published = DockerWay.published(on: "127.0.0.1", at: "127.0.0.1")

    private static func binding(_ port: Int, on address: String = "127.0.0.1") -> JSONValue {
        ["HostIp": .string(address), "HostPort": .string("\(port)")]
    }

    private func request(
        _ server: TrustingServer, generation: Int = 1, keep: Duration? = nil, apps: [(name: String, recipe: AppRecipe)] = []
    ) -> EnvironmentRequest {
        EnvironmentRequest(
            run: RunID(rawValue: "20261120T020000Z-mishap-1"), generation: generation,
            expires: Timestamp(millisecondsSince1970: 1_795_000_000_000 + 86_400_000), keep: keep, servers: [("db", server)], apps: apps,
            connectionURL: { _, _, _ in Secret("") })
    }

    /// With somebody who listens on this machine and takes whatever comes.
    private func withListener(_ use: (Int) async throws -> Void) async throws {
        let listener = try HTTPServer { _ in HTTPServerResponse(200, "welcome") }
        try await use(listener.port)
        await listener.stop()
    }

    // MARK: Whoever answers is the container, or nobody

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
                if call.hasSuffix("/wait") { while !engine.state.withLock({ $0.isClosed }) { usleep(5000) } }
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

    // MARK: Names

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

    // MARK: What an engine makes for somebody who does not wait

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

    // MARK: The end

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

    // MARK: Adoption

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

    // MARK: Kept for a look

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

/// One way in, whoever we are.
private struct Started: EnvironmentProvider {
    let provider: DockerEnvironment
    let way: DockerWay
    let engine: DockerEngine

    var kind: String { provider.kind }
    var isolation: String { provider.isolation }
    func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {}
    func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment { try await provider.start(request, way, engine) }
    func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] { [] }
    func remove(_ leftover: Leftover) async throws {}
}
