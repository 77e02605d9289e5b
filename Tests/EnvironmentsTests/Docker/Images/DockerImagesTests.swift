import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// What an engine may answer, from one that says just that.
@Suite(.timeLimit(.minutes(1))) struct DockerImagesTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)
    private static let otherDigest = "sha256:" + String(repeating: "b", count: 64)

    private static func described(digests: [String] = []) -> String {
        let list = digests.map { "\"\($0)\"" }.joined(separator: ",")
        return """
            {"Id": "sha256:1d", "RepoDigests": [\(list)], "Size": 5242880, "Architecture": "amd64",
             "Config": {"User": "postgres", "Volumes": {"/var/lib/b": {}, "/var/lib/a": {}}, "ExposedPorts": {"5432/tcp": {}, "80/tcp": {}}}}
            """
    }

    /// An engine that has an image once it has pulled it (or from the start), and tells this while it pulls.
    private static func answers(
        has: Bool = false, digests: [String] = [], pulling lines: [String] = [#"{"status": "Digest: x"}"#], status: Int = 200
    ) -> FakeDocker.Answers {
        let state = Mutex(has)
        return FakeDocker.Answers { request in
            if request.path.hasSuffix("/images/create") {
                state.withLock { $0 = true }
                return HTTPServerResponse(status, lines.joined(separator: "\r\n"), contentType: "application/json")
            }
            guard request.path.hasSuffix("/json"), state.withLock({ $0 }) else {
                return HTTPServerResponse(404, #"{"message": "No such image"}"#)
            }
            return HTTPServerResponse(200, described(digests: digests), contentType: "application/json")
        }
    }

    private final class Said: Sendable {
        private let state = Mutex<[String]>([])
        var lines: [String] { state.withLock { $0 } }
        @Sendable func say(_ line: String) { state.withLock { $0.append(line) } }
    }

    private func images(_ docker: FakeDocker, config: String = "{}", time: any TimeSource = InstantTime()) async throws -> DockerImages {
        let file = try await withTemporaryFolder { folder in
            try await write(Array(config.utf8), to: "\(folder)/config.json")
            return try DockerConfigFile.read("\(folder)/config.json")
        }
        let commands = ChildCommands(environment: ChildEnvironment(from: [:]))
        return DockerImages(
            engine: try await docker.connected(), logins: RegistryLogins(file, commands: commands, environment: [:], time: RealTime()),
            time: time)
    }

    // MARK: policy

    @Test func whatIsThereIsDescribed() async throws {
        try await withFakeDocker(answering: Self.answers(has: true, digests: ["other/x@\(Self.otherDigest)", "postgres@\(Self.digest)"])) {
            docker in
            let said = Said()
            let image = try await images(docker).ensure(ImageName("postgres:16"), pull: .missing, say: said.say)
            #expect(image.reference == "docker.io/library/postgres:16")
            #expect(image.id == "sha256:1d")
            #expect(image.digest == Self.digest)
            #expect(image.volumes == ["/var/lib/a", "/var/lib/b"])
            #expect(image.exposedPorts == ["5432/tcp", "80/tcp"])
            #expect(image.user == "postgres")
            #expect(image.bytes == 5 << 20)
            #expect(image.architecture == "amd64")
            #expect(said.lines == [])
            #expect(docker.paths == ["GET /_ping", "GET /v1.41/images/docker.io/library/postgres:16/json"])
        }
    }

    @Test func anImageThatSaysLittleIsAnImage() async throws {
        try await withFakeDocker(answering: .always(200, #"{"Id": "sha256:1d", "RepoDigests": null, "Config": null}"#)) { docker in
            let image = try await images(docker).ensure(ImageName("x"), pull: .never, say: { _ in })
            #expect(image.digest == nil)
            #expect(image.volumes == [] && image.exposedPorts == [] && image.user == "" && image.bytes == 0)
        }
        try await withFakeDocker(answering: .always(200, "{}")) { docker in
            let failure = await #expect(throws: Failure.self) {
                try await images(docker).ensure(ImageName("x"), pull: .never, say: { _ in })
            }
            #expect(failure?.problem == "the container engine describes the image x:latest without an id")
        }
    }

    @Test func whatIsMissingIsPulledAndWhatIsThereIsPulledOnlyAlways() async throws {
        for (has, pull, pulls) in [
            (false, PullPolicy.missing, true), (true, .missing, false), (true, .always, true), (false, .always, true),
        ] {
            try await withFakeDocker(answering: Self.answers(has: has)) { docker in
                let said = Said()
                _ = try await images(docker).ensure(ImageName("a/b:1"), pull: pull, say: said.say)
                let asked = docker.requests.first { $0.path == "/v1.41/images/create" }
                #expect((asked != nil) == pulls)
                if let asked {
                    #expect(asked.query.map { "\($0.name)=\($0.value ?? "")" } == ["fromImage=docker.io/a/b", "tag=1"])
                    #expect(asked.header("X-Registry-Auth") == nil)
                    #expect(said.lines == ["pulling a/b:1", "pulled a/b:1: 5.0 MiB"])
                }
            }
        }
    }

    @Test func whatIsMissingAndNotToBePulledIsSaidWithBothWaysToGetIt() async throws {
        try await withFakeDocker(answering: Self.answers()) { docker in
            let failure = await #expect(throws: Failure.self) {
                try await images(docker).ensure(ImageName("postgres:16"), pull: .never, say: { _ in })
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(
                failure?.problem
                    == "the container engine at \(docker.host.address) does not have the image postgres:16, and is not to pull any")
            #expect(
                failure?.hint
                    == "fetch it with `lifeboat images pull DRILL`, or bring it along in a file and `lifeboat images load FILE`")
        }
    }

    @Test func theLoginGoesAlongAndNowhereElse() async throws {
        let config = #"{"auths": {"r.local": {"auth": "bWU6cHc="}}}"#
        try await withFakeDocker(answering: Self.answers()) { docker in
            _ = try await images(docker, config: config).ensure(ImageName("r.local/x"), pull: .missing, say: { _ in })
            let told = docker.requests.filter { $0.header("X-Registry-Auth") != nil }
            #expect(told.map(\.path) == ["/v1.41/images/create"])
        }
    }

    // MARK: digests

    @Test func aPinIsAskedForByItsDigest() async throws {
        try await withFakeDocker(answering: Self.answers(digests: ["r.local/x@\(Self.digest)"])) { docker in
            let name = try ImageName("r.local/x:1@\(Self.digest)")
            let image = try await images(docker).ensure(name, pull: .always, say: { _ in })
            #expect(image.digest == Self.digest)
            #expect(image.reference == "r.local/x@\(Self.digest)")
            let asked = try #require(docker.requests.first { $0.path == "/v1.41/images/create" })
            #expect(asked.query.map { $0.value ?? "" } == ["r.local/x", Self.digest])
        }
    }

    @Test func anImageWithAnotherDigestIsRefused() async throws {
        for digests in [["r.local/x@\(Self.otherDigest)"], []] {
            try await withFakeDocker(answering: Self.answers(digests: digests)) { docker in
                let failure = await #expect(throws: Failure.self) {
                    try await images(docker).ensure(ImageName("r.local/x@\(Self.digest)"), pull: .missing, say: { _ in })
                }
                #expect(failure?.kind == .environmentUnavailable)
                #expect(failure?.problem.hasPrefix("the image r.local/x@\(Self.digest) is not the one that is pinned: ") == true)
                #expect(failure?.hint == "remove that one with `docker image rm`, or correct the digest")
            }
        }
    }

    // MARK: errors of pulling

    @Test func anErrorInsideOfASuccessIsAnError() async throws {
        let lines = [
            #"{"status":"Pulling from library/x","id":"1"}"#, #"{"status":"Pulling fs layer","progressDetail":{},"id":"abc"}"#,
            #"{"errorDetail":{"message":"write /var/lib/docker/tmp/x: no space left on device"},"error":"write: no space left on device"}"#,
        ]
        try await withFakeDocker(answering: Self.answers(pulling: lines)) { docker in
            let failure = await #expect(throws: Failure.self) {
                try await images(docker).ensure(ImageName("x:1"), pull: .missing, say: { _ in })
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "cannot pull the image x:1: the disk of the container engine is full")
            #expect(failure?.causes == ["write /var/lib/docker/tmp/x: no space left on device"])
        }
    }

    @Test func anErrorByStatusIsTheSameError() async throws {
        let lines = [#"{"message": "manifest for x:1 not found: manifest unknown: manifest unknown"}"#]
        try await withFakeDocker(answering: Self.answers(pulling: lines, status: 404)) { docker in
            let failure = await #expect(throws: Failure.self) {
                try await images(docker).ensure(ImageName("x:1"), pull: .missing, say: { _ in })
            }
            #expect(failure?.problem == "cannot pull the image x:1: docker.io has no '1' of library/x")
        }
    }

    @Test func anEngineThatPullsWithoutHavingIsNotBelieved() async throws {
        let answers = FakeDocker.Answers { request in
            request.path.hasSuffix("/create") ? HTTPServerResponse(200, "{}") : HTTPServerResponse(404, #"{"message": "No such image"}"#)
        }
        try await withFakeDocker(answering: answers) { docker in
            let failure = await #expect(throws: Failure.self) {
                try await images(docker).ensure(ImageName("x:1"), pull: .always, say: { _ in })
            }
            #expect(failure?.problem == "the container engine at \(docker.host.address) has pulled x:1 and does not have it")
        }
    }

    @Test func progressThatIsNoneIsNotBelieved() async throws {
        try await withFakeDocker(answering: Self.answers(pulling: ["<html>log in</html>"])) { docker in
            let failure = await #expect(throws: Failure.self) {
                try await images(docker).ensure(ImageName("x:1"), pull: .always, say: { _ in })
            }
            #expect(failure?.problem == "the container engine tells of its progress in a form that is not known")
        }
    }

    // MARK: progress

    private static func downloading(_ id: String, _ current: Int, of total: Int) -> String {
        #"{"status":"Downloading","progressDetail":{"current":\#(current),"total":\#(total)},"progress":"[=>]","id":"\#(id)"}"# + "\r\n"
    }

    @Test func layersAreSummedAndToldAtMostEveryHalfSecond() async throws {
        let time = InstantTime()
        let said = Said()
        let progress = PullProgress(of: try ImageName("postgres:16"), time: time, say: said.say)
        func take(_ line: String) throws { try progress.take(Array(line.utf8)) }
        try take(#"{"status":"Pulling from library/postgres","id":"16"}"# + "\n")
        for id in ["a", "b", "c"] { try take(#"{"status":"Pulling fs layer","progressDetail":{},"id":"\#(id)"}"# + "\n") }
        try take(#"{"status":"Already exists","progressDetail":{},"id":"c"}"# + "\n")
        try take(Self.downloading("a", 10 << 20, of: 40 << 20))
        #expect(said.lines == [], "it has only just begun")
        try await time.sleep(for: .milliseconds(600))
        try take(Self.downloading("b", 1 << 20, of: 24 << 20))
        #expect(said.lines == ["pulling postgres:16: 11.0 MiB of 64.0 MiB, 1 of 3 layers done"])
        // Much more, too soon; then hardly more, after a while; then enough, after a while.
        try take(Self.downloading("a", 30 << 20, of: 40 << 20))
        #expect(said.lines.count == 1)
        try await time.sleep(for: .milliseconds(600))
        try take(Self.downloading("b", 2 << 20, of: 24 << 20))
        #expect(said.lines.last == "pulling postgres:16: 32.0 MiB of 64.0 MiB, 1 of 3 layers done")
        try await time.sleep(for: .seconds(2))
        try take(Self.downloading("b", 3 << 20, of: 24 << 20))
        #expect(said.lines.count == 2, "a sixty-fourth more is not worth a line")
        // But that it still goes on is, now and then.
        try await time.sleep(for: .seconds(30))
        try take(Self.downloading("b", 3 << 20, of: 24 << 20))
        #expect(said.lines.last == "pulling postgres:16: 33.0 MiB of 64.0 MiB, 1 of 3 layers done")
        try take(#"{"status":"Download complete","progressDetail":{},"id":"b"}"# + "\n")
        try await time.sleep(for: .seconds(1))
        try take(#"{"status":"Pull complete","progressDetail":{},"id":"b"}"# + "\n")
        #expect(said.lines.last == "pulling postgres:16: 54.0 MiB of 64.0 MiB, 2 of 3 layers done")
        try progress.end()
    }

    @Test func progressMayBeCutAnywhere() throws {
        let text = Array((Self.downloading("a", 5, of: 10) + #"{"errorDetail":{"message":"ümlaut"},"error":"x"}"#).utf8)
        for cut in 0...text.count {
            let progress = PullProgress(of: try ImageName("x"), time: InstantTime(), say: { _ in })
            try progress.take(Array(text[..<cut]))
            try progress.take(Array(text[cut...]))
            let refusal = #expect(throws: DockerRefusal.self) { try progress.end() }
            #expect(refusal?.message == "ümlaut")
        }
    }

    @Test func progressWithoutAnEndIsNotCollected() throws {
        let progress = PullProgress(of: try ImageName("x"), time: InstantTime(), say: { _ in })
        #expect(throws: Failure.self) {
            for _ in 0..<64 { try progress.take([UInt8](repeating: 0x20, count: 64 << 10)) }
        }
    }

    // MARK: files

    private func saved(_ body: [UInt8], status: Int = 200, into file: String, in folder: String) async throws -> Int64 {
        let answers = FakeDocker.Answers { request in
            request.path.hasSuffix("/json")
                ? HTTPServerResponse(200, Self.described()) : HTTPServerResponse(status, body: .bytes(body))
        }
        return try await withFakeDocker(answering: answers) { docker in
            try await images(docker).save([ImageName("x:1"), ImageName("r.local/y:2")], to: file, by: .us)
        }
    }

    @Test func anArchiveIsWrittenWholeUnderItsName() async throws {
        try await withTemporaryFolder { folder in
            let archive = [UInt8](repeating: 7, count: 100_000) + [UInt8](repeating: 0, count: 1024)
            let bytes = try await saved(archive, into: "\(folder)/images.tar", in: folder)
            #expect(bytes == Int64(archive.count))
            let (written, files) = (try await read("\(folder)/images.tar"), try Files.list(folder))
            #expect(written == archive)
            #expect(files.map(\.name) == ["images.tar"])
        }
    }

    @Test func whatADeadOneLeftUnfinishedGoesWithTheNext() async throws {
        try await withTemporaryFolder { folder in
            let archive = [UInt8](repeating: 0, count: 1024)
            for name in [
                "images.tar.\(Owner.dead.text)=0a1b2c3d.part", "images.tar.\(Owner.us.text)=0a1b2c3d.part",
                "other.tar.\(Owner.dead.text)=0a1b2c3d.part", "images.tar.0a1b2c3d.part",
            ] {
                try await write([1], to: "\(folder)/\(name)")
            }
            _ = try await saved(archive, into: "\(folder)/images.tar", in: folder)
            let left = try Files.list(folder).map(\.name).sorted()
            #expect(
                left
                    == [
                        "images.tar", "images.tar.0a1b2c3d.part", "images.tar.\(Owner.us.text)=0a1b2c3d.part",
                        "other.tar.\(Owner.dead.text)=0a1b2c3d.part",
                    ].sorted())
        }
    }

    @Test func anArchiveThatTheEngineDidNotFinishIsNone() async throws {
        try await withTemporaryFolder { folder in
            let error = Array(#"{"errorDetail":{"message":"read /var/lib/docker/x: input/output error"},"error":"…"}"#.utf8)
            for (body, causes) in [
                ([UInt8](repeating: 7, count: 5000) + error, ["read /var/lib/docker/x: input/output error"]),
                ([UInt8](repeating: 7, count: 5000), []), ([], []),
            ] {
                let failure = await #expect(throws: Failure.self) { try await saved(body, into: "\(folder)/images.tar", in: folder) }
                #expect(failure?.kind == .environmentUnavailable)
                #expect(
                    failure?.problem.hasPrefix("cannot save images into \(folder)/images.tar: the container engine broke off after ")
                        == true)
                #expect(failure?.causes == causes)
                let files = try Files.list(folder)
                #expect(files.isEmpty)
            }
        }
    }

    @Test func aFileThatIsThereIsNotReplaced() async throws {
        try await withTemporaryFolder { folder in
            try await write([1], to: "\(folder)/images.tar")
            let failure = await #expect(throws: Failure.self) {
                try await saved([UInt8](repeating: 0, count: 1024), into: "\(folder)/images.tar", in: folder)
            }
            #expect(failure?.kind == .localStorage)
            #expect(failure?.problem == "cannot save images into \(folder)/images.tar: there is such a file")
            #expect(try await read("\(folder)/images.tar") == [1])
            let lost = await #expect(throws: Failure.self) {
                try await saved([UInt8](repeating: 0, count: 1024), into: "\(folder)/none/images.tar", in: folder)
            }
            #expect(lost?.kind == .localStorage)
            #expect(lost?.hint == "name a file in a folder that you may write to")
        }
    }

    @Test func whatIsPinnedOrNotThereIsNotSaved() async throws {
        try await withTemporaryFolder { folder in
            try await withFakeDocker(answering: Self.answers()) { docker in
                let images = try await images(docker)
                let pinned = await #expect(throws: Failure.self) {
                    try await images.save([ImageName("x@\(Self.digest)")], to: "\(folder)/a.tar", by: .us)
                }
                #expect(
                    pinned?.problem
                        == "cannot save x@\(Self.digest) into a file: a file does not keep the digest that the name pins")
                let missing = await #expect(throws: Failure.self) {
                    try await images.save([ImageName("x:1")], to: "\(folder)/a.tar", by: .us)
                }
                #expect(missing?.problem == "cannot save x:1: the container engine at \(docker.host.address) does not have it")
                #expect(try Files.list(folder).isEmpty)
            }
        }
    }

    @Test func loadingSendsTheFileAndReadsTheNames() async throws {
        try await withTemporaryFolder { folder in
            let archive = [UInt8](repeating: 3, count: 3 << 20)
            try await write(archive, to: "\(folder)/images.tar")
            let lines = #"{"stream":"Loaded image: postgres:16\n"}"# + "\r\n" + #"{"stream":"Loaded image ID: sha256:1d\n"}"# + "\r\n"
            try await withFakeDocker(answering: .always(200, lines)) { docker in
                let names = try await images(docker).load(from: "\(folder)/images.tar")
                #expect(names == ["postgres:16", "sha256:1d"])
                let request = try #require(docker.requests.last)
                #expect(request.path == "/v1.41/images/load")
                #expect(request.body == archive)
            }
            try await withFakeDocker(answering: .always(200, #"{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}"#)) {
                docker in
                let failure = await #expect(throws: Failure.self) { try await images(docker).load(from: "\(folder)/images.tar") }
                #expect(failure?.kind == .environmentUnavailable)
                #expect(failure?.problem == "cannot load images out of \(folder)/images.tar: the container engine makes nothing of it")
                #expect(failure?.causes == ["unexpected EOF"])
                let missing = await #expect(throws: Failure.self) { try await images(docker).load(from: "\(folder)/none.tar") }
                #expect(missing?.kind == .notFound)
                #expect(missing?.problem.hasPrefix("cannot load images: cannot read \(folder)/none.tar: ") == true)
            }
        }
    }
}
