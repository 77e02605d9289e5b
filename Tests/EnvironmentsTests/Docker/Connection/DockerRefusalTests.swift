import Recovery
import Testing

@testable import Environments

/// What an engine says no with, as people and the drill's own retries hear it.
@Suite struct DockerRefusalTests {
    private func failure(_ message: String) -> Failure {
        DockerRefusal(status: 500, message: message, attempt: "create the container db").asFailure
    }

    @Test func aFullDiskIsNamed() {
        let full = failure("mkdir /var/lib/docker/overlay2/abc: no space left on device")
        #expect(full.kind == .environmentUnavailable)
        #expect(full.problem == "cannot create the container db: the disk of the container engine is full")
        #expect(full.hint?.contains("docker system df") == true)
        #expect(!full.mayPass, "it does not make room by itself")
    }

    @Test(arguments: [
        ("driver failed programming external connectivity: Bind for 127.0.0.1:49153 failed: port is already allocated", true),
        ("context canceled", true), ("invalid mount config for type \"volume\"", false),
    ]) func onlyWhatComesAndGoesIsTriedAgain(message: String, isPassing: Bool) {
        #expect(failure(message).mayPass == isPassing)
        #expect(failure(message).causes == [message])
    }
}
