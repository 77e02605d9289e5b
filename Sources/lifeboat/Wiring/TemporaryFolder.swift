import Bindings
import Recovery

/// A folder that is gone when the command is done with it.
struct TemporaryFolder: Sendable {
    let path: String

    init(environment: [String: String]) throws {
        path = "\(environment["TMPDIR"] ?? "/tmp")/lifeboat-\(ThisProcess.pid)-\(randomHex(8))"
        do { try Files.makeFolder(path) } catch {
            throw Failure(
                .localStorage, "cannot make the temporary folder \(path)", hint: "set TMPDIR",
                cause: Failure(.localStorage, error.description))
        }
    }

    func remove() { _ = try? Files.removeTree(path) }
}
