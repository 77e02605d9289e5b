import Bindings
import Documents
import Recovery

extension DockerEngine {
    struct Executed: Sendable {
        let status: Int
        let output: String
        let errors: String
    }

    /// Runs a small program inside a container to its end and collects what it writes, up to 1 MiB of each stream.
    func execute(
        _ command: [String], in container: String, as user: String? = nil, within limit: Duration = .seconds(60)
    ) async throws -> Executed {
        let id = try await prepare(command, in: container, as: user, within: min(limit, .seconds(60)))
        let streams = Streams()
        try await startExec(id, within: limit) { try await streams.add($0) }
        let status = try await ended(id).status
        return Executed(status: status ?? -1, output: await streams.text(.output), errors: await streams.text(.errors))
    }

    /// Returns the id of what `startExec` then runs.
    ///
    /// - Parameter environment: added to the container's own, as in `NAME=value`. It can be read by whoever may ask the engine.
    func prepare(
        _ command: [String], in container: String, as user: String? = nil, environment: [String] = [], within limit: Duration = .seconds(60)
    ) async throws -> String {
        let attempt = "run \(command.first ?? "nothing") in a container"
        var body: [JSONValue.Member] = [
            .init("AttachStdout", true), .init("AttachStderr", true), .init("Cmd", .array(command.map { .string($0) })),
        ]
        if let user { body.append(.init("User", .string(user))) }
        if !environment.isEmpty { body.append(.init("Env", .array(environment.map { .string($0) }))) }
        let made = try await call("POST", "/containers/\(container)/exec", [], .object(body), within: limit, attempt: attempt)
        guard let id = made["Id"]?.string else {
            throw Failure(.environmentUnavailable, "cannot \(attempt): the engine answered without an id")
        }
        return id
    }

    /// Hands on the framed streams up to their end. Cancelling ends the listening, not the program.
    ///
    /// - Parameter limit: nil for what may take hours, and be silent all the time.
    func startExec(_ id: String, within limit: Duration?, onBytes: @escaping @Sendable ([UInt8]) async throws -> Void) async throws {
        // Without an upgrade the engine answers with the framed streams.
        try await stream(
            "POST", "/exec/\(id)/start", [], .bytes(Array(#"{"Detach":false,"Tty":false}"#.utf8)),
            headers: [HTTPHeader("Content-Type", "application/json")], within: limit, attempt: "run a program in a container",
            onBytes: onBytes)
    }

    /// The same once its streams are at their end: engines notice the end of the program itself a little later.
    func ended(_ id: String) async throws -> (isRunning: Bool, status: Int?) {
        for _ in 1..<500 {
            let state = try await exec(id)
            guard state.isRunning else { return state }
        }
        return try await exec(id)
    }

    /// Whether it runs, and how it ended; nil when it has not, or its container went away first.
    func exec(_ id: String) async throws -> (isRunning: Bool, status: Int?) {
        let answer = try await call("GET", "/exec/\(id)/json", attempt: "look at a program in a container")
        return (answer["Running"]?.bool ?? false, answer["ExitCode"]?.int.map(Int.init))
    }

    private actor Streams {
        private var frames = DockerFrames()
        private var bytes: [DockerFrames.Stream: [UInt8]] = [:]

        func add(_ piece: [UInt8]) throws {
            for frame in try frames.take(piece) where bytes[frame.stream, default: []].count < 1 << 20 {
                bytes[frame.stream, default: []] += frame.bytes
            }
        }

        func text(_ stream: DockerFrames.Stream) -> String { String(decoding: bytes[stream] ?? [], as: UTF8.self) }
    }
}
