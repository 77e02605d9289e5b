import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

/// The images that drills need, fetched and carried about by a real engine.
@Suite(.timeLimit(.minutes(2)), .requires(TestDocker.missingEngine), .requires(TestRegistry.missing)) struct ServerImagesTests {
    /// A server that is not started here.
    private struct Server: ServerRecipe {
        let engine = EngineName("fake")
        let image: String

        func processPlan(in place: ProcessPlace) throws -> ProcessPlan { throw Failure(.bug, "it is no process") }

        func containerPlan(in place: ContainerPlace) throws -> ContainerPlan {
            ContainerPlan(
                image: image, environment: [:], passwordVariable: "P", port: 1, capabilities: [], sharedMemory: 0,
                login: ServerAddress(host: "", port: 0, user: nil, password: nil))
        }

        func waitUntilReady(_ address: ServerAddress, within limit: Duration, _ time: any TimeSource) throws -> ServerIdentity {
            throw Failure(.bug, "it is not started")
        }
    }

    private func environment(registry: String? = nil, _ folder: String) -> DockerEnvironment {
        DockerEnvironment(
            DockerEnvironment.Settings(
                environment: ThisProcess.environment.merging(["DOCKER_CONFIG": folder]) { $1 }, pull: .never, registry: registry),
            owner: .us, processes: .standard(temporary: folder), child: ChildEnvironment(from: [:]), web: WebCalls(),
            digests: TestDigests(),
            time: RealTime(), commands: TestEngine.commands, say: { _ in })
    }

    @Test func eachImageIsNamedOnceWithTheServersThatNeedIt() async throws {
        try await withWorkshop { shop in
            let one = try await shop.published("one", tag: "1", content: "first")
            let two = try await shop.published("two", tag: "2", content: "second")
            let servers: [(name: String, recipe: any ServerRecipe)] = [
                ("db", Server(image: one.short)), ("other", Server(image: two.short)), ("copy", Server(image: one.short)),
                ("db", Server(image: one.short)),
            ]
            let environment = environment(shop.folder)
            let before = try await environment.images(of: servers)
            #expect(before.map(\.image) == [one.description, two.description])
            #expect(before.map(\.servers) == [["db", "copy"], ["other"]])
            #expect(before.allSatisfy { !$0.isThere && $0.digest == nil })
            // Whatever the policy of drills is.
            let pulled = try await environment.pullImages(of: servers)
            #expect(pulled.allSatisfy { $0.isThere && $0.digest != nil && $0.id != nil })
            let after = try await environment.images(of: servers)
            #expect(after == pulled)

            let file = "\(shop.folder)/images.tar"
            let bytes = try await environment.saveImages(of: servers, to: file)
            #expect(bytes > 0)
            try await shop.forget(one)
            try await shop.forget(two)
            let loaded = try await environment.loadImages(from: file)
            #expect(loaded.sorted() == [one.description, two.description])
            let again = try await environment.images(of: servers)
            #expect(again.map(\.id) == pulled.map(\.id))
        }
    }

    @Test func aMirrorOfDockerHubIsAskedInItsPlace() async throws {
        try await withWorkshop { shop in
            let kept = try await shop.published("hub/library/postgres", tag: "16", content: "x")
            let environment = environment(registry: "\(shop.registry.address)/lifeboat-test/hub", shop.folder)
            let pulled = try await environment.pullImages(of: [("db", Server(image: "postgres:16"))])
            #expect(pulled.map(\.image) == [kept.description])
        }
    }
}
