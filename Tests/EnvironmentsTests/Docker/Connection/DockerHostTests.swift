import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

@Suite struct DockerHostTests {
    // MARK: addresses

    @Test(arguments: [
        ("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"),
        ("tcp://10.0.0.5:2375", "http://10.0.0.5:2375"),
        ("tcp://10.0.0.5:2376", "http://10.0.0.5:2376"),
        ("tcp://engine.local", "http://engine.local:2375"),
        ("tcp://engine.local:2375/", "http://engine.local:2375"),
        ("tcp://[fd00::5]:2375", "http://[fd00::5]:2375"),
        ("tcp://[fd00::5]", "http://[fd00::5]:2375"),
        ("http://engine.local", "http://engine.local:2375"),
        ("https://engine.local", "https://engine.local:2376"),
    ])
    func addressesAreThoseOfDocker(text: String, address: String) throws {
        let host = try #require(try DockerHost.find(["DOCKER_HOST": text]))
        #expect(host.address == address)
        #expect(host.origin == "$DOCKER_HOST")
        #expect(host.isLocal == text.hasPrefix("unix"))
    }

    @Test(arguments: [
        ("/var/run/docker.sock", "that is not an address", "write it as unix:///var/run/docker.sock or tcp://HOST:2376"),
        ("unix://run/docker.sock", "the path of the socket is not absolute", "write unix:///PATH"),
        ("tcp://", "that is not a host and a port", "write tcp://HOST:2376"),
        ("tcp://host:2375/v1.41", "that is not a host and a port", "write tcp://HOST:2376"),
        ("tcp://me:secret@host:2375", "that is not a host and a port", "write tcp://HOST:2376"),
        ("tcp://ho st:2375", "that is not a host and a port", "write tcp://HOST:2376"),
        ("tcp://host:port", "that is not a host and a port", "write tcp://HOST:2376"),
        (
            "ssh://me@host", "lifeboat speaks no SSH",
            "let the engine answer by TLS and set DOCKER_HOST=tcp://HOST:2376, DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH; its servers are "
                + "reached by ports of that machine, which a forwarded socket does not carry"
        ),
        ("npipe:////./pipe/docker_engine", "named pipes exist on Windows only", nil),
        ("ftp://host", "'ftp' is not a way to reach one", "write unix:///PATH or tcp://HOST:PORT"),
    ])
    func whatLeadsNowhereIsRefusedWithWords(text: String, why: String, hint: String?) {
        let failure = #expect(throws: Failure.self) { try DockerHost.find(["DOCKER_HOST": text]) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem.hasSuffix(" ($DOCKER_HOST): \(why)") == true, "\(failure?.problem ?? "")")
        #expect(failure?.problem.contains("secret") == false)
        #expect(failure?.hint != nil)
        if let hint { #expect(failure?.hint == hint) }
    }

    // MARK: TLS of the environment

    @Test func anyWordInTLSVerifyMeansTLSWithTheFilesThatAreThere() async throws {
        try await withTemporaryFolder { folder in
            try await write([], to: "\(folder)/ca.pem")
            try await write([], to: "\(folder)/cert.pem")
            let host = try DockerHost.find(["DOCKER_HOST": "tcp://host:2376", "DOCKER_TLS_VERIFY": "0", "DOCKER_CERT_PATH": folder])
            #expect(host?.way == .web("https://host:2376", HTTPRequest.TLS(caFile: "\(folder)/ca.pem", certificate: "\(folder)/cert.pem")))
        }
    }

    @Test func withoutACertPathTheFilesOfDockersFolderCount() async throws {
        try await withTemporaryFolder { folder in
            try await makeFolders("\(folder)/.docker")
            for name in ["ca.pem", "cert.pem", "key.pem"] { try await write([], to: "\(folder)/.docker/\(name)") }
            let all = HTTPRequest.TLS(
                caFile: "\(folder)/.docker/ca.pem", certificate: "\(folder)/.docker/cert.pem", key: "\(folder)/.docker/key.pem")
            let base = ["HOME": folder, "DOCKER_HOST": "tcp://host", "DOCKER_CERT_PATH": ""]
            #expect(try DockerHost.find(base.merging(["DOCKER_TLS_VERIFY": "1"]) { $1 })?.way == .web("https://host:2376", all))
            #expect(try DockerHost.find(base.merging(["DOCKER_TLS_VERIFY": ""]) { $1 })?.way == .web("http://host:2375", HTTPRequest.TLS()))
            #expect(try DockerHost.find(base)?.way == .web("http://host:2375", HTTPRequest.TLS()))
        }
    }

    // MARK: contexts

    @Test func aContextIsWhereItsFileSays() async throws {
        try await withTemporaryFolder { folder in
            try await keepContext("lab", in: folder, host: "unix:///run/lab.sock")
            let host = try DockerHost.find(["DOCKER_CONFIG": folder, "DOCKER_CONTEXT": "lab"])
            #expect(host == DockerHost(way: .unixSocket("/run/lab.sock"), origin: "context 'lab'"))
        }
    }

    @Test func aContextHasItsOwnCertificates() async throws {
        try await withTemporaryFolder { folder in
            let key = try await keepContext("lab", in: folder, host: "tcp://10.0.0.5:2376")
            let plain = try DockerHost.find(["DOCKER_CONFIG": folder, "DOCKER_CONTEXT": "lab", "DOCKER_TLS_VERIFY": "1"])
            #expect(plain?.way == .web("http://10.0.0.5:2376", HTTPRequest.TLS()))
            let certificates = "\(folder)/contexts/tls/\(key)/docker"
            try await makeFolders(certificates)
            try await write([], to: "\(certificates)/ca.pem")
            let secured = try DockerHost.find(["DOCKER_CONFIG": folder, "DOCKER_CONTEXT": "lab"])
            #expect(secured?.way == .web("https://10.0.0.5:2376", HTTPRequest.TLS(caFile: "\(certificates)/ca.pem")))
        }
    }

    @Test func theHostIsStrongerThanTheContextAndThatThanTheConfiguration() async throws {
        try await withTemporaryFolder { folder in
            try await keepContext("lab", in: folder, host: "unix:///run/lab.sock")
            try await keepContext("home", in: folder, host: "unix:///run/home.sock")
            try await write(Array(#"{"currentContext": "home"}"#.utf8), to: "\(folder)/config.json")
            func found(_ more: [String: String]) throws -> DockerHost? {
                try DockerHost.find(["DOCKER_CONFIG": folder].merging(more) { $1 })
            }
            #expect(try found([:])?.way == .unixSocket("/run/home.sock"))
            #expect(try found(["DOCKER_CONTEXT": ""])?.way == .unixSocket("/run/home.sock"))
            #expect(try found(["DOCKER_CONTEXT": "lab"])?.way == .unixSocket("/run/lab.sock"))
            #expect(try found(["DOCKER_CONTEXT": "lab", "DOCKER_HOST": "unix:///run/x.sock"])?.way == .unixSocket("/run/x.sock"))
            // The context of that name is the usual place, whatever the configuration says.
            #expect(try found(["DOCKER_CONTEXT": "default"])?.origin != "context 'home'")
        }
    }

    @Test func aContextThatIsNotThereIsNamedWithWhereItIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let fromVariable = #expect(throws: Failure.self) {
                try DockerHost.find(["DOCKER_CONFIG": folder, "DOCKER_CONTEXT": "lost"])
            }
            #expect(fromVariable?.kind == .configuration)
            #expect(
                fromVariable?.problem.hasPrefix("cannot use the context 'lost' that $DOCKER_CONTEXT names: there is no \(folder)/") == true)
            #expect(fromVariable?.hint == "`docker context ls` shows those there are; or set DOCKER_HOST")
            try await write(Array(#"{"currentContext": "lost"}"#.utf8), to: "\(folder)/config.json")
            let fromFile = #expect(throws: Failure.self) { try DockerHost.find(["DOCKER_CONFIG": folder]) }
            #expect(fromFile?.problem.hasPrefix("cannot use the context 'lost' that \(folder)/config.json names: ") == true)
        }
    }

    @Test(arguments: [
        ("{}", "names no address"), ("nonsense", "names no address"), (#"{"Endpoints": {"docker": {"Host": ""}}}"#, "names no address"),
        (
            #"{"Endpoints": {"docker": {"Host": "tcp://10.0.0.5:2376", "SkipTLSVerify": true}}}"#,
            "it says not to verify the engine's certificate, and lifeboat always does"
        ),
    ])
    func aContextThatCannotBeUsedIsRefused(meta: String, why: String) async throws {
        try await withTemporaryFolder { folder in
            try await keepContext("lab", in: folder, meta: meta)
            let failure = #expect(throws: Failure.self) { try DockerHost.find(["DOCKER_CONFIG": folder, "DOCKER_CONTEXT": "lab"]) }
            #expect(failure?.kind == .configuration)
            #expect(failure?.problem.hasSuffix(why) == true, "\(failure?.problem ?? "")")
        }
    }

    // MARK: usual places

    @Test func withoutAnyNameTheUsualSocketsAreLookedFor() {
        #expect(
            DockerHost.usualSockets(["XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/home/me"]) == [
                "/var/run/docker.sock", "/run/user/7/docker.sock", "/home/me/.docker/run/docker.sock", "/run/user/7/podman/podman.sock",
                "/run/podman/podman.sock",
            ])
        // Relative folders are no folders.
        #expect(DockerHost.usualSockets(["XDG_RUNTIME_DIR": "run", "HOME": ""]) == ["/var/run/docker.sock", "/run/podman/podman.sock"])
    }

    @Test func theFirstSocketThatIsThereIsTaken() async throws {
        try await withTemporaryFolder { folder in
            try await write([], to: "\(folder)/second.sock")
            try await write([], to: "\(folder)/third.sock")
            #expect(DockerHost.firstThere(["\(folder)/first.sock"]) == nil)
            let host = DockerHost.firstThere(["first", "second", "third"].map { "\(folder)/\($0).sock" })
            #expect(host == DockerHost(way: .unixSocket("\(folder)/second.sock"), origin: "the usual place"))
        }
    }

    // MARK: -

    @discardableResult
    private func keepContext(_ name: String, in folder: String, host: String) async throws -> String {
        try await keepContext(
            name, in: folder,
            meta: #"{"Name": "\#(name)", "Metadata": {}, "Endpoints": {"docker": {"Host": "\#(host)", "SkipTLSVerify": false}}}"#)
    }

    @discardableResult
    private func keepContext(_ name: String, in folder: String, meta: String) async throws -> String {
        let key = SHA256.hexDigest(of: Array(name.utf8))
        try await makeFolders("\(folder)/contexts/meta/\(key)")
        try await write(Array(meta.utf8), to: "\(folder)/contexts/meta/\(key)/meta.json")
        return key
    }

    private func makeFolders(_ path: String) async throws { try await blocking { _ in try Files.makeFolders(path) } }
}
