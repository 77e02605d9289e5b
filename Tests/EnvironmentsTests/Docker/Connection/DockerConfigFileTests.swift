import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

@Suite struct DockerConfigFileTests {
    private func reading(_ text: String) async throws -> DockerConfigFile {
        try await withTemporaryFolder { folder in
            try await write(Array(text.utf8), to: "\(folder)/config.json")
            var file = try DockerSettings(["DOCKER_CONFIG": folder]).file()
            #expect(file.path == "\(folder)/config.json")
            file = DockerConfigFile(
                path: "config.json", currentContext: file.currentContext, logins: file.logins, helpers: file.helpers,
                helperOfAll: file.helperOfAll)
            return file
        }
    }

    @Test func whatItSaysOfLoginsAndContextIsRead() async throws {
        let file = try await reading(
            """
            {"currentContext": "lab", "credsStore": "pass", "credHelpers": {"gcr.io": "gcloud"}, "HttpHeaders": {"X": "y"},
             "auths": {"https://index.docker.io/v1/": {"auth": "bWU6cHc="}, "registry.local:5000": {"identitytoken": "t"}, "in.a.store": {}}}
            """)
        #expect(file.currentContext == "lab")
        #expect(file.helperOfAll == "pass")
        #expect(file.helpers == ["gcr.io": "gcloud"])
        #expect(
            file.logins == [
                "https://index.docker.io/v1/": .init(basic: "bWU6cHc="), "registry.local:5000": .init(identityToken: "t"),
            ])
    }

    @Test func withoutAFileNothingIsKnown() async throws {
        try await withTemporaryFolder { folder in
            let file = try DockerSettings(["HOME": folder]).file()
            #expect(file == DockerConfigFile(path: "\(folder)/.docker/config.json"))
        }
    }

    // As for the `docker` command.
    @Test(arguments: ["", " \n", "{}", #"{"credsStore": ""}"#]) func anEmptyFileSaysNothing(text: String) async throws {
        #expect(try await reading(text) == DockerConfigFile(path: "config.json"))
    }

    @Test(arguments: [
        ("{", "at byte 1"), ("[]", "it is no JSON object"), ("\"x\"", "it is no JSON object"), (#"{"auths": {"a": {}},}"#, "at byte 20"),
        (#"{"auths": []}"#, "'auths' is no JSON object"), (#"{"auths": {"a": "b"}}"#, "'a' in 'auths' is no JSON object"),
        (#"{"credHelpers": "x"}"#, "'credHelpers' is no JSON object"),
        (#"{"credHelpers": {"gcr.io": 1}}"#, "'gcr.io' in 'credHelpers' is no text"),
        (#"{"credsStore": 1}"#, "'credsStore' is no text"), (#"{"currentContext": {}}"#, "'currentContext' is no text"),
    ])
    func aMistakeIsNamedWithItsFile(text: String, why: String) async throws {
        let failure = await #expect(throws: Failure.self) { try await reading(text) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem.contains("/config.json: ") == true && failure?.problem.hasSuffix(why) == true, "\(failure?.problem ?? "")")
        #expect(failure?.hint == "the `docker` command writes this file; correct it, or name another folder with DOCKER_CONFIG")
    }

    @Test func aFileThatCannotBeReadIsAMistakeToo() async throws {
        try await withTemporaryFolder { folder in
            try await blocking { _ in try Files.makeFolder("\(folder)/config.json") }
            let failure = #expect(throws: Failure.self) { try DockerSettings(["DOCKER_CONFIG": folder]).file() }
            #expect(failure?.kind == .configuration)
            #expect(failure?.problem == "cannot read \(folder)/config.json")
        }
    }

    @Test func anEmptyDOCKER_CONFIGIsNone() {
        #expect(DockerSettings(["DOCKER_CONFIG": "", "HOME": "/home/me"]).folder == "/home/me/.docker")
        #expect(DockerSettings(["DOCKER_CONFIG": "/etc/docker-client", "HOME": "/home/me"]).folder == "/etc/docker-client")
    }
}
