import Bindings
import FoundationEssentials
internal import Testing

/// Somebody else's readers of our formats: modules of PyPI, as `scripts/setup` installs them.
package enum Python {
    /// Runs a script that may import `module`. Skips the test with the reason where there is no such module; with
    /// LIFEBOAT_REQUIRE_ALL=1 that is a failure instead.
    package static func run(_ script: String, _ arguments: [String] = [], input: [UInt8] = [], needing module: String) async throws -> Ended
    {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["LIFEBOAT_PYTHON"] ?? findExecutable("python3", path: "/usr/local/bin:/usr/bin:/bin")
        guard let python = named, await has(module, python) else {
            let reason = "needs a Python with \(module): run it as scripts/env swift test, after scripts/setup"
            guard environment["LIFEBOAT_REQUIRE_ALL"] != "1" else { throw Missing(reason) }
            try Test.cancel(Comment(rawValue: reason))
        }
        let result = try await Bindings.run(
            Command(python, ["-c", script] + arguments, environment: ["PYTHONUTF8": "1"], input: .bytes(input)), outputLimit: 16 << 20)
        return Ended(succeeded: result.status.isSuccess, output: result.outputText, errors: result.errorTail)
    }

    package struct Ended: Sendable {
        package let succeeded: Bool
        package let output: String
        package let errors: String
    }

    private struct Missing: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private static func has(_ module: String, _ python: String) async -> Bool {
        (try? await Bindings.run(Command(python, ["-c", "import \(module)"])))?.status.isSuccess ?? false
    }
}
