import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Certificates, and servers without.
@Suite(.timeLimit(.minutes(5))) struct ClientTLSTests {
    @Test func tlsIsSpokenWhereItIsWantedAndNamedWhereItIsNot() async throws {
        try await withTemporaryFolder { folder in
            let made = try await run(
                Command(
                    "/usr/bin/openssl",
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
                        folder + "/key.pem", "-out", folder + "/ca.pem", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost",
                    ]))
            try #require(made.status.isSuccess, "\(made.errorTail)")
            let certificate = HTTPServer.Certificate(
                certificate: String(decoding: try await read(folder + "/ca.pem"), as: UTF8.self),
                key: String(decoding: try await read(folder + "/key.pem"), as: UTF8.self))
            let server = try HTTPServer(certificate: certificate) { _ in
                HTTPServerResponse(200, #"{"title":"qdrant","version":"1.18.3"}"#)
            }
            func client(_ scheme: String, _ options: [String: String], _ port: Int? = nil) -> QdrantClient {
                .testing(port: port ?? server.port, scheme: scheme, host: "localhost", options: options)
            }
            let good = client("https", [QdrantServer.Option.caFile: folder + "/ca.pem"])
            #expect(try await good.root().version.description == "1.18.3")

            let unknown = try #require(await failureOf { _ = try await client("https", [:]).root() })
            #expect(unknown.kind == .credentials)
            #expect(unknown.hint?.contains("?ca=FILE") == true)
            let plain = try #require(await failureOf { _ = try await client("http", [:]).root() })
            #expect(plain.kind == .unreachable)
            #expect(plain.hint?.contains("https://") == true)
            await server.stop()

            let other = try HTTPServer { _ in HTTPServerResponse(200, "") }
            let needless = try #require(await failureOf { _ = try await client("https", [:], other.port).root() })
            #expect(needless.kind == .credentials)
            #expect(needless.hint?.contains("http:// for a server without TLS") == true)
            await other.stop()
        }
    }
}
