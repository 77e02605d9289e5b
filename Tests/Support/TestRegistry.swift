import Bindings
import FoundationEssentials

/// A registry of container images on loopback, empty at first: Debian's `docker-registry`, as scripts/docker-registry serves it. Engines
/// speak to those without TLS.
package final class TestRegistry: Sendable {
    /// `127.0.0.1:5055`.
    package let address: String
    private let process: GuardedProcess

    /// For `.requires`.
    package static var missing: String? {
        script == nil
            ? "no registry is named by LIFEBOAT_TEST_DOCKER_REGISTRY; run `make docker-images`, and the tests with scripts/env" : nil
    }

    private static var script: String? {
        let named = ProcessInfo.processInfo.environment["LIFEBOAT_TEST_DOCKER_REGISTRY"] ?? ""
        return named.isEmpty ? nil : named
    }

    /// The only account of a registry that wants a login.
    package static let user = "tester"
    package static let password = "test-password"

    /// Runs until it is stopped or let go of; keeps its files in `folder`.
    package static func start(in folder: String, login: Bool = false) async throws -> TestRegistry {
        guard let script else { throw TestFailure(missing ?? "") }
        // It serves until its input ends: one that it could write to itself never does.
        let words = ["-c", #"mkfifo input && exec "$0" serve "$@" <>input"#, script] + (login ? ["--login", "\(user):\(password)"] : [])
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let log = "\(folder)/registry.log"
        let process = try await GuardedProcess.start(
            Command("/bin/sh", words, environment: ["PATH": path, "TMPDIR": folder], workingFolder: folder), log: log)
        var address = ""
        try await eventually {
            let said = String(decoding: try await read(log), as: UTF8.self)
            guard process.isRunning else { throw TestFailure("there is no registry: \(said)") }
            address = said.split(separator: "\n").map(String.init).first { $0.hasPrefix("127.0.0.1:") && said.contains("\($0)\n") } ?? ""
            return !address.isEmpty
        }
        return TestRegistry(address: address, process: process)
    }

    private init(address: String, process: GuardedProcess) {
        self.address = address
        self.process = process
    }

    package func stop() async { await process.stop() }
}
