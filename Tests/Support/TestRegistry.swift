import Bindings
import FoundationEssentials

/// A registry of container images on loopback, empty at first: Debian's `docker-registry`. Engines speak to those without TLS.
package final class TestRegistry: Sendable {
    /// `127.0.0.1:5055`.
    package let address: String
    private let process: GuardedProcess

    /// For `.requires`.
    package static var missing: String? {
        program == nil
            ? "there is no docker-registry on PATH, nor named by LIFEBOAT_TEST_DOCKER_REGISTRY; on Debian: apt-get download docker-registry"
            : nil
    }

    private static var program: String? {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["LIFEBOAT_TEST_DOCKER_REGISTRY"].flatMap { $0.isEmpty ? nil : $0 }
        return findExecutable(named ?? "docker-registry", path: environment["PATH"] ?? "/usr/bin:/bin")
    }

    /// The only account of a registry that wants a login.
    package static let user = "tester"
    package static let password = "test-password"
    /// The same for the registry.
    private static let accounts = "tester:$2y$04$abcdefghijklmnopqrstuuobFaEJANklW4I6zZpcLRbXjrME4Qa2m\n"

    /// Runs until it is stopped or let go of; keeps its files in `folder`.
    package static func start(in folder: String, login: Bool = false) async throws -> TestRegistry {
        guard let program else { throw TestFailure(missing ?? "") }
        let port = try Machine.freeLoopbackPort()
        var configuration = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(folder)/registry}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:\(port)"}

            """
        if login {
            try await write(Array(accounts.utf8), to: "\(folder)/accounts")
            configuration += "auth: {htpasswd: {realm: tests, path: \(folder)/accounts}}\n"
        }
        try await write(Array(configuration.utf8), to: "\(folder)/registry.yml")
        let process = try await GuardedProcess.start(
            Command(program, ["serve", "\(folder)/registry.yml"], workingFolder: folder), log: "\(folder)/registry.log")
        let client = HTTPClient()
        try await eventually {
            guard process.isRunning else {
                throw TestFailure("docker-registry ended: \(String(decoding: try await read("\(folder)/registry.log"), as: UTF8.self))")
            }
            return (try? await client.send(HTTPRequest("GET", "http://127.0.0.1:\(port)/v2/"))) != nil
        }
        return TestRegistry(address: "127.0.0.1:\(port)", process: process)
    }

    private init(address: String, process: GuardedProcess) {
        self.address = address
        self.process = process
    }

    package func stop() async { await process.stop() }
}
