import Bindings
import Documents
import Recovery

extension DockerEngine {
    /// Returns the id. `DockerRefusal` with `isConflict` when the name is taken, with `isMissing` when there is no such image.
    func createContainer(named name: String, _ body: JSONValue) async throws -> String {
        let answer = try await make(
            "/containers/create", [("name", name)], body, within: .seconds(120), attempt: "create the container \(name)")
        guard let id = answer["Id"]?.string else {
            throw Failure(.environmentUnavailable, "cannot create the container \(name): the engine answered without its id")
        }
        return id
    }

    func startContainer(_ id: String) async throws {
        _ = try await call("POST", "/containers/\(id)/start", within: .seconds(120), attempt: "start a container")
    }

    /// - Parameter id: or a name, in whatever characters somebody wrote it.
    func inspectContainer(_ id: String) async throws -> ContainerFacts {
        ContainerFacts(try await call("GET", "/containers/\(id.percentEncoded)/json", attempt: "look at a container"))
    }

    /// Waits for its end, however long that takes, and returns its exit code.
    func waitForContainer(_ id: String) async throws -> Int {
        let answer = try await call("POST", "/containers/\(id)/wait", within: nil, attempt: "wait for the end of a container")
        return answer["StatusCode"]?.int.map(Int.init) ?? -1
    }

    /// At once, with its unnamed volumes. One that is gone already is well.
    func removeContainer(_ id: String) async throws {
        do {
            _ = try await call(
                "DELETE", "/containers/\(id)", [("force", "1"), ("v", "1")], within: .seconds(120), attempt: "remove a container")
        } catch let refusal as DockerRefusal where refusal.isMissing {
        } catch let refusal as DockerRefusal where refusal.isConflict && refusal.message.contains("already in progress") {
        }
    }

    /// The end of what it wrote, both streams in the order of their lines.
    func log(of id: String, lines: Int, within limit: Duration = .seconds(20)) async throws -> String {
        let gathered = Gathered()
        try await stream(
            "GET", "/containers/\(id)/logs", [("stdout", "1"), ("stderr", "1"), ("tail", "\(lines)")], within: limit,
            attempt: "read a container's log"
        ) { try await gathered.add($0) }
        return await gathered.text
    }

    private actor Gathered {
        private var frames = DockerFrames()
        private var bytes: [UInt8] = []

        func add(_ piece: [UInt8]) throws { for frame in try frames.take(piece) { bytes += frame.bytes } }

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }
}
