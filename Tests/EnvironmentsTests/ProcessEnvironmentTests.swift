import Bindings
import Environments
import Recovery
import TestSupport
import Testing

/// What only local processes can promise.
@Suite(.timeLimit(.minutes(1)), .requires(FakeServer.missing))
struct ProcessEnvironmentTests {
    private func withWork(_ use: (_ work: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await blocking { _ in try Files.changeMode(of: folder, to: 0o755) }
            try await use(folder + "/work")
        }
    }

    @Test func aServerThatIsAnApplicationIsStoppedAndStartedOnItsFolderAndPort() async throws {
        try await withWork { work in
            let place = EnvironmentUnderTest.processes(in: work)
            var request = EnvironmentUnderTest.request([("db", FakeServer()), ("other", FakeServer())])
            request.stoppable = [(app: "db-server", server: "db")]
            let environment = try await place.provider.start(request)
            let address = try #require(environment.servers["db"]?.address)
            let control = try #require(environment.app("db-server"))
            #expect(environment.app("other") == nil)
            #expect(try await control.isRunning() == true)
            try await control.stop()
            #expect(try await control.isRunning() == false)
            #expect(try await control.health() == .unhealthy("it is not running"))
            // It was told to, so it is no death that would explain a failure.
            #expect(await environment.deaths().isEmpty)
            #expect(try await EnvironmentUnderTest.traces(of: work).count > 1, "its folder stays")
            try await control.start()
            _ = try await FakeServer().waitUntilReady(address, within: .seconds(5), RealTime())
            #expect(try await control.health() == .healthy("it answers logins"))
            try await control.stop()
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test func anApplicationThatIsNoServerOfTheEnvironmentStartsNothing() async throws {
        try await withWork { work in
            let place = EnvironmentUnderTest.processes(in: work)
            var request = EnvironmentUnderTest.request([("db", FakeServer())])
            request.stoppable = [(app: "db-server", server: "bd")]
            let failure = await #expect(throws: Failure.self) { try await place.provider.start(request) }
            #expect(failure?.problem == "application 'db-server' is server 'bd', and the environment has no such server")
            try await place.expectNothingLeft()
        }
    }

    @Test func anOwnerThatIsKilledLeavesNothing() async throws {
        try await withWork { work in
            // Left alone by us, as it would be by a shell: it is the fixture's own guardians who clean up.
            let command = Command(
                try fixture(), [work], environment: ["PATH": "/usr/bin:/bin"], descendants: .mayOutliveCommand)
            let result = try await Bindings.run(command)
            #expect(result.outputText == "ready\n")
            #expect(result.status == .signalled(9))
            try await eventually { try await EnvironmentUnderTest.traces(of: work).isEmpty }
        }
    }

    @Test(.disabled(if: UserAccount.current.uid != 0, "only root can give rights up"))
    func asRootServersAreNotRoot() async throws {
        try await withWork { work in
            let place = EnvironmentUnderTest.processes(in: work)
            let environment = try await place.provider.start(EnvironmentUnderTest.request([("db", FakeServer())]))
            let account = ProcessEnvironment.Settings.standard(temporary: "/tmp").account
            #expect(environment.servers["db"]?.identity.system == UserAccount.named(account).map { "\($0.uid)" })
            try await environment.stop()
        }
    }

    @Test(.disabled(if: UserAccount.current.uid != 0, "only root runs servers as somebody else"))
    func aWorkFolderThatServersCannotReachIsRefusedInWords() async throws {
        try await withTemporaryFolder { folder in
            let place = EnvironmentUnderTest.processes(in: folder + "/work")
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.start(EnvironmentUnderTest.request([("db", FakeServer())]))
            }
            #expect(failure?.kind == .environmentUnavailable)
            let account = ProcessEnvironment.Settings.standard(temporary: "/tmp").account
            #expect(failure?.problem == "the account '\(account)', which servers run as, cannot reach the work folder \(folder)/work")
            try await place.expectNothingLeft()
        }
    }

    @Test func aWorkFolderThatOthersCanWriteIsRefused() async throws {
        try await withWork { work in
            try Files.makeFolder(work)
            try Files.changeMode(of: work, to: 0o777)
            let provider = EnvironmentUnderTest.processes(in: work).provider
            let failure = await #expect(throws: Failure.self) { try await provider.start(EnvironmentUnderTest.request([])) }
            #expect(
                failure?.problem
                    == "the work folder \(work) cannot be trusted: others than '\(UserAccount.current.name)' may write there")
        }
    }

    @Test func aPortTakenInBetweenIsNoReasonToFail() async throws {
        try await withWork { work in
            let thief = PortThief()
            let place = EnvironmentUnderTest.processes(in: work)
            let environment = try await place.provider.start(EnvironmentUnderTest.request([("db", FakeServer(.meets(thief)))]))
            let server = try #require(environment.servers["db"])
            #expect(server.address.port != thief.port)
            _ = try await FakeServer.ask(server.address)
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }

    @Test func aPreparationThatFailsIsToldWithWhatItSaid() async throws {
        try await withWork { work in
            let place = EnvironmentUnderTest.processes(in: work)
            let failure = await #expect(throws: Failure.self) {
                try await place.provider.start(EnvironmentUnderTest.request([("db", FakeServer(.cannotBePrepared(saying: "bad locale")))]))
            }
            #expect(failure?.problem == "cannot prepare server 'db' (fake): /bin/sh exited with status 4")
            #expect(failure?.causes == ["it said:\nbad locale"])
            try await place.expectNothingLeft()
        }
    }

    @Test func onlyMarkedFoldersOfDeadOwnersAreLeftoversAndSparedRunsStay() async throws {
        try await withWork { work in
            let living = EnvironmentUnderTest.processes(in: work)
            try Files.makeFolder(work)
            func leave(_ name: String, _ run: String, _ owner: Owner) throws {
                try Files.makeFolder("\(work)/\(name)")
                let start = "\"owner\":{\"host\":\"\(owner.host)\",\"pid\":\(owner.pid),\"processStart\":\(owner.processStart)}"
                let mark =
                    "{\"expires\":\"2026-11-20T02:00:00.000Z\",\"format\":1,\"generation\":1,\(start),\"run\":\"\(run)\",\"service\":\"db\"}"
                try Files.create("\(work)/\(name).owner", Array(mark.utf8))
            }
            try leave("db-dead", "run-1", .dead)
            try leave("db-spared", "run-2", .dead)
            try leave("db-alive", "run-3", .us)
            try leave("db-remote", "run-4", Owner(host: "elsewhere", pid: 1, processStart: 1))
            try Files.makeFolder("\(work)/foreign")
            try Files.create("\(work)/broken.owner", [1])

            let leftovers = try await living.provider.leftovers(sparing: [RunID(rawValue: "run-2")])
            #expect(leftovers.map(\.name) == ["db-dead"])
            #expect(leftovers.first?.words == "folder of 'db' in \(work), left by process \(Owner.dead.pid) of run run-1")
            for leftover in leftovers { try await living.provider.remove(leftover) }
            for leftover in leftovers { try await living.provider.remove(leftover) }
            let names = try Files.list(work).map(\.name)
            #expect(
                names == [
                    "broken.owner", "db-alive", "db-alive.owner", "db-remote", "db-remote.owner", "db-spared", "db-spared.owner", "foreign",
                ])
            let alive = Leftover(kind: "server folder", name: "db-alive", run: nil, words: "")
            #expect(await #expect(throws: Failure.self) { try await living.provider.remove(alive) }?.kind == .refused)
            try await living.provider.remove(Leftover(kind: "server folder", name: "../foreign", run: nil, words: ""))
            #expect(await isThere("\(work)/foreign"))
        }
    }

    private func fixture() throws -> String {
        let test = CommandLine.arguments[0]
        let folder = String(test.prefix(upTo: test.lastIndex(of: "/") ?? test.endIndex))
        return try #require(findExecutable("environment-fixture", path: folder))
    }

    @Test func whatTheServersHaveTakenOfTheDiskIsKnown() async throws {
        try await EnvironmentUnderTest.process.withPlace { place in
            let environment = try await place.provider.start(place.request([("db", FakeServer())]))
            let use = try #require(await environment.diskUse())
            #expect(use.usedBytes > 0 && use.usedBytes < 10 << 20)
            #expect((use.freeBytes ?? 0) > 0)
            try await environment.stop()
            #expect(await environment.diskUse() == nil, "what is gone cannot be measured")
        }
    }
}
