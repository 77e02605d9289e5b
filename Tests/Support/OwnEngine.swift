import Bindings
import FoundationEssentials
import Glibc
import Synchronization

/// A container engine for one test, to be stopped and started again, as `scripts/docker-engine serve --own` starts it.
package final class OwnEngine: Sendable {
    /// `unix:///var/tmp/lifeboat-engine-…/docker.sock`.
    package let address: String
    private let command: [String]
    private let folder: String
    private let log: String
    private let second = Mutex<GuardedProcess?>(nil)

    /// For `.requires`.
    package static var missing: String? { getuid() == 0 ? nil : "only root can start a container engine" }

    /// With one that has these images of the machine's own engine; it is gone afterwards, with all that it has.
    package static func with<Result: Sendable>(_ images: [String], _ use: (OwnEngine) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
            let log = "\(folder)/engine.log"
            let script = #"mkfifo input && exec "$0" serve --own <>input"#
            let process = try await GuardedProcess.start(
                Command(
                    "/bin/sh", ["-c", script, "\(Program.checkout)/scripts/docker-engine"], environment: ["PATH": path],
                    workingFolder: folder), log: log)
            let outcome: Swift.Result<Result, any Error>
            do {
                let engine = try await OwnEngine(process, log)
                for image in images {
                    let copied = try await run(
                        Command(
                            "/bin/sh",
                            [
                                "-c", #"docker --host "$3" save "$1" | docker --host "$2" load"#, "sh", image, engine.address,
                                TestDocker.host,
                            ],
                            environment: ["PATH": path]))
                    guard copied.status.isSuccess else { throw TestFailure("the image \(image) could not be copied: \(copied.errorTail)") }
                }
                outcome = .success(try await use(engine))
                await engine.second.withLock { $0 }?.stop()
            } catch { outcome = .failure(error) }
            // Its script clears up behind it when it is told to end, and needs a while.
            kill(process.pid, SIGTERM)
            _ = try await process.waitForExit()
            return try outcome.get()
        }
    }

    private init(_ process: GuardedProcess, _ log: String) async throws {
        var found = ""
        try await eventually {
            let said = String(decoding: try await read(log), as: UTF8.self)
            guard process.isRunning else { throw TestFailure("there is no engine: \(said)") }
            found = said.split(separator: "\n").map(String.init).first { $0.hasPrefix("unix://") && said.contains("\($0)\n") } ?? ""
            return !found.isEmpty
        }
        address = found
        folder = String(found.dropFirst("unix://".count).dropLast("/docker.sock".count))
        self.log = log
        let pid = String(decoding: try await read("\(folder)/pid"), as: UTF8.self)
        // One that finds networks of its own, and is given pools of addresses, deletes `docker0`, whosever it is. There are no new
        // networks after a restart.
        let words = String(decoding: try await read("/proc/\(pid)/cmdline"), as: UTF8.self).split(separator: "\0").map(String.init)
        let pool = words.firstIndex(of: "--default-address-pool")
        command = words.indices.filter { index in pool.map { index != $0 && index != $0 + 1 } ?? true }.map { words[$0] }
    }

    /// Ends the daemon as an update does; its containers end with it.
    package func stop() async throws {
        let pid = Int32(String(decoding: try await read("\(folder)/pid"), as: UTF8.self)) ?? 0
        kill(pid, SIGTERM)
        guard await waitUntilGone(pid: pid) else { throw TestFailure("the engine does not end") }
    }

    /// It takes connections and answers nobody, until `goOn`.
    package func hang() async throws { kill(try await pid(), SIGSTOP) }

    package func goOn() async throws { kill(try await pid(), SIGCONT) }

    private func pid() async throws -> Int32 {
        guard let pid = Int32(String(decoding: try await read("\(folder)/pid"), as: UTF8.self)) else {
            throw TestFailure("the engine has no number")
        }
        return pid
    }

    package func startAgain() async throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        let program = findExecutable(command.first ?? "", path: path + ":/usr/sbin:/sbin") ?? ""
        let process = try await GuardedProcess.start(
            Command(program, Array(command.dropFirst()), environment: ["PATH": path + ":/usr/sbin:/sbin"]), log: log + ".2")
        second.withLock { $0 = process }
        try await eventually {
            guard process.isRunning else {
                throw TestFailure("it does not start again: \(String(decoding: try await read(log + ".2"), as: UTF8.self))")
            }
            return (try? await TestDocker.things(labelled: "nothing", at: address)) != nil
        }
    }
}
