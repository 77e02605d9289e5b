import Bindings
import Documents
import Synchronization
import TestSupport

@testable import Environments

/// Speaks as much of the Engine API as a test wants, over a socket in a folder of the test, and remembers what it was asked.
final class FakeDocker: Sendable {
    /// Which engine it says to be.
    struct Kind: Sendable {
        var header: String?
        var version: String

        static let docker20 = Kind(
            header: "1.41",
            version: #"{"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "Os": "linux", "Arch": "amd64"}"#)
        static let docker29 = Kind(
            header: "1.52",
            version: #"""
                {"Platform": {"Name": "Docker Engine - Community"}, "Components": [{"Name": "Engine", "Version": "29.0.0"}],
                 "Version": "29.0.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44", "Os": "linux", "Arch": "arm64"}
                """#)
        static let podman = Kind(
            header: "1.41",
            version: #"""
                {"Components": [{"Name": "Podman Engine", "Version": "4.3.1"}], "Version": "4.3.1", "ApiVersion": "1.41",
                 "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"}
                """#)
        static let tooOld = Kind(header: "1.39", version: #"{"Version": "18.09", "ApiVersion": "1.39", "MinAPIVersion": "1.12"}"#)
        static let tooNew = Kind(header: "1.99", version: #"{"Version": "40.0", "ApiVersion": "1.99", "MinAPIVersion": "1.60"}"#)
        /// A web server that happens to be there.
        static let none = Kind(header: nil, version: "<html>welcome</html>")
    }

    let host: DockerHost
    private let server: HTTPServer
    private let log: Log

    /// What it says to everything but `/_ping` and `/version`.
    struct Answers: Sendable {
        let to: @Sendable (HTTPServerRequest) -> HTTPServerResponse

        init(_ to: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse) { self.to = to }

        static func always(_ status: Int, _ text: String = "") -> Answers { Answers { _ in HTTPServerResponse(status, text) } }
        /// Without an end.
        static let endless = Answers { _ in HTTPServerResponse(200, body: .stream { [1] }) }
    }

    init(_ kind: Kind = .docker20, in folder: String, answers: Answers) throws {
        let log = Log()
        let path = "\(folder)/docker.sock"
        server = try HTTPServer(unixSocket: path) { request in
            log.requests.withLock { $0.append(request) }
            switch request.path {
            case "/_ping":
                return HTTPServerResponse(
                    200, headers: kind.header.map { [HTTPHeader("Api-Version", $0)] } ?? [], body: .bytes(Array("OK".utf8)))
            case "/version": return HTTPServerResponse(200, kind.version, contentType: "application/json")
            default: return answers.to(request)
            }
        }
        self.log = log
        host = DockerHost(way: .unixSocket(path), origin: "the test")
    }

    private final class Log: Sendable { let requests = Mutex<[HTTPServerRequest]>([]) }

    var requests: [HTTPServerRequest] { log.requests.withLock { $0 } }
    var paths: [String] { requests.map { "\($0.method) \($0.path)" } }

    func connected(wanted: String? = nil) async throws -> DockerEngine { try await DockerEngine.connect(to: host, wanted: wanted) }
    func stop() async { await server.stop() }
}

/// With an engine like that, gone afterwards.
func withFakeDocker<Result>(
    _ kind: FakeDocker.Kind = .docker20, answering answers: FakeDocker.Answers = .always(404, #"{"message": "page not found"}"#),
    _ use: (FakeDocker) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let docker = try FakeDocker(kind, in: folder, answers: answers)
        let result = try await use(docker)
        await docker.stop()
        return result
    }
}
