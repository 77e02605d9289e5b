import Bindings
import FoundationEssentials
import Glibc
import Testing

/// A shell script with nothing but the usual tools in its environment.
func shell(_ script: String) -> Command { Command("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"]) }

/// An empty folder that only we can enter, gone afterwards.
func withScratchFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let folder = "/tmp/lifeboat-test-\(UUID().uuidString)"
    try #require(unsafe mkdir(folder, 0o700) == 0)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// The program in Tests/Fixtures, built beside this test.
func processFixture() throws -> String {
    let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return try #require(findExecutable("process-fixture", path: String(test.prefix(upTo: test.lastIndex(of: "/") ?? test.endIndex))))
}

func text(of path: String) async throws -> String { try await run(Command("/bin/cat", [path])).outputText }

/// Waits until a growing file has that line.
func waitForLine(_ line: String, in path: String) async throws {
    _ = try await run(shell("tail -n +1 -F '\(path)' 2>/dev/null | grep -q -m 1 -x '\(line)'"))
}

func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

extension String {
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}
