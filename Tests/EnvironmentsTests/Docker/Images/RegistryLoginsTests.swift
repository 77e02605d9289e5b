import Bindings
import Documents
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Environments

@Suite(.timeLimit(.minutes(1))) struct RegistryLoginsTests {
    private static let hub = "https://index.docker.io/v1/"

    /// What the engine is told, taken apart; nil for nothing.
    private func told(
        _ registry: String, _ config: String, in folder: String = "/nowhere", environment: [String: String] = [:],
        time: any TimeSource = RealTime()
    ) async throws -> [String: String]? {
        let file = try await withTemporaryFolder { folder in
            try await write(Array(config.utf8), to: "\(folder)/config.json")
            return try DockerConfigFile.read("\(folder)/config.json")
        }
        let commands = ChildCommands(environment: ChildEnvironment(from: ["PATH": "\(folder):/usr/bin:/bin"]))
        let logins = RegistryLogins(file, commands: commands, environment: environment, time: time)
        guard let header = try await logins.header(for: registry) else { return nil }
        #expect(header.name == "X-Registry-Auth")
        let plain = header.value.replacing("-", with: "+").replacing("_", with: "/")
        let json = try JSONValue(parsing: Array(try #require(Data(base64Encoded: plain))))
        return Dictionary(uniqueKeysWithValues: (json.members ?? []).map { ($0.key, $0.value.string ?? "?") })
    }

    private func basic(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    // MARK: config.json

    @Test func aLoginInTheFileIsUserAndPassword() async throws {
        let config = #"{"auths": {"registry.local:5000": {"auth": "\#(basic("me:pa:ss?>~"))"}}}"#
        #expect(
            try await told("registry.local:5000", config) == [
                "username": "me", "password": "pa:ss?>~", "serveraddress": "registry.local:5000",
            ])
        #expect(try await told("registry.local", config) == nil)
        #expect(try await told("docker.io", config) == nil)
    }

    @Test func theHeaderIsOfTheURLsKind() async throws {
        // In the ordinary kind, this has both of the characters that URLs do not take.
        let config = #"{"auths": {"r.local": {"auth": "\#(basic("me:ÿþ>>>???~~~ÿÿÿ"))"}}}"#
        let file = try await withTemporaryFolder { folder in
            try await write(Array(config.utf8), to: "\(folder)/config.json")
            return try DockerConfigFile.read("\(folder)/config.json")
        }
        let logins = RegistryLogins(
            file, commands: ChildCommands(environment: ChildEnvironment(from: [:])), environment: [:], time: RealTime())
        let value = try #require(try await logins.header(for: "r.local")).value
        #expect(value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_=".contains($0)) })
        #expect(value.count.isMultiple(of: 4))
        #expect(try await told("r.local", config)?["password"] == "ÿþ>>>???~~~ÿÿÿ")
    }

    @Test func dockerHubHasAnAddressOfItsOwn() async throws {
        for key in [Self.hub, "index.docker.io", "docker.io", "https://index.docker.io/v2/"] {
            let config = #"{"auths": {"\#(key)": {"auth": "\#(basic("me:pw"))"}}}"#
            #expect(try await told("docker.io", config)?["serveraddress"] == key, "\(key)")
        }
    }

    @Test func whatOldVersionsWroteAroundAnAddressDoesNotMatter() async throws {
        for key in ["https://registry.local:5000", "https://registry.local:5000/v1/", "http://registry.local:5000/v2"] {
            let config = #"{"auths": {"\#(key)": {"auth": "\#(basic("me:pw"))"}}}"#
            #expect(try await told("registry.local:5000", config)?["username"] == "me", "\(key)")
        }
    }

    @Test func aTokenIsStrongerThanAPassword() async throws {
        let config = #"{"auths": {"r.local": {"auth": "\#(basic("me:"))", "identitytoken": "tok"}}}"#
        #expect(try await told("r.local", config) == ["identitytoken": "tok", "serveraddress": "r.local"])
    }

    @Test func aLoginThatCannotBeReadIsAFailureAndNotPrinted() async throws {
        for auth in ["%%%", basic("nocolonhere"), basic(":secretpw"), Data([0xff, 0xfe, 0x3a]).base64EncodedString()] {
            let failure = await #expect(throws: Failure.self) {
                try await told("r.local", #"{"auths": {"r.local": {"auth": "\#(auth)"}}}"#)
            }
            #expect(failure?.kind == .credentials)
            #expect(failure?.problem.hasPrefix("cannot log in to r.local: what /") == true)
            #expect(failure?.problem.hasSuffix(" has for it under `auth` is no user and password") == true)
            #expect(failure?.hint == "`docker login r.local` writes it anew")
            #expect(failure?.description.contains(auth) == false && failure?.description.contains("secretpw") == false)
        }
    }

    // MARK: helpers

    /// A program that is found as `docker-credential-NAME`.
    private func keepHelper(_ name: String, in folder: String, _ script: String) async throws {
        let path = "\(folder)/docker-credential-\(name)"
        try await write(Array("#!/bin/sh\n\(script)\n".utf8), to: path)
        try await blocking { _ in try Files.changeMode(of: path, to: 0o755) }
    }

    @Test func aHelperIsAskedOnItsInputAndAnswersOnItsOutput() async throws {
        try await withTemporaryFolder { folder in
            // It repeats what it was asked, so that the test sees it.
            try await keepHelper(
                "keys", in: folder, #"test "$*" = get || exit 9; printf '{"ServerURL":"x","Username":"%s","Secret":"%s"}' "$WHO" "$(cat)""#)
            let config = #"{"credsStore": "keys", "auths": {"r.local": {"auth": "\#(basic("not:this"))"}}}"#
            let environment = ["WHO": "me"]
            #expect(
                try await told("r.local", config, in: folder, environment: environment) == [
                    "username": "me", "password": "r.local", "serveraddress": "r.local",
                ])
            #expect(
                try await told("docker.io", config, in: folder, environment: environment) == [
                    "username": "me", "password": Self.hub, "serveraddress": Self.hub,
                ])
            #expect(
                try await told("r.local", config, in: folder, environment: ["WHO": "<token>"]) == [
                    "identitytoken": "r.local", "serveraddress": "r.local",
                ])
        }
    }

    /// It may wait for a person, or for a cloud that does not answer.
    @Test func aHelperThatHangsIsGivenUpAndEnded() async throws {
        try await withTemporaryFolder { folder in
            try await keepHelper("slow", in: folder, "exec sleep 1000")
            let failure = await #expect(throws: Failure.self) {
                try await told("r.local", #"{"credsStore": "slow"}"#, in: folder, time: InstantTime())
            }
            #expect(failure?.kind == .credentials)
            #expect(
                failure?.problem == "cannot get the login for r.local from docker-credential-slow: it did not answer within 30s")
            #expect(failure?.hint?.contains("without a terminal: echo r.local | docker-credential-slow get") == true)
        }
    }

    @Test func aHelperOfOneRegistryIsAskedForThatOnly() async throws {
        try await withTemporaryFolder { folder in
            for name in ["one", "all"] {
                try await keepHelper(name, in: folder, #"printf '{"Username":"\#(name)","Secret":"s"}'"#)
            }
            let config = #"{"credsStore": "all", "credHelpers": {"r.local": "one", "\#(Self.hub)": "one"}}"#
            #expect(try await told("r.local", config, in: folder)?["username"] == "one")
            #expect(try await told("docker.io", config, in: folder)?["username"] == "one")
            #expect(try await told("other.local", config, in: folder)?["username"] == "all")
        }
    }

    @Test func aHelperThatKnowsNothingIsNoFailure() async throws {
        try await withTemporaryFolder { folder in
            try await keepHelper("keys", in: folder, "echo 'credentials not found in native keychain'; exit 1")
            try await keepHelper("empty", in: folder, #"echo '{"Username":"","Secret":""}'"#)
            #expect(try await told("r.local", #"{"credsStore": "keys"}"#, in: folder) == nil)
            #expect(try await told("r.local", #"{"credsStore": "empty"}"#, in: folder) == nil)
        }
    }

    @Test func aHelperThatIsNotInstalledIsAFailureWithWhatToDo() async throws {
        let failure = await #expect(throws: Failure.self) { try await told("docker.io", #"{"credsStore": "desktop"}"#) }
        #expect(failure?.kind == .credentials)
        #expect(
            failure?.problem
                == "cannot get the login for https://index.docker.io/v1/ from docker-credential-desktop: there is no such program in PATH")
        #expect(
            failure?.hint
                == "install it, have PATH lead to it (cron's is short), or take it out of `credsStore` and `credHelpers` in config.json")
    }

    @Test func aHelperIsANameAndNoPath() async throws {
        let failure = await #expect(throws: Failure.self) { try await told("r.local", #"{"credsStore": "../../tmp/x"}"#) }
        #expect(failure?.kind == .credentials)
        #expect(
            failure?.problem
                == "cannot get the login for r.local: config.json names the helper '../../tmp/x', which is no name of one")
    }

    @Test func aHelperThatFailsIsQuotedButNeverWhatItAnswered() async throws {
        try await withTemporaryFolder { folder in
            try await keepHelper("locked", in: folder, "echo 'the keyring is locked'; echo 'no display' >&2; exit 3")
            let failure = await #expect(throws: Failure.self) { try await told("r.local", #"{"credsStore": "locked"}"#, in: folder) }
            #expect(failure?.kind == .credentials)
            #expect(failure?.problem == "cannot get the login for r.local from docker-credential-locked: it exited with status 3")
            #expect(failure?.causes == ["it said: the keyring is locked no display"])
            #expect(failure?.hint == "try it by hand, as the same account: echo r.local | docker-credential-locked get")

            for (name, script) in [
                ("late", #"echo '{"Username":"me","Secret":"hunter2"}'; exit 1"#),
                ("torn", #"printf '{"Username":"me","Secret":"hunter2'; exit 1"#),
                ("torn-well", #"printf '{"Username":"me","Secret":"hunter2'"#), ("odd", #"echo '{"Password":"hunter2"}'"#),
                ("plain", "echo hunter2"),
            ] {
                try await keepHelper(name, in: folder, script)
                let failure = await #expect(throws: Failure.self) { try await told("r.local", #"{"credsStore": "\#(name)"}"#, in: folder) }
                #expect(failure?.kind == .credentials, "\(name)")
                #expect(failure?.description.contains("hunter2") == false, "\(name): \(failure?.description ?? "")")
            }
        }
    }

    @Test func nothingOfALoginIsPrintedWithARequest() {
        let request = HTTPRequest(
            "POST", "http://docker/v1.41/images/create?fromImage=x", headers: [HTTPHeader("X-Registry-Auth", "hunter2")])
        #expect(!"\(request) \(String(reflecting: request))".contains("hunter2"))
        #expect(!"\(RegistryLogin.account(user: "me", password: Secret("hunter2")))".contains("hunter2"))
    }
}
