import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What is asked again, and what is not (contract 10, 11, 15).
@Suite(.timeLimit(.minutes(5))) struct ArangoAskingAgainTests {
    private static let passing: [WireServer.Answer] = [
        .nothing, .text("<html>", status: 502), .text("", status: 504), .arangoError(503, 503), .arangoError(503, 38),
        .arangoError(409, 1200),
        .arangoError(409, 28), .arangoError(500, 1457), .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".utf8)),
    ]

    @Test(arguments: ArangoActs.orders.indices) func anOrderIsNeverSentTwice(_ index: Int) async throws {
        for answer in Self.passing {
            let server = try WireServer { $0.target.hasSuffix("/role") ? .arango(#"{"role":"SINGLE"}"#) : answer }
            let client = server.arango()
            // So that there is a connection that could be used again.
            _ = try await client.role()
            let failure = try #require(await failureOf { try await ArangoActs.orders[index].1(client) }, "\(answer)")
            #expect(failure.isWorthRetrying, "\(answer): \(failure)")
            #expect(failure.kind != .bug)
            #expect(server.lines.count == 2, "\(ArangoActs.orders[index].0) \(answer): \(server.lines)")
        }
    }

    @Test(arguments: ArangoActs.questions.indices) func aQuestionIsAskedThriceAtMost(_ index: Int) async throws {
        for answer in Self.passing {
            let server = try WireServer { _ in answer }
            let failure = try #require(await failureOf { try await ArangoActs.questions[index].1(server.arango()) }, "\(answer)")
            #expect(failure.isWorthRetrying, "\(answer): \(failure)")
            #expect(server.lines.count == 3, "\(ArangoActs.questions[index].0) \(answer): \(server.lines)")
        }
        for answer: WireServer.Answer in [
            .arangoError(400, 400), .arangoError(401, 11), .arangoError(403, 11), .arangoError(500, 4), .arangoError(403, 1004),
            .text("", status: 301),
        ] {
            let server = try WireServer { _ in answer }
            let failure = try #require(await failureOf { try await ArangoActs.questions[index].1(server.arango()) }, "\(answer)")
            #expect(!failure.isWorthRetrying, "\(answer): \(failure)")
            #expect(server.lines.count == 1, "\(ArangoActs.questions[index].0) \(answer): \(server.lines)")
        }
    }

    @Test func aQuestionOverAConnectionThatDiedIdleIsAskedAgain() async throws {
        let asked = Mutex(0)
        let server = try WireServer { _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count == 2 ? .nothing : .arango(#"{"result":["b","_system"]}"#)
        }
        let client = server.arango()
        #expect(try await client.databases() == ["_system", "b"])
        #expect(try await client.databases() == ["_system", "b"])
        #expect(server.connections == 2)
    }

    @Test func aBatchThatIsGoneCanBeTakenAnew() async throws {
        for answer: WireServer.Answer in [
            .arangoError(404, 1600, "context was not found"), .arangoError(404, 404, "unable to find context"),
        ] {
            let server = try WireServer { _ in answer }
            let failure = try #require(
                await failureOf {
                    _ = try await server.arango().dump("c", in: "app", batch: ArangoActs.batch, from: nil, answerBytes: 1, documents: 1)
                })
            #expect(failure.isWorthRetrying)
            #expect(failure.problem.hasPrefix("cannot read collection 'c' of database 'app' on 'graph' (127.0.0.1:"))
        }
    }

    @Test func nobodyThereIsFoundOutOnce() async throws {
        let server = try WireServer { _ in .nothing }
        let port = server.port
        server.stop()
        let failure = try #require(await failureOf { _ = try await ArangoClient.testing(port: port).databases() })
        #expect(failure.kind == .unreachable)
        #expect(failure.problem == "cannot list the databases on 'graph' (127.0.0.1:\(port))")
        #expect(failure.hint?.hasPrefix("check that the server runs") == true)
    }

    @Test func cancellingEndsALongCallAtOnce() async throws {
        let server = try WireServer { _ in .silence }
        let client = server.arango()
        let task = Task { try await client.restoreData(Array("{}\n".utf8), of: "c", in: "app", mayRepeat: true) }
        try await eventually { server.lines.count == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aQueryThatIsGivenUpIsEndedOnTheServer() async throws {
        let server = try WireServer { request in
            switch (request.method, request.target) {
            case ("POST", "/_db/app/_api/cursor"): .arango(#"{"result":[1],"hasMore":true,"id":"77"}"#, status: 201)
            case ("DELETE", _): .arango(#"{"id":"77","error":false}"#, status: 202)
            default: .arangoError(404, 1600)
            }
        }
        let failure = try #require(
            await failureOf { _ = try await server.arango().query("RETURN 1", bind: .object([]), in: "app", keeping: 5, within: nil) })
        #expect(failure.kind == .engine)
        #expect(server.lines == ["POST /_db/app/_api/cursor", "POST /_db/app/_api/cursor/77", "DELETE /_db/app/_api/cursor/77"])
    }
}
