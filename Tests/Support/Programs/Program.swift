import Bindings
import FoundationEssentials
internal import Testing

/// A program of this package, as it was built beside the tests, run from outside.
package struct Program: Sendable {
    package var path: String
    package var environment: [String: String]
    package var folder: String

    /// - Parameter environment: all of it, but for PATH and what names the test servers and the container engine.
    package init(_ name: String, in folder: String = "/", environment: [String: String] = [:]) throws {
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = String(test.prefix(upTo: test.lastIndex(of: "/") ?? test.endIndex))
        path = try #require(findExecutable(name, path: beside), "\(name) is not built beside the tests")
        let ours = ProcessInfo.processInfo.environment
        // An engine that was started for the tests is in no usual place.
        var all = ours.filter { $0.key.hasPrefix("DOCKER_") }
        all["PATH"] = ours["PATH"] ?? "/usr/bin:/bin"
        // Containers are tried where a test says so.
        all["LIFEBOAT_ENVIRONMENT"] = "process"
        let postgres = ours["LIFEBOAT_POSTGRES_BINS"] ?? ours["LIFEBOAT_POSTGRES_BIN"]
        all["LIFEBOAT_TOOLS"] = [postgres, TestQdrant.tools, TestArango.tools].compactMap { $0 }.joined(separator: ":")
        self.environment = all.merging(environment) { _, new in new }
        self.folder = folder
    }

    package struct Ended: Sendable {
        package let code: Int32
        package let output: String
        package let errors: String
    }

    package func callAsFunction(_ arguments: String...) async throws -> Ended { try await run(arguments) }

    package func run(_ arguments: [String]) async throws -> Ended {
        let result = try await Bindings.run(
            Command(path, arguments, environment: environment, workingFolder: folder), outputLimit: 16 << 20, errorLimit: 1 << 20)
        let code: Int32 =
            switch result.status {
            case .exited(let code): code
            case .signalled(let signal): 128 + signal
            }
        return Ended(code: code, output: result.outputText, errors: result.errorTail)
    }

    /// The checkout's folder.
    package static var checkout: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized.path
    }
}
