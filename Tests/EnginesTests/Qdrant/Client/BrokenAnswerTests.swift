import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// Answers that are not what Qdrant would have said.
@Suite(.timeLimit(.minutes(5))) struct BrokenAnswerTests {
    @Test(arguments: [true, false]) func anAnswerIsReadThoughTheBodyWasRefused(_ closes: Bool) async throws {
        let words = "JSON payload (34603077 bytes) is larger than allowed (limit: 33554432 bytes)."
        let body = #"{"status":{"error":"\#(words)"},"time":0.0}"#
        let server = try RawServer { connection, _ in
            connection.read(until: "\r\n\r\n")
            connection.write(
                "HTTP/1.1 400 Bad Request\r\ncontent-length: \(body.utf8.count)\r\n\(closes ? "connection: close\r\n" : "")\r\n\(body)")
            // A server of 1.15 keeps the connection and reads no more.
            if !closes { while connection.read().count > 1 << 20 {} }
        }
        let points = [UInt8](repeating: UInt8(ascii: " "), count: 12 << 20)
        let failure = try #require(await failureOf { try await QdrantClient.testing(port: server.port).upsert(points, into: "books") })
        #expect(failure.kind == .engine)
        #expect(failure.causes == ["status 400: \(words)"])
        #expect(failure.hint == "the server takes no larger request (service.max_request_size_mb)")
    }

    @Test(arguments: [
        (
            502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body></html>",
            "status 502: a page in HTML, '502 Bad Gateway'"
        ),
        (504, "<!DOCTYPE html><TITLE> 504 Gateway\nTime-out </TITLE>", "status 504: a page in HTML, '504 Gateway\nTime-out'"),
        (503, "<html>", "status 503: a page in HTML"),
        (502, "", "it answered with status 502 and nothing else"),
    ])
    func theAnswerOfAProxyIsNamedAsOne(_ status: Int, _ page: String, _ because: String) async throws {
        let server = try WireServer { _ in .text(page, status: status) }
        let failure = try #require(await failureOf { _ = try await server.client().collections() })
        #expect(failure.kind == .unreachable)
        #expect(failure.causes == [because])
        #expect(failure.hint?.contains("proxy") == true)
    }

    @Test func theNotFoundOfAProxyIsNoAbsence() async throws {
        for page in ["<html><title>404 Not Found</title>", "404 page not found\n", ""] {
            let server = try WireServer { _ in .text(page, status: 404) }
            let client = server.client()
            for (name, ask) in WireActs.questions + WireActs.orders.filter({ $0.0 == "delete" }) {
                let failure = await failureOf { try await ask(client, "") }
                #expect(failure?.kind == .engine, "\(name): \(page)")
                #expect(failure?.hint?.contains("port 6333") == true)
            }
        }
    }

    @Test func aPageInsteadOfJSONIsNamed() async throws {
        let server = try WireServer { _ in .text("<html>welcome</html>") }
        let client = server.client()
        for (name, ask) in WireActs.questions where !["ready", "scroll", "retrieve", "query"].contains(name) {
            let failure = await failureOf { try await ask(client, "") }
            #expect(failure?.kind == .engine, "\(name)")
            #expect(
                failure?.problem.contains("the answer is not Qdrant's: <html>welcome") == true, "\(name): \(String(describing: failure))")
        }
    }

    @Test func metricsThatSayNothingAreNotTakenForPeace() async throws {
        let server = try WireServer { _ in .text("# HELP up\nup 1\n") }
        #expect(await failureOf { _ = try await server.client().activity() }?.kind == .engine)
    }

    @Test func somethingElseThanHTTPIsNamed() async throws {
        let server = try WireServer { _ in .bytes([0, 0, 18, 4, 0, 0, 0, 0, 0]) }
        let failure = try #require(await failureOf { _ = try await server.client().collections() })
        #expect(failure.kind == .unreachable)
        #expect(failure.hint == "what answers there does not speak HTTP: 6333 is REST, 6334 gRPC; a server with TLS needs https://")
    }
}
