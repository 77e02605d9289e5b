import Bindings
import Recovery
import TestSupport
import Testing

/// The demo takes its servers from where they are best to be had, says from where and why, and leaves nothing.
@Suite(.requires(TestPostgres.missingVectors), .timeLimit(.minutes(5))) struct DemoTests {
    private func play(_ words: [String] = [], _ environment: [String: String]) async throws -> (TestSupport.Program.Ended, left: [String]) {
        try await withTemporaryFolder { folder in
            try await blocking { _ in
                try Files.changeMode(of: folder, to: 0o711)
                try Files.makeFolder("\(folder)/tmp", mode: 0o755)
                try Files.changeMode(of: "\(folder)/tmp", to: 0o1777)
            }
            let ours = [
                "LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_SERVERS": "\(folder)/servers", "HOME": folder, "TMPDIR": "\(folder)/tmp",
                "LIFEBOAT_ENVIRONMENT": "",
            ]
            let lifeboat = try TestSupport.Program(
                "lifeboat", in: folder, environment: ours.merging(environment) { _, new in new })
            let ended = try await lifeboat.run(["demo", "--folder", TestSupport.Program.checkout] + words)
            let files = try await blocking { _ in
                try ["tmp", "servers"].filter { try Files.status(of: "\(folder)/\($0)") != nil }
                    .flatMap { name in try Files.list("\(folder)/\(name)").map { "\(name)/\($0.name)" } }
            }
            return (ended, files + Life.processes(naming: folder))
        }
    }

    private func expectPassed(_ ended: TestSupport.Program.Ended, _ left: [String]) {
        #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
        #expect(ended.output.contains("PASSED drill monthly"), "\(ended.output)")
        #expect(ended.output.contains("PASSED run postgres-database"), "\(ended.output)")
        #expect(ended.output.contains("PASSED run qdrant-collection"), "\(ended.output)")
        #expect(ended.output.contains("PASSED run arangodb-database"), "\(ended.output)")
        #expect(ended.output.hasSuffix("Everything of the demo is gone, but for the reports.\n"), "\(ended.output)")
        #expect(left == [])
    }

    private func line(about word: String, in ended: TestSupport.Program.Ended) -> String? {
        ended.output.split(separator: "\n").map(String.init).first { $0.contains(word) }
    }

    @Test func withoutAnEngineItPlaysOnProcesses() async throws {
        let (ended, left) = try await play([], ["DOCKER_HOST": "unix:///nowhere/docker.sock"])
        expectPassed(ended, left)
        #expect(
            line(about: "the servers are ", in: ended)
                == "— the servers are processes of this machine, not in docker: cannot reach the engine: the container engine at "
                + "unix:///nowhere/docker.sock ($DOCKER_HOST) does not answer")
    }

    @Test(.requires(TestDocker.missing)) func whereAnEngineHasTheImageItPlaysInContainers() async throws {
        // As if a mirror of Docker Hub had brought it.
        let mirror = "\(randomHex(8)).demo.test/hub"
        try await TestDocker.withName("\(mirror)/pgvector/pgvector:pg16", of: TestDocker.pgvector) {
            let events = EngineEvents()
            let (ended, left) = try await TestDocker.withName("\(mirror)/qdrant/qdrant:v1.18.3", of: TestDocker.qdrant) {
                try await TestDocker.withName("\(mirror)/library/arangodb:3.12.5", of: TestDocker.arangodb) {
                    try await events.listening { try await play([], ["LIFEBOAT_REGISTRY": mirror, "DOCKER_HOST": TestDocker.host]) }
                }
            }
            expectPassed(ended, left)
            #expect(line(about: "the servers are ", in: ended)?.hasPrefix("— the servers are containers of ") == true, "\(ended.output)")
            #expect(ended.output.contains("Servers   docker, "), "\(ended.output)")
            // Its library's three servers and the drill's.
            for action in ["create", "destroy"] {
                let names = events.lines.filter { line in
                    line.hasPrefix("container \(action) lifeboat-") && (line.contains("-demo-") || line.contains("-monthly-"))
                }
                #expect(names.count >= 6, "\(events.lines)")
            }
        }
    }

    @Test(.requires(TestDocker.missingEngine)) func whoWantsContainersIsToldWhyThereAreNone() async throws {
        let mirror = "127.0.0.1:\(try Machine.freeLoopbackPort())/hub"
        let (ended, left) = try await play(
            ["--environment", "docker"], ["LIFEBOAT_REGISTRY": mirror, "DOCKER_HOST": TestDocker.host])
        #expect(ended.code == 69, "\(ended.output)")
        #expect(
            ended.errors.contains("cannot pull the image \(mirror)/pgvector/pgvector:pg16: the container engine does not reach"),
            "\(ended.errors)")
        #expect(left == [])
    }
}
