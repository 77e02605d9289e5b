import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Environments

/// An engine that takes connections and answers nobody: whoever only looks at something gives up after a while.
@Suite(.requires(TestDocker.missing), .requires(OwnEngine.missing), .timeLimit(.minutes(5))) struct HungEngineTests {
    @Test func looksAndLogsComeToAnEnd() async throws {
        try await OwnEngine.with([TestDocker.python]) { own in
            var environment = ThisProcess.environment
            environment["DOCKER_HOST"] = own.address
            let engine = try await DockerConnection(environment).engine()
            let id = try await engine.createContainer(
                named: "lifeboat-test-\(randomHex(8))",
                ["Image": .string(TestDocker.python), "Cmd": ["sh", "-c", "echo here; sleep 1000"], "HostConfig": ["Init": true]])
            try await engine.startContainer(id)
            let disk = ContainerDisk(container: id, folders: ["/tmp"], engine: engine, within: .seconds(1))
            try await eventually { await disk.use() != nil }
            #expect(try await engine.log(of: id, lines: 5).contains("here"))

            try await own.hang()
            let began = RealTime().uptime
            #expect(await disk.use() == nil)
            let failure = await #expect(throws: Failure.self) { try await engine.log(of: id, lines: 5, within: .seconds(1)) }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.mayPass == true)
            #expect(RealTime().uptime - began < .seconds(20))
            try await own.goOn()
            try await engine.removeContainer(id)
        }
    }
}
