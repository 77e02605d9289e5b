import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Real applications as containers of a real engine.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(3))) struct DockerAppContainersTests {
    private let containers = DockerAppContainers(environment: ThisProcess.environment)

    private func world(_ environment: [String: String] = ThisProcess.environment) -> World {
        var world = MemoryWorld().world
        world.appContainers = DockerAppContainers(environment: environment)
        world.web = WebCalls()
        return world
    }

    private func app(_ yaml: String, _ environment: [String: String] = ThisProcess.environment) throws -> any AppControl {
        let document = try Document("apps: {shop: \(yaml)}", name: "lifeboat.yaml").read(as: ConfigurationDocument.self)
        return world(environment).control(of: "shop", try #require(document.apps.entries.first?.value))
    }

    /// Answers everything with 200, and ends with status 3 when it is told to.
    private static let site = """
        import http.server, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self): self.send_response(200); self.end_headers()
        http.server.HTTPServer(("", 8000), Answer).serve_forever()
        """
    private static func python(_ text: String) -> JSONValue.Member { .init("Entrypoint", ["python3", "-c", .string(text)]) }
    private static func policy(_ name: String) -> JSONValue.Member { .init("HostConfig", ["RestartPolicy": ["Name": .string(name)]]) }
    private static func check(_ command: String) -> JSONValue.Member {
        .init("Healthcheck", ["Test": ["CMD-SHELL", .string(command)], "Interval": .int(100_000_000), "Retries": 1])
    }
    private static let asking = #"python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000')""#

    @Test(arguments: ["no", "always", "unless-stopped", "on-failure"])
    func isStoppedAndNoPolicyBringsItBack(policy: String) async throws {
        try await TestContainer.with(TestDocker.python, [Self.python(Self.site), Self.policy(policy)]) { container in
            let app = try app("{container: \(container.name)}")
            try await app.start()
            #expect(try await app.isRunning() == true)
            try await eventually {
                try await container.engine.execute(["sh", "-c", Self.asking], in: container.id).status == 0
            }
            try await app.stop()
            #expect(try await app.isRunning() == false)
            let facts = try await container.facts
            #expect(facts.status == "exited")
            #expect(facts.exitCode == 3, "it was asked, not killed")
            #expect(facts.restartPolicy == policy, "nothing of it was changed")
            let remark = try #require(try await app.remarksWhenStopped().first)
            #expect(remark.hasPrefix("container \(container.name) has ended with status 3"))
            #expect(remark.contains("when the engine itself is started anew") == (policy == "always"))
        }
    }

    @Test func oneThatDiesAgainAndAgainIsStoppedToo() async throws {
        try await TestContainer.with(TestDocker.python, [Self.python("exit(1)"), Self.policy("always")]) { container in
            try await container.start()
            try await eventually { try await container.facts.status == "restarting" }
            let app = try app("{container: \(container.name)}")
            #expect(try await app.isRunning() == true, "it comes back by itself")
            try await app.stop()
            #expect(try await app.isRunning() == false)
        }
    }

    @Test func oneThatDoesNotListenIsKilledAfterItsOwnGrace() async throws {
        let deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
        try await TestContainer.with(TestDocker.python, [Self.python(deaf), .init("StopTimeout", 1)]) { container in
            let app = try app("{container: \(container.name)}")
            try await app.start()
            try await eventually { try await container.engine.log(of: container.id, lines: 1).contains("up") }
            try await app.stop()
            #expect(try await app.isRunning() == false)
            #expect(try await app.remarksWhenStopped() == ["container \(container.name) was killed (status 137)"])
        }
    }

    @Test func itsOwnHealthCheckIsAsked() async throws {
        try await TestContainer.with(TestDocker.python, [Self.python(Self.site), Self.check(Self.asking)]) { container in
            let app = try app("{container: \(container.name)}")
            try await app.start()
            try await eventually { try await app.health() == .healthy("container \(container.name) runs and is healthy") }
            try await app.stop()
            #expect(try await app.health() == .unhealthy("container \(container.name) has ended with status 3"))
        }
    }

    @Test func aFailingHealthCheckIsQuoted() async throws {
        try await TestContainer.with(TestDocker.python, [Self.python(Self.site), Self.check("echo no books; exit 1")]) { container in
            let app = try app("{container: \(container.name)}")
            try await app.start()
            try await eventually {
                try await app.health() == .unhealthy("the health check of container \(container.name) fails: no books")
            }
        }
    }

    @Test func withoutACheckRunningIsAllThatIsSaid() async throws {
        try await TestContainer.with(TestDocker.python, [Self.python(Self.site)]) { container in
            let app = try app("{container: \(container.name)}")
            try await app.start()
            #expect(try await app.health() == .running("container \(container.name) runs, and has no health check that says more"))
        }
    }

    @Test func aCheckOfTheConfigurationIsAskedInstead() async throws {
        try await TestContainer.with(TestDocker.python, [Self.python(Self.site)]) { container in
            try await container.start()
            let address = try #require(try await container.facts.networks.values.first)
            let app = try app("{container: \(container.name), healthy: {http: \"http://\(address):8000/\"}}")
            try await eventually { try await app.health() == .healthy("status 200") }
        }
    }

    @Test func servicesOfAComposeProjectAreFoundByTheirLabels() async throws {
        let project = "lifeboat-test-\(randomHex(8))"
        func labels(_ service: String, _ number: Int, oneoff: String = "False") -> JSONValue.Member {
            let label = "com.docker.compose."
            return .init(
                "Labels",
                .object([
                    .init("\(label)project", .string(project)), .init("\(label)service", .string(service)),
                    .init("\(label)container-number", .string("\(number)")), .init("\(label)oneoff", .string(oneoff)),
                ]))
        }
        let site = Self.python(Self.site)
        try await TestContainer.with(TestDocker.python, [site, labels("web", 2)]) { second in
            try await TestContainer.with(TestDocker.python, [site, labels("web", 1)]) { first in
                try await TestContainer.with(TestDocker.python, [site, labels("web", 3, oneoff: "True")]) { _ in
                    try await TestContainer.with(TestDocker.python, [site, labels("worker", 1)]) { worker in
                        let found = try await containers.find(.services(["worker", "web"], ofProject: project), of: "shop")
                        #expect(found.map(\.name) == [worker.name, first.name, second.name])
                    }
                }
            }
        }
        let failure = await #expect(throws: Failure.self) {
            try await containers.find(.services(["web"], ofProject: project), of: "shop")
        }
        #expect(failure?.kind == .application)
        #expect(failure?.problem.hasPrefix("application 'shop': the project '\(project)' has no container of its service 'web'") == true)
    }

    @Test func oneThatIsNotThereIsSaid() async throws {
        let failure = await #expect(throws: Failure.self) { try await app("{container: lifeboat-test-nobody}").stop() }
        #expect(failure?.kind == .application)
        #expect(failure?.problem.hasPrefix("application 'shop': there is no container 'lifeboat-test-nobody' on the engine at ") == true)
        #expect(failure?.hint?.contains("docker ps -a") == true)
    }

    /// Engines take the beginning of an id for a name.
    @Test func aWrongNameIsNotSomebodyElsesContainer() async throws {
        try await TestContainer.with(TestDocker.python, [Self.python(Self.site)]) { container in
            let beginning = String(container.id.prefix(8))
            let found = try await container.engine.inspectContainer(beginning)
            #expect(found.id == container.id)
            await #expect(throws: Failure.self) { try await app("{container: \(beginning)}").isRunning() }
            #expect(try await app("{container: \(container.id.prefix(12))}").isRunning() == false)
        }
    }

    @Test func oneThatCannotBeStartedSaysWhy() async throws {
        try await TestContainer.with(TestDocker.python, [.init("Entrypoint", ["/no/such/program"])]) { container in
            let failure = await #expect(throws: Failure.self) { try await app("{container: \(container.name)}").start() }
            #expect(failure?.kind == .application)
            #expect(failure?.problem == "cannot start container \(container.name): the container engine refused")
            #expect(failure?.causes.first?.contains("/no/such/program") == true)
        }
    }

    @Test func anEngineThatDoesNotAnswerIsUnavailable() async throws {
        try await withTemporaryFolder { folder in
            let failure = await #expect(throws: Failure.self) {
                try await app("{container: web}", ["DOCKER_HOST": "unix://\(folder)/docker.sock"]).stop()
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "the containers of application 'shop' cannot be reached")
            #expect(failure?.hint?.contains("DOCKER_HOST") == true)
        }
    }
}
