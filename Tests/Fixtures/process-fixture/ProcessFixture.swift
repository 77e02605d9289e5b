import Bindings
import Glibc

/// A program of ours that dies in the middle of its work, for the tests of what is left then.
@main struct ProcessFixture {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().first) {
        case ("guard", let folder?): try await dieWithServer(in: folder)
        case ("run", _): try await dieWithCommand()
        default: exit(64)
        }
    }

    private static func dieWithServer(in folder: String) async throws {
        let script = "trap '' TERM; setsid sleep 1000 & echo $!; sleep 1000 & echo $!; echo ready; wait; wait; sleep 1000"
        let server = try await GuardedProcess.start(
            Command("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"]), log: "\(folder)/log",
            grace: .milliseconds(50), removing: [folder])
        say("\(server.pid) \(server.guardianPID)\n")
        die()
    }

    private static func dieWithCommand() async throws {
        let command = Command("/bin/sh", ["-c", "echo $$ >&2; exec sleep 1000"], environment: ["PATH": "/usr/bin:/bin"])
        _ = try await run(
            command,
            onStandardErrorLine: { pid in
                say("\(pid)\n")
                die()
            })
    }

    private static func say(_ text: String) {
        _ = unsafe write(1, text, text.utf8.count)
    }

    private static func die() { kill(getpid(), SIGKILL) }
}
