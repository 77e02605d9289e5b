import Bindings
import Documents
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Environments

/// The engine of this machine.
enum TestEngine {
    static func connect() async throws -> DockerEngine {
        let host = try #require(try DockerHost.find(ProcessInfo.processInfo.environment))
        return try await DockerEngine.connect(to: host)
    }

    static let commands = ChildCommands(environment: ChildEnvironment(from: [:]))
    static let noLogins = RegistryLogins(DockerConfigFile(path: "config.json"), commands: commands, environment: [:], time: RealTime())
}

/// Makes images and publishes them in a registry of its own. They carry a label by which all of them are found again.
struct ImageWorkshop: Sendable {
    let engine: DockerEngine
    let registry: TestRegistry
    let folder: String
    private let login: String?
    private let label = "io.lifeboat-test.images=\(randomHex(12))"

    init(engine: DockerEngine, registry: TestRegistry, folder: String, login: String?) {
        self.engine = engine
        self.registry = registry
        self.folder = folder
        self.login = login
    }

    /// With the login that the registry knows, where it wants one.
    var images: DockerImages {
        get throws { try images(login: login) }
    }

    func images(login: String?) throws -> DockerImages {
        var file = DockerConfigFile(path: "config.json")
        if let login { file.logins[registry.address] = .init(basic: Data(login.utf8).base64EncodedString()) }
        return DockerImages(
            engine: engine, logins: RegistryLogins(file, commands: TestEngine.commands, environment: [:], time: RealTime()),
            time: RealTime())
    }

    /// An image that the registry has and the engine does not.
    func published(_ repository: String, tag: String, content: String) async throws -> ImageName {
        let name = try ImageName("\(registry.address)/lifeboat-test/\(repository):\(tag)")
        try await publishElsewhere(name, content: content, keeping: nil)
        return name
    }

    /// Publishes another image under a name; afterwards the engine has what it had before, as far as it is to keep it.
    func publishElsewhere(_ name: ImageName, content: String, keeping kept: DockerImage?) async throws {
        try await engine.stream(
            "POST", "/images/create",
            [("fromSrc", "-"), ("repo", name.place), ("tag", name.tag ?? "latest"), ("changes", "LABEL \(label)")]
                + ["VOLUME /data/b", "VOLUME /data/a", "EXPOSE 5432/tcp", "USER 1000"].map { ("changes", $0) },
            .bytes(Self.tar(holding: content)), headers: [HTTPHeader("Content-Type", "application/x-tar")], attempt: "make an image"
        ) { _ in }
        let answer = LoadAnswer()
        let header = try await images.logins.header(for: registry.address) ?? HTTPHeader("X-Registry-Auth", "e30=")
        try await engine.stream(
            "POST", "/images/\(name.place)/push", [("tag", name.tag ?? "latest")], headers: [header], attempt: "push an image"
        ) { try answer.take($0) }
        _ = try answer.end()
        try await forget(name)
        guard let kept else { return }
        _ = try await engine.call(
            "POST", "/images/\(kept.id)/tag", [("repo", name.place), ("tag", name.tag ?? "latest")], attempt: "name an image")
    }

    /// Takes its name from the engine's image, and the image with the last one.
    func forget(_ name: ImageName) async throws {
        _ = try await engine.call("DELETE", "/images/\(name.reference)", attempt: "remove an image")
    }

    /// Removes all that it has made.
    func clear() async throws {
        for image in try await left() {
            _ = try await engine.call("DELETE", "/images/\(image)", [("force", "1")], attempt: "remove an image")
        }
    }

    /// Identities of what is left of it.
    func left() async throws -> [String] {
        let filters: JSONValue = ["label": [.string(label)]]
        let list = try await engine.call("GET", "/images/json", [("all", "1"), ("filters", filters.text())], attempt: "list images")
        return (list.array ?? []).compactMap { $0["Id"]?.string }
    }

    /// An archive with one file.
    private static func tar(holding content: String) -> [UInt8] {
        func field(_ text: String, _ width: Int) -> [UInt8] {
            Array(text.utf8) + [UInt8](repeating: 0, count: width - text.utf8.count)
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        let bytes = Array(content.utf8)
        let head = field("content", 100) + field(octal(0o644, 7), 8) + field(octal(0, 7), 8) + field(octal(0, 7), 8)
        let sizes = field(octal(bytes.count, 11), 12) + field(octal(1_700_000_000, 11), 12)
        let rest = [UInt8(ascii: "0")] + field("", 100) + field("ustar", 6) + Array("00".utf8) + field("", 247)
        let sum = (head + sizes + [UInt8](repeating: 32, count: 8) + rest).reduce(0) { $0 + Int($1) }
        let header = head + sizes + Array(octal(sum, 6).utf8) + [0, 32] + rest
        let padding = [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
        return header + bytes + padding + [UInt8](repeating: 0, count: 1024)
    }
}

/// With a registry and an engine; the engine has nothing of it afterwards.
func withWorkshop(login: Bool = false, _ use: (ImageWorkshop) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        let registry = try await TestRegistry.start(in: folder, login: login)
        let shop = ImageWorkshop(
            engine: try await TestEngine.connect(), registry: registry, folder: folder,
            login: login ? "\(TestRegistry.user):\(TestRegistry.password)" : nil)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await use(shop)) } catch { outcome = .failure(error) }
        try await shop.clear()
        let left = try await shop.left()
        #expect(left.isEmpty)
        await registry.stop()
        try outcome.get()
    }
}
