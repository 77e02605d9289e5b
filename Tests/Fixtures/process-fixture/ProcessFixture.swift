import Bindings
import Glibc

/// A program of ours that dies in the middle of its work, for the tests of what is left then.
@main struct ProcessFixture {
    static func main() async throws {
        ThisProcess.prepare()
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().first) {
        case ("guard", let folder?): try await dieWithServer(in: folder)
        case ("lock", let path?): try lock(path)
        case ("line", _): say(try await StandardStream.readLine().map { "line: \($0)\n" } ?? "no line\n")
        case ("cancelled-line", _): try await readCancelledLine()
        case ("flood", _): flood()
        case ("signals", _): await dieOfSignal()
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

    private static func lock(_ path: String) throws {
        guard case .taken(let lock) = try FileLock.take(path, .exclusive, holder: "fixture") else { exit(75) }
        say("locked\n")
        withExtendedLifetime(lock) { while true { pause() } }
    }

    private static func readCancelledLine() async throws {
        let reading = Task { try await StandardStream.readLine() }
        reading.cancel()
        do {
            _ = try await reading.value
            say("a line\n")
        } catch is CancellationError {
            say("cancelled\n")
        }
    }

    private static func flood() {
        do {
            while true { try StandardStream.output.write([UInt8](repeating: 10, count: 1 << 16)) }
        } catch {
            try? StandardStream.errors.write("\(error)\n")
            exit(3)
        }
    }

    private static func dieOfSignal() async {
        let stream = SignalStream()
        say("listening\n")
        for await signal in stream.signals {
            say("got \(signal)\n")
            ThisProcess.endBy(signal: signal)
        }
    }

    private static func say(_ text: String) {
        _ = unsafe write(1, text, text.utf8.count)
    }

    private static func die() { kill(getpid(), SIGKILL) }
}
