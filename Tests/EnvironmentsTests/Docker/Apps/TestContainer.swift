import Bindings
import Documents
import Recovery
import TestSupport

@testable import Environments

/// A container of somebody's, as applications and servers are.
struct TestContainer: Sendable {
    let id: String
    let name: String
    let engine: DockerEngine

    /// Made, not started; gone afterwards.
    ///
    /// - Parameter more: beside the image, as the Engine API takes it.
    static func with<Result: Sendable>(
        _ image: String, _ more: [JSONValue.Member] = [], named name: String = "lifeboat-test-\(randomHex(8))",
        _ use: (TestContainer) async throws -> Result
    ) async throws -> Result {
        let engine = try await DockerConnection(ThisProcess.environment).engine()
        let id = try await engine.createContainer(named: name, .object([.init("Image", .string(image))] + more))
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use(TestContainer(id: id, name: name, engine: engine))) } catch { outcome = .failure(error) }
        try await uncancelledThrowing { try await engine.removeContainer(id) }
        return try outcome.get()
    }

    var facts: ContainerFacts { get async throws { try await engine.inspectContainer(id) } }

    func start() async throws { try await engine.startContainer(id) }
}
