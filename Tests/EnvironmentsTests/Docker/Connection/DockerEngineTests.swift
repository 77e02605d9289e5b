import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

@Suite(.timeLimit(.minutes(1))) struct DockerEngineTests {
    // MARK: versions

    @Test func theNewestVersionThatBothKnowIsSpoken() async throws {
        for (kind, api) in [(FakeDocker.Kind.docker20, "1.41"), (.podman, "1.41"), (.docker29, "\(APIVersion.newest)")] {
            try await withFakeDocker(kind, answering: .always(200, "{}")) { docker in
                let engine = try await docker.connected()
                #expect("\(engine.api)" == api)
                _ = try await engine.call("GET", "/info", attempt: "ask")
                #expect(docker.paths.last == "GET /v\(api)/info")
            }
        }
    }

    @Test func whatOldEnginesServeIsBelievedWithoutAskingTwice() async throws {
        try await withFakeDocker(.docker20) { docker in
            _ = try await docker.connected()
            #expect(docker.paths == ["GET /_ping"])
        }
    }

    @Test func aNewEngineServesWhatLifeboatSpeaks() { #expect(APIVersion.newest >= APIVersion(1, 44)) }

    @Test func anEngineThatIsTooOldIsNamedWithWhatIsNeeded() async throws {
        try await withFakeDocker(.tooOld) { docker in
            let failure = await #expect(throws: Failure.self) { try await docker.connected() }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "the engine at \(docker.host.address) serves the API up to 1.39, and lifeboat needs 1.40")
            #expect(failure?.hint == "update it; Docker 20.10 and later will do")
        }
    }

    @Test func anEngineThatIsTooNewIsNamedWithWhatWeSpeak() async throws {
        try await withFakeDocker(.tooNew) { docker in
            let failure = await #expect(throws: Failure.self) { try await docker.connected() }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(
                failure?.problem
                    == "the engine at \(docker.host.address) serves the API from 1.60 on, and this lifeboat speaks up to \(APIVersion.newest)"
            )
            #expect(failure?.hint == "update lifeboat, or lower the engine's `min-api-version`")
        }
    }

    @Test(arguments: ["1.41", "v1.41"]) func aVersionThatIsAskedForIsSpoken(wanted: String) async throws {
        try await withFakeDocker(.docker20) { docker in
            let engine = try await docker.connected(wanted: wanted)
            #expect(engine.api == APIVersion(1, 41))
        }
        try await withFakeDocker(.docker29) { docker in
            let failure = await #expect(throws: Failure.self) { try await docker.connected(wanted: wanted) }
            #expect(failure?.kind == .configuration)
            #expect(
                failure?.problem
                    == "DOCKER_API_VERSION is 1.41, and the engine at \(docker.host.address) serves the API from 1.44 to 1.52")
            #expect(failure?.hint == "unset it, and both sides agree on a version")
        }
    }

    @Test func aVersionThatCannotBeSpokenIsAMistakeInTheEnvironment() async throws {
        try await withFakeDocker(.docker20) { docker in
            for (wanted, words) in [
                ("newest", "DOCKER_API_VERSION is 'newest', which is no version"),
                ("1.42", "DOCKER_API_VERSION is 1.42, and the engine at \(docker.host.address) serves the API from 1.12 to 1.41"),
                ("1.24", "DOCKER_API_VERSION is 1.24, and lifeboat needs 1.40"),
            ] {
                let failure = await #expect(throws: Failure.self) { try await docker.connected(wanted: wanted) }
                #expect(failure?.kind == .configuration)
                #expect(failure?.problem == words)
                #expect(failure?.hint != nil)
            }
            let engine = try await docker.connected(wanted: "")
            #expect(engine.api == APIVersion(1, 41))
        }
    }

    @Test func enginesSayWhatTheyAre() async throws {
        for (kind, name, oldest, system) in [
            (FakeDocker.Kind.docker20, "Docker 20.10.24", APIVersion(1, 12), "linux/amd64"),
            (.docker29, "Docker 29.0.0", APIVersion(1, 44), "linux/arm64"),
            (.podman, "Podman Engine 4.3.1", APIVersion(1, 24), "linux/amd64"),
        ] {
            try await withFakeDocker(kind) { docker in
                let version = try await docker.connected().version()
                #expect(version.name == name)
                #expect(version.oldestAPI == oldest)
                #expect(version.system == system)
            }
        }
    }

    // MARK: what is no engine

    @Test func aWebServerIsNoEngine() async throws {
        try await withFakeDocker(.none) { docker in
            let failure = await #expect(throws: Failure.self) { try await docker.connected() }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "what answers at \(docker.host.address) (the test) is no container engine: HTTP 200")
        }
    }

    @Test func whatSpeaksNoHTTPIsNoEngine() async throws {
        let server = try RawServer { connection, _ in connection.write("SSH-2.0-OpenSSH_9.2\r\n") }
        let failure = await #expect(throws: Failure.self) { try await connect("tcp://127.0.0.1:\(server.port)") }
        #expect(failure?.kind == .environmentUnavailable)
        #expect(
            failure?.problem
                == "cannot reach the engine: the container engine at http://127.0.0.1:\(server.port) ($DOCKER_HOST) does not answer")
        server.stop()
    }

    @Test func aPortThatWantsTLSIsNamedAsSuch() async throws {
        // What engines answer there, being written in Go.
        let server = try HTTPServer { _ in HTTPServerResponse(400, "Client sent an HTTP request to an HTTPS server.\n") }
        let failure = await #expect(throws: Failure.self) { try await connect("tcp://127.0.0.1:\(server.port)") }
        #expect(failure?.problem == "the container engine at http://127.0.0.1:\(server.port) ($DOCKER_HOST) wants TLS")
        #expect(failure?.hint == "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem")
        await server.stop()
    }

    @Test func anEngineThatIsNotThereIsSaidWithWhatToDo() async throws {
        try await withTemporaryFolder { folder in
            let failure = await #expect(throws: Failure.self) { try await connect("unix://\(folder)/docker.sock") }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(
                failure?.problem
                    == "cannot reach the engine: the container engine at unix://\(folder)/docker.sock ($DOCKER_HOST) does not answer")
            #expect(failure?.hint?.hasPrefix("start the engine (systemctl start docker), and see that '") == true)
            #expect(failure?.causes.count == 1)
        }
        let port = try Machine.freeLoopbackPort()
        let failure = await #expect(throws: Failure.self) { try await connect("tcp://127.0.0.1:\(port)") }
        #expect(failure?.hint == "check that it runs and is reachable; `docker info` asks it the same way")
    }

    private func connect(_ address: String) async throws -> DockerEngine {
        let host = try #require(try DockerHost.find(["DOCKER_HOST": address]))
        return try await DockerEngine.connect(to: host)
    }

    // MARK: calls

    @Test func aCallCarriesItsQueryAndBody() async throws {
        try await withFakeDocker(answering: .always(201, #"{"Id": "abc"}"#)) { docker in
            let engine = try await docker.connected()
            let answer = try await engine.call(
                "POST", "/containers/create", [("name", "a b&c=ü/+"), ("x", "")], ["Image": "postgres"], attempt: "create")
            #expect(answer["Id"]?.string == "abc")
            let request = try #require(docker.requests.last)
            #expect(request.path == "/v1.41/containers/create")
            #expect(request.query.map(\.name) == ["name", "x"])
            #expect(request.query.first?.value == "a b&c=ü/+")
            #expect(request.header("Content-Type") == "application/json")
            #expect(request.text == #"{"Image":"postgres"}"#)
        }
    }

    @Test func whatIsSoAlreadyIsNoRefusal() async throws {
        try await withFakeDocker(answering: .always(304)) { docker in
            let answer = try await docker.connected().call("POST", "/containers/x/start", attempt: "start")
            #expect(answer == .null)
        }
    }

    @Test func aRefusalKeepsTheEnginesWords() async throws {
        let answers = FakeDocker.Answers { request in
            switch request.path {
            case "/v1.41/missing": HTTPServerResponse(404, #"{"message": "No such container: x"}"#)
            case "/v1.41/taken": HTTPServerResponse(409, #"{"message": "name is in use"}"#)
            case "/v1.41/full": HTTPServerResponse(500, #"{"message": "write /var/lib/docker/x: no space left on device"}"#)
            case "/v1.41/crowded":
                HTTPServerResponse(
                    500,
                    #"{"message": "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network"}"#
                )
            case "/v1.41/plain": HTTPServerResponse(502, "Bad Gateway")
            default: HTTPServerResponse(500)
            }
        }
        try await withFakeDocker(answering: answers) { docker in
            let engine = try await docker.connected()
            func refusal(_ path: String) async throws -> DockerRefusal {
                try #require(await #expect(throws: DockerRefusal.self) { try await engine.call("GET", path, attempt: "look at it") })
            }
            let missing = try await refusal("/missing")
            #expect(missing.isMissing && !missing.isConflict)
            #expect(missing.asFailure.problem == "cannot look at it: the container engine refused")
            #expect(missing.asFailure.causes == ["No such container: x"])
            #expect(try await refusal("/taken").isConflict)
            let full = try await refusal("/full").asFailure
            #expect(full.kind == .environmentUnavailable)
            #expect(full.problem == "cannot look at it: the disk of the container engine is full")
            #expect(full.hint?.contains("lifeboat sweep") == true)
            let crowded = try await refusal("/crowded").asFailure
            #expect(crowded.kind == .environmentUnavailable)
            #expect(crowded.problem == "cannot look at it: the container engine has no addresses left for another network")
            #expect(crowded.hint?.contains("default-address-pools") == true)
            #expect(crowded.mayPass, "another drill may end and give its network back")
            #expect(try await refusal("/plain").message == "Bad Gateway")
            #expect(try await refusal("/silent").message == "HTTP 500")
            let translated = await #expect(throws: Failure.self) {
                try await dockerFailures { try await engine.call("GET", "/missing", attempt: "look at it") }
            }
            #expect(translated?.causes == ["No such container: x"])
        }
    }

    @Test func anAnswerThatIsNotJSONIsSomebodyElses() async throws {
        try await withFakeDocker(answering: .always(200, "<html>log in</html>")) { docker in
            let engine = try await docker.connected()
            let failure = await #expect(throws: Failure.self) { try await engine.call("GET", "/info", attempt: "ask it") }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(
                failure?.problem == "cannot ask it: the engine at \(docker.host.address) answered with something that is not JSON")
        }
    }

    @Test func aStreamComesAsItIsSentAndARefusalDoesNot() async throws {
        let answers = FakeDocker.Answers { request in
            guard request.path.hasSuffix("/good") else { return HTTPServerResponse(500, #"{"message": "no"}"#) }
            let left = Mutex(["one", "two", "three"])
            return HTTPServerResponse(200, body: .stream { left.withLock { $0.isEmpty ? nil : Array($0.removeFirst().utf8) } })
        }
        try await withFakeDocker(answering: answers) { docker in
            let engine = try await docker.connected()
            let got = Mutex<[UInt8]>([])
            try await engine.stream("GET", "/good", attempt: "read") { bytes in got.withLock { $0 += bytes } }
            #expect(String(decoding: got.withLock { $0 }, as: UTF8.self) == "onetwothree")
            let refusal = await #expect(throws: DockerRefusal.self) {
                try await engine.stream("POST", "/bad", attempt: "read") { _ in Issue.record("an error's words are no content") }
            }
            #expect(refusal?.message == "no")
        }
    }

    @Test func whatTheReaderThrowsEndsTheStream() async throws {
        struct Enough: Error {}
        try await withFakeDocker(answering: .endless) { docker in
            let engine = try await docker.connected()
            await #expect(throws: Enough.self) { try await engine.stream("GET", "/endless", attempt: "read") { _ in throw Enough() } }
        }
    }

    @Test func cancellingIsNotAFailure() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        try await withFakeDocker(answering: .endless) { docker in
            let engine = try await docker.connected()
            let reading = Task { try await engine.stream("GET", "/endless", attempt: "read") { _ in begin.yield() } }
            for await _ in begun { break }
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
        }
    }

    @Test func anArchiveIsSentAsItIs() async throws {
        try await withFakeDocker(answering: .always(200)) { docker in
            let engine = try await docker.connected()
            try await engine.send(
                "PUT", "/containers/x/archive", [("path", "/data")], content: .bytes([1, 2, 3]), type: "application/x-tar",
                silentFor: .seconds(30), attempt: "put it in")
            let request = try #require(docker.requests.last)
            #expect(request.body == [1, 2, 3])
            #expect(request.header("Content-Type") == "application/x-tar")
        }
    }
}
