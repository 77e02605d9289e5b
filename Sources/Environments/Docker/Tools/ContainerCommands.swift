import Bindings
import Recovery

/// Runs programs inside a container. Each carries a mark in its environment, and so does all that it starts: an engine cannot end what it
/// runs there, so those with the mark are ended from inside.
struct ContainerCommands: CommandRunner {
    let folder: DockerFolder
    let time: any TimeSource

    private static let patience = 100

    func run(_ command: CommandSpec, onErrorLine: (@Sendable (String) -> Void)?) async throws -> CommandOutcome {
        guard command.standardInput == nil, command.folder == nil, command.account == nil, command.logFile == nil else {
            throw Failure(.bug, "\(command.executable) is to run in a container in a way that containers cannot")
        }
        let began = time.uptime
        let mark = "\(folder.path)/\(randomHex(8))"
        let environment = command.environment.map { "\($0.key)=\($0.value)" } + ["\(DockerFolder.mark)=\(mark)"]
        // Not without its folder: then somebody has given it up while it was on its way.
        let words = ["sh", "-c", #"[ -d "$1" ] && shift && exec "$@""#, "sh", folder.path, command.executable] + command.arguments
        let streams = ProgramStreams(onErrorLine)
        let attempt = "run \(command.executable)"
        let id = try await folder.inside(attempt) {
            try await folder.engine.prepare(words, in: folder.container, environment: environment)
        }
        do {
            try await folder.inside(attempt) { try await folder.engine.startExec(id, within: nil) { try await streams.take($0) } }
        } catch {
            await uncancelled { await end(id, mark) }
            throw error
        }
        await streams.end()
        let ended = try await folder.inside(attempt) { try await folder.engine.ended(id) }
        let errors = await streams.errors
        guard let status = ended.status, !ended.isRunning, try await isUp(after: status) else {
            throw Failure(
                .unreachable, "container '\(folder.container)' ended while \(command.executable) ran in it",
                hint: "its log says why: docker logs \(folder.container)", cause: errors.isEmpty ? nil : Failure(.unreachable, errors))
        }
        if status == 126 || status == 127, await streams.output.isEmpty {
            throw Failure(
                .toolMissing, "cannot run \(command.executable) in container '\(folder.container)'",
                hint: "`container:` names the container that the server itself runs in; images of PostgreSQL hold its programs",
                cause: errors.isEmpty ? nil : Failure(.toolMissing, errors))
        }
        return CommandOutcome(
            status: (129...159).contains(status) ? .signalled(Int32(status - 128)) : .exited(Int32(status)), output: await streams.output,
            errors: errors, seconds: (time.uptime - began).inSeconds)
    }

    /// What is in a container is found when it is run.
    func find(_ executable: String) -> String? { executable }

    /// A container that goes away kills what runs in it before the engine says that it has ended; but nothing new runs in it then.
    private func isUp(after status: Int) async throws -> Bool {
        if status == 128 + 9, (try? await folder.script("true", "", "look around")) == nil { return false }
        do { return try await folder.engine.inspectContainer(folder.container).isRunning } catch let refusal as DockerRefusal {
            guard refusal.isMissing else { throw refusal.asFailure }
            return false
        }
    }

    /// Asks it to end, and makes it after a while. What has not begun yet when its folder goes does nothing.
    private func end(_ id: String, _ mark: String) async {
        for round in 0..<Self.patience {
            let signal = round < Self.patience / 4 ? "TERM" : "KILL"
            guard (try? await folder.script(DockerFolder.sending(signal), mark, "end a program")) != nil,
                let state = try? await folder.engine.exec(id), state.isRunning
            else { return }
            try? await time.sleep(for: .milliseconds(100))
        }
    }
}

/// The two streams of a program: the beginning of its output, and its complaints by lines.
private actor ProgramStreams {
    private static let limit = 1 << 20
    private static let tail = 64 << 10

    private let onErrorLine: (@Sendable (String) -> Void)?
    private var frames = DockerFrames()
    private(set) var output: [UInt8] = []
    private var complaints: [UInt8] = []
    private var line: [UInt8] = []

    init(_ onErrorLine: (@Sendable (String) -> Void)?) { self.onErrorLine = onErrorLine }

    func take(_ bytes: [UInt8]) throws {
        for frame in try frames.take(bytes) {
            switch frame.stream {
            case .output: output += frame.bytes.prefix(Self.limit - output.count)
            case .errors:
                complaints += frame.bytes
                if complaints.count > 2 * Self.tail { complaints.removeFirst(complaints.count - Self.tail) }
                for byte in frame.bytes {
                    if byte == 10 { tell() } else if line.count < Self.tail { line.append(byte) }
                }
            }
        }
    }

    func end() { if !line.isEmpty { tell() } }

    private func tell() {
        onErrorLine?(String(decoding: line, as: UTF8.self))
        line = []
    }

    var errors: String { String(decoding: complaints.suffix(Self.tail), as: UTF8.self) }
}
