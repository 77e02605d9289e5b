import Bindings
import Recovery
import TestSupport
import Testing

@testable import Environments

/// Against an engine behind TLS that lets in only those whose certificate it knows.
@Suite(.timeLimit(.minutes(1))) struct DockerTLSTests {
    @Test func bothSidesProveThemselves() async throws {
        try await withTLSEngine { port, folder in
            let engine = try await connect(port, certificates: "\(folder)/client")
            #expect(engine.api == APIVersion(1, 41))

            let unknown = await #expect(throws: Failure.self) { try await connect(port, certificates: "\(folder)/stranger") }
            #expect(unknown?.kind == .environmentUnavailable)
            #expect(
                unknown?.problem
                    == "cannot reach the engine: the container engine at https://127.0.0.1:\(port) ($DOCKER_HOST) does not answer")
            #expect(
                unknown?.hint
                    == "check DOCKER_CERT_PATH: ca.pem has to know the engine's certificate, and cert.pem has to be known to it")

            // Without a certificate of ours; with one, and an authority that does not know the engine; with nothing at all.
            for certificates in ["nobody", "mistrustful", "empty"] {
                let failure = await #expect(throws: Failure.self) { try await connect(port, certificates: "\(folder)/\(certificates)") }
                #expect(failure?.hint == unknown?.hint, "\(certificates)")
            }
        }
    }

    private func connect(_ port: UInt16, certificates: String) async throws -> DockerEngine {
        let host = try #require(
            try DockerHost.find(["DOCKER_HOST": "tcp://127.0.0.1:\(port)", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": certificates]))
        return try await DockerEngine.connect(to: host)
    }

    private static let certificates = """
        set -e
        authority() {
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt"
        }
        # signed NAME AUTHORITY FOLDER
        signed() {
            mkdir -p "$3"
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$3/key.pem" -out request.pem
            openssl x509 -req -in request.pem -days 2 -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -extfile names -out "$3/cert.pem"
            cp ours.crt "$3/ca.pem"
        }
        echo subjectAltName=IP:127.0.0.1 >names
        authority ours
        authority theirs
        signed engine ours engine
        signed client ours client
        signed stranger theirs stranger
        signed mistrustful ours mistrustful && cp theirs.crt mistrustful/ca.pem
        mkdir nobody empty && cp ours.crt nobody/ca.pem
        # What it answers to a ping, with the head and all.
        printf 'HTTP/1.1 200 OK\\r\\nApi-Version: 1.41\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nOK' >engine/_ping
        """

    private func withTLSEngine(_ use: (UInt16, String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let made = try await run(
                Command("/bin/sh", ["-c", Self.certificates], environment: ["PATH": "/usr/bin:/bin"], workingFolder: folder))
            try #require(made.status.isSuccess, "\(made.errorTail)")
            let port = try Machine.freeLoopbackPort()
            let engine = try await GuardedProcess.start(
                Command(
                    "/usr/bin/openssl",
                    [
                        "s_server", "-accept", "127.0.0.1:\(port)", "-HTTP", "-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem",
                        "-cert", "cert.pem", "-key", "key.pem",
                    ], workingFolder: "\(folder)/engine"), log: "\(folder)/engine.log")
            try await eventually { String(decoding: try await read("\(folder)/engine.log"), as: UTF8.self).contains("ACCEPT") }
            try await use(port, folder)
            await engine.stop()
        }
    }
}
