import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

/// The disk that a container's data take, as it is seen inside.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(2))) struct ContainerDiskTests {
    @Test func isMeasuredInside() async throws {
        try await EnvironmentUnderTest.docker.withPlace { place in
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let request = place.request([("db", FakeServer())])
            let environment = try await place.provider.start(request)
            let things = try await engine.things(labelled: "\(DockerLabels.prefix)run=\(request.run)")
            let container = try #require(things.first { $0.kind == .container })
            func disk(_ folders: String...) -> ContainerDisk { ContainerDisk(container: container.id, folders: folders, engine: engine) }

            let made = try await engine.execute(
                ["sh", "-c", "mkdir /tmp/data && head -c 3000000 /dev/urandom >/tmp/data/file"], in: container.id)
            #expect(made.status == 0, "\(made.errors)")
            let use = try #require(await disk("/tmp/data").use())
            #expect((3_000_000..<4_000_000).contains(use.usedBytes))
            #expect((use.freeBytes ?? 0) > 0)
            #expect(await disk("/tmp/data", "/tmp").use().map { $0.usedBytes >= 2 * 3_000_000 } == true)
            #expect(await disk("/nowhere").use() == nil)
            #expect(await environment.diskUse() == nil, "this image keeps its data nowhere in particular")
            try await environment.stop()
            try await place.expectNothingLeft()
        }
    }
}
