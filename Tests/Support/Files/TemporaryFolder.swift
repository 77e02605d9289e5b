import Bindings

/// A new folder, gone with all that is in it when `use` is done.
package func withTemporaryFolder<Result>(_ use: (String) async throws -> Result) async throws -> Result {
    let folder = "/tmp/lifeboat-test-\(randomHex(12))"
    try await blocking { _ in try Files.makeFolder(folder) }
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await use(folder)) } catch { outcome = .failure(error) }
    await blocking { _ in _ = try? Files.removeTree(folder) }
    return try outcome.get()
}

package func write(_ bytes: [UInt8], to path: String) async throws {
    try await blocking { _ in try Files.create(path, bytes) }
}

package func read(_ path: String) async throws -> [UInt8] {
    try await blocking { _ in try Files.read(path, limit: 64 << 20) }
}

/// Links count as themselves.
package func isThere(_ path: String) async -> Bool {
    await blocking { _ in (try? Files.status(of: path)) != .some(nil) }
}

package func link(_ path: String, to target: String) async throws {
    let result = try await run(Command("/bin/ln", ["-s", "--", target, path]))
    guard result.status.isSuccess else { throw TestFailure("cannot make a link at \(path): \(result.errorTail)") }
}

/// Something that a test needs and does not get.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
