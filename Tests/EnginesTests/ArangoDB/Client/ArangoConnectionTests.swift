import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Engines

/// Sockets and certificates.
@Suite(.timeLimit(.minutes(5))) struct ArangoConnectionTests {
    @Test func aSocketIsAsGoodAsAPort() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/arangodb.sock"
            let server = try HTTPServer(unixSocket: path) { request in
                HTTPServerResponse(200, #"{"result":["_system"]}"#, contentType: request.header("authorization") ?? "none")
            }
            let client = ArangoClient(
                ArangoServer("graph", at: try ArangoAddress.read("unix://\(path)", of: "graph")), http: HTTPClient(), time: InstantTime())
            #expect(try await client.databases() == ["_system"])
            await server.stop()
            let gone = try #require(await failureOf { _ = try await client.databases() })
            #expect(gone.kind == .unreachable)
            #expect(gone.problem == "cannot list the databases on 'graph' (\(path))")
        }
    }

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
            let server = try HTTPServer(certificate: certificate) { _ in HTTPServerResponse(200, #"{"result":["_system"]}"#) }
            func client(_ url: String) throws -> ArangoClient {
                ArangoClient(ArangoServer("graph", at: try ArangoAddress.read(url, of: "graph")), http: HTTPClient(), time: InstantTime())
            }
            #expect(try await client("ssl://localhost:\(server.port)?ca=\(folder)/ca.pem").databases() == ["_system"])

            let unknown = try #require(await failureOf { _ = try await client("https://localhost:\(server.port)").databases() })
            #expect(unknown.kind == .credentials)
            #expect(unknown.hint?.contains("?ca=FILE") == true)
            await server.stop()
        }
    }
}
