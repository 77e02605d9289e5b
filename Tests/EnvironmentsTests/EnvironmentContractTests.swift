import Bindings
import Environments
import Recovery
import TestSupport
import Testing

/// What every environment promises. A new kind is one more case of `EnvironmentUnderTest`.
@Suite(.timeLimit(.minutes(1)), .requires(FakeServer.missing))
struct EnvironmentContractTests {
    /// Where there is no engine its cases are not there to be skipped: this one is.
    @Test(.requires(TestDocker.missing)) func containersAreHeldAgainstItToo() {
        #expect(EnvironmentUnderTest.allCases == [.process, .docker])
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func aServerThatIsReadyAnswers(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(place.request([("db", FakeServer())]))
            let server = try #require(environment.servers["db"])
            #expect(server.identity.version == "1")
            _ = try await FakeServer.ask(server.address)
            try await environment.stop()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func afterStopThereIsNoProcessAndNoFolder(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(place.request([("one", FakeServer()), ("two", FakeServer())]))
            #expect(try await !place.traces().isEmpty)
            try await environment.stop()
            try await place.expectNothingLeft()
            for server in environment.servers.values { await #expect(throws: HTTPError.self) { try await FakeServer.ask(server.address) } }
            try await environment.stop()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func aServerThatEndsWhileStartingFailsAtOnceWithItsLastLines(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.start(
                    place.request([("good", FakeServer()), ("db", FakeServer(.endsWith(line: "no such locale")))]))
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "server 'db' (fake) ended while it was starting: it exited with status 3")
            #expect(failure?.causes == ["its log ends with:\nfirst\nno such locale"])
            try await place.expectNothingLeft()
        }
    }

    /// It can be the machine's want of memory, or somebody's doing: another attempt may do better.
    @Test(arguments: EnvironmentUnderTest.allCases)
    func aServerThatIsKilledIsDeadAndMayBeTriedAgain(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(place.request([("db", FakeServer()), ("more", FakeServer())]))
            #expect(await environment.deaths().isEmpty)
            let address = try #require(environment.servers["db"]?.address)
            await #expect(throws: HTTPError.self) {
                try await HTTPClient().send(HTTPRequest("GET", "http://\(address.text)/die"))
            }
            try await eventually { await !environment.deaths().isEmpty }
            let deaths = await environment.deaths()
            #expect(deaths.count == 1)
            #expect(deaths.first?.kind == .environmentUnavailable)
            #expect(deaths.first?.problem.hasPrefix("server 'db' ended during the drill: it was ") == true, "\(deaths)")
            #expect(deaths.first?.mayPass == true)
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func aServerThatNeverBecomesReadyIsGivenUpAndRemoved(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace(readyWithin: .milliseconds(300)) { place in
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.start(place.request([("db", FakeServer(.neverReady))]))
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.mayPass == true, "a machine that is too busy now may have time later")
            #expect(failure?.problem == "server 'db' (fake) did not become ready: no login worked within 0.3 seconds")
            #expect(failure?.causes == ["its log ends with:\nstill waiting"])
            try await place.expectNothingLeft()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func cancellingTheStartLeavesNothing(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let start = Task { try await place.provider.start(place.request([("db", FakeServer(.neverReady))])) }
            try await eventually { try await place.hasTrace(of: "db") }
            start.cancel()
            await #expect(throws: (any Error).self) { try await start.value }
            try await place.expectNothingLeft()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func twoEnvironmentsAtOnceDoNotCollide(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            async let first = place.provider.start(
                place.request([("db", FakeServer()), ("more", FakeServer())], run: "run-1"))
            async let second = place.provider.start(
                place.request([("db", FakeServer()), ("more", FakeServer())], run: "run-2"))
            let environments = try await [first, second]
            let addresses = environments.flatMap { $0.servers.values.map(\.address) }
            #expect(Set(addresses.map(\.text)).count == 4)
            for address in addresses { _ = try await FakeServer.ask(address) }
            try await environments[0].stop()
            for server in environments[1].servers.values { _ = try await FakeServer.ask(server.address) }
            try await environments[1].stop()
            try await place.expectNothingLeft()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func aLogIsShownWithoutThePassword(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(place.request([("db", FakeServer())]))
            #expect(await environment.log(of: "db") == "listening with ‹secret›")
            #expect(await environment.log(of: "nobody") == "")
            try await environment.stop()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func whatTheLivingOwnIsNoLeftover(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(place.request([("db", FakeServer())]))
            #expect(try await place.provider.leftovers(sparing: []).isEmpty)
            try await environment.stop()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func anApplicationIsToldItsPortAndItsServers(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(
                place.request([("db-1", FakeServer())], apps: [("shop", FakeApp.recipe(uses: "db-1"))]))
            let app = try #require(environment.app("shop"))
            let address = try #require(environment.servers["db-1"]).address
            #expect(try await app.health() == .healthy("HTTP 200"))
            let url = "fake://\(address.text)/\(address.password?.reveal { $0 } ?? "")"
            #expect(await environment.log(of: "shop") == "DATABASE_URL=‹secret› DB_1_URL=‹secret›")
            #expect(!url.isEmpty)
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func aStoppedApplicationIsReallyGoneAndStartsAgain(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let environment = try await place.provider.start(
                place.request([("db", FakeServer())], apps: [("shop", FakeApp.recipe(uses: "db"))]))
            let app = try #require(environment.app("shop"))
            #expect(try await app.isRunning() == true)
            try await app.stop()
            #expect(try await app.isRunning() == false)
            #expect(try await app.health() == .unhealthy("it is not running"))
            #expect(try await place.traces().allSatisfy { !$0.hasPrefix("shop") })
            try await app.stop()
            try await app.start()
            try await app.start()
            #expect(try await app.health() == .healthy("HTTP 200"))
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test(arguments: EnvironmentUnderTest.allCases)
    func anApplicationThatEndsAtOnceFailsTheStartAndLeavesNothing(_ kind: EnvironmentUnderTest) async throws {
        try await kind.withPlace { place in
            let recipe = AppRecipe(command: CommandSpec("/bin/sh", ["-c", "echo no database; exit 7"]), uses: "db", healthPath: "/health")
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.start(place.request([("db", FakeServer())], apps: [("shop", recipe)]))
            }
            #expect(failure?.kind == .application)
            #expect(failure?.problem == "application 'shop' ended as soon as it was started: it exited with status 7")
            #expect(failure?.causes == ["its log ends with:\nno database"])
            try await place.expectNothingLeft()
        }
    }
}

/// An application that says what it was told.
enum FakeApp {
    private static let script = """
        import http.server, os
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == '/health' else 404)
                self.end_headers()
            def log_message(self, *words): pass
        names = sorted(name for name in os.environ if name.endswith('_URL'))
        print(' '.join(f'{name}={os.environ[name]}' for name in names), flush=True)
        http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
        """

    static func recipe(uses server: String) -> AppRecipe {
        AppRecipe(command: CommandSpec(FakeServer.python, ["-c", script]), uses: server, healthPath: "/health")
    }
}
