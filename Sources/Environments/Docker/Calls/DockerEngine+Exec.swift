import Bindings
import Documents
import Recovery

extension DockerEngine {
    struct Executed: Sendable {
        let status: Int
        let output: String
        let errors: String
    }

    /// Runs a program inside a container to its end and collects what it writes, up to 1 MiB of each stream.
    func execute(_ command: [String], in container: String, as user: String? = nil) async throws -> Executed {
        let attempt = "run \(command.first ?? "nothing") in a container"
        var body: [JSONValue.Member] = [
            .init("AttachStdout", true), .init("AttachStderr", true), .init("Cmd", .array(command.map { .string($0) })),
        ]
        if let user { body.append(.init("User", .string(user))) }
        let made = try await call("POST", "/containers/\(container)/exec", [], .object(body), attempt: attempt)
        guard let id = made["Id"]?.string else {
            throw Failure(.environmentUnavailable, "cannot \(attempt): the engine answered without an id")
        }
        let streams = Streams()
        // Without an upgrade the engine answers with the framed streams, up to their end.
        try await stream(
            "POST", "/exec/\(id)/start", [], .bytes(Array(#"{"Detach":false,"Tty":false}"#.utf8)),
            headers: [HTTPHeader("Content-Type", "application/json")], attempt: attempt
        ) { try await streams.add($0) }
        let status = try await call("GET", "/exec/\(id)/json", attempt: attempt)["ExitCode"]?.int
        return Executed(status: status.map(Int.init) ?? -1, output: await streams.text(.output), errors: await streams.text(.errors))
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
