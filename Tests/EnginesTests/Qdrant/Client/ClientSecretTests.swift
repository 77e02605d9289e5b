import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// The key goes where it has to, and nowhere else.
@Suite(.timeLimit(.minutes(5))) struct ClientSecretTests {
    @Test func theKeyGoesOutAsTheTargetSays() async throws {
        let server = try WireServer { _ in .json(#"{"collections":[]}"#) }
        _ = try await server.client(key: "s3cret-key").collections()
        _ = try await server.client(key: "s3cret-key", bearer: true, prefix: "/behind/proxy").collections()
        _ = try await server.client().collections()
        _ = try await server.client(key: "").collections()
        let requests = server.requests
        #expect(requests.map { $0.header("api-key") } == ["s3cret-key", nil, nil, nil])
        #expect(requests.map { $0.header("authorization") } == [nil, "Bearer s3cret-key", nil, nil])
        #expect(requests.map(\.target) == ["/collections", "/behind/proxy/collections", "/collections", "/collections"])
        #expect(requests.allSatisfy { $0.header("accept-encoding") == nil })
    }

    @Test func aKeyWithALineBreakIsRefusedAndNotShown() async throws {
        let server = try WireServer { _ in .json("{}") }
        let failure = try #require(await failureOf { _ = try await server.client(key: "s3cret\r\nx: y").collections() })
        #expect(failure.kind == .configuration)
        #expect(!failure.description.contains("s3cret"))
        #expect(server.connections == 0)
    }

    @Test func nothingThatIsPrintedHoldsTheKey() async throws {
        let server = try WireServer { request in
            request.target == "/metrics"
                ? .text("you sent s3cret-key")
                : .text("key s3cret-key may not do this, says http://s3/x?X-Amz-Signature=abc for 's3cret-key'", status: 403)
        }
        let client = server.client(key: "s3cret-key")
        var dumped = ""
        dump(client, to: &dumped)
        for text in ["\(client)", "\(client.server)", dumped, String(reflecting: client)] { #expect(!text.contains("s3cret")) }
        let refused = try #require(await failureOf { _ = try await client.collections() })
        #expect(refused.causes == ["status 403: key ‹secret› may not do this, says http://s3/x?… for '‹secret›'"])
        let foreign = try #require(await failureOf { _ = try await client.activity() })
        #expect(foreign.problem.hasSuffix("the answer is not Qdrant's: you sent ‹secret›"))
    }
}
