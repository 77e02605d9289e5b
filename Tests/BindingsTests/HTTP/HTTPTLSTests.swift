import Bindings
import FoundationEssentials
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPTLSTests {
    private let client = HTTPClient()

    @Test func theServerIsVerified() async throws {
        let identity = try await TestCertificate.make()
        defer { identity.remove() }
        let server = try HTTPServer(certificate: identity.forServer()) { _ in HTTPServerResponse(200, "secret") }
        var request = HTTPRequest("GET", "https://localhost:\(server.port)/")
        request.tls.caFile = identity.certificatePath
        #expect(try await client.send(request).text == "secret")

        let other = try await TestCertificate.make()
        defer { other.remove() }
        request.tls.caFile = other.certificatePath
        await expectTLSFailure(request, "SSL certificate problem")
        request.tls.caFile = nil
        await expectTLSFailure(request, "SSL certificate problem")
        request.tls.caFile = "/nonexistent/ca.pem"
        await expectTLSFailure(request, "/nonexistent/ca.pem")

        // The certificate names localhost only.
        request.url = "https://127.0.0.1:\(server.port)/"
        request.tls.caFile = identity.certificatePath
        await expectTLSFailure(request, "127.0.0.1")

        // A key that is not there.
        request.url = "https://localhost:\(server.port)/"
        request.tls.certificate = identity.certificatePath
        request.tls.key = "/nonexistent/key.pem"
        await expectTLSFailure(request, "/nonexistent/key.pem")
        await server.stop()
    }

    private func expectTLSFailure(_ request: HTTPRequest, _ words: String) async {
        let error = await #expect(throws: HTTPError.self) { try await client.send(request) }
        #expect(error?.kind == .tlsFailed)
        #expect(error?.message.contains(words) == true)
    }
}

/// A certificate for localhost that signs itself.
struct TestCertificate {
    let certificatePath: String
    let keyPath: String

    static func make() async throws -> TestCertificate {
        let path = FileManager.default.temporaryDirectory.path + "/lifeboat-tls-\(UUID().uuidString)"
        let made = try await run(
            Command(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
                    path + ".key", "-out", path + ".crt", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                ]))
        try #require(made.status == .exited(0), "\(made.errorTail)")
        return TestCertificate(certificatePath: path + ".crt", keyPath: path + ".key")
    }

    func forServer() throws -> HTTPServer.Certificate {
        HTTPServer.Certificate(
            certificate: try String(contentsOfFile: certificatePath, encoding: .utf8),
            key: try String(contentsOfFile: keyPath, encoding: .utf8))
    }

    func remove() {
        for path in [certificatePath, keyPath] { try? FileManager.default.removeItem(atPath: path) }
    }
}
