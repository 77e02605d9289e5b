import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Engines

/// What is asked again over a connection that broke, and what is not.
@Suite(.timeLimit(.minutes(5))) struct AskingAgainTests {
    @Test func aQuestionOverAConnectionThatDiedIdleIsAskedAgain() async throws {
        let asked = Mutex(0)
        let server = try WireServer { request in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count == 2 ? .nothing : .json(#"{"collections":[{"name":"b"},{"name":"a"}]}"#)
        }
        let time = InstantTime()
        let client = server.client(time: time)
        #expect(try await client.collections() == ["a", "b"])
        let start = time.uptime
        #expect(try await client.collections() == ["a", "b"])
        #expect(server.connections == 2)
        #expect(time.uptime - start < .milliseconds(100), "nobody had to wait for that")
    }

    @Test(arguments: WireActs.orders.indices) func anOrderIsNeverSentTwice(_ index: Int) async throws {
        let answers: [WireServer.Answer] = [
            .nothing, .error(408, "Timeout: x"), .error(429, "Rate limiting exceeded: x"), .text("<html>", status: 502),
            .error(503, "Shard temporarily unavailable: x"), .text("", status: 504),
            .error(500, "Service internal error: Local shard 0 not found"),
            .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".utf8)),
        ]
        try await withSnapshotFile { file in
            for answer in answers {
                let server = try WireServer { $0.method == "GET" ? .json(#"{"collections":[]}"#) : answer }
                let client = server.client()
                // So that there is a connection that could be used again.
                _ = try await client.collections()
                let failure = try #require(
                    await failureOf { try await WireActs.orders[index].1(client, file) }, "\(WireActs.orders[index].0) \(answer)")
                #expect(failure.isWorthRetrying, "\(failure)")
                #expect(failure.kind != .bug)
                #expect(server.lines.count == 2, "\(WireActs.orders[index].0) \(answer): \(server.lines)")
            }
        }
    }

    @Test(arguments: WireActs.questions.indices) func aQuestionIsAskedThriceAtMost(_ index: Int) async throws {
        let passing: [WireServer.Answer] = [
            .nothing, .error(408, "Timeout: x"), .error(429, "Rate limiting exceeded: x"), .text("<html>", status: 502),
            .error(503, "Shard temporarily unavailable: x"), .text("", status: 504),
            .error(500, "Service internal error: Local shard 0 not found"), .error(500, "Service internal error: Tonic status error: x"),
            .bytes(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".utf8)),
        ]
        for answer in passing {
            let server = try WireServer { _ in answer }
            let failure = try #require(await failureOf { try await WireActs.questions[index].1(server.client(), "") })
            #expect(failure.isWorthRetrying, "\(failure)")
            #expect(server.lines.count == 3, "\(WireActs.questions[index].0) \(answer): \(server.lines)")
        }
        let final: [WireServer.Answer] = [
            .error(400, "Wrong input: x"), .text("Invalid API key or JWT", status: 401), .error(403, "Forbidden: x"),
            .text("", status: 404),
            .error(422, "Validation error"), .error(500, "Service internal error: x"), .text("", status: 301),
        ]
        for answer in final {
            let server = try WireServer { _ in answer }
            let failure = try #require(await failureOf { try await WireActs.questions[index].1(server.client(), "") })
            #expect(!failure.isWorthRetrying, "\(failure)")
            #expect(server.lines.count == 1, "\(WireActs.questions[index].0) \(answer): \(server.lines)")
        }
    }

    @Test(arguments: [
        ("30", 30), ("0", 0), ("3600", 60), ("-5", 0), ("Sat, 21 Nov 2026 08:05:40 GMT", 0), ("", 0), ("99999999999999999999999", 0),
    ])
    func aServerThatWantsTimeGetsIt(_ header: String, _ seconds: Int) async throws {
        let asked = Mutex(0)
        let server = try WireServer { _ in
            let isFirst = asked.withLock { count in
                count += 1
                return count == 1
            }
            let body = Array(#"{"status":{"error":"Rate limiting exceeded: Read rate limit exceeded"},"time":0}"#.utf8)
            return isFirst ? .status(429, headers: ["retry-after: \(header)"], body: body) : .json(#"{"collections":[]}"#)
        }
        let time = InstantTime()
        let start = time.uptime
        #expect(try await server.client(time: time).collections() == [])
        let waited = time.uptime - start
        #expect(waited >= .seconds(seconds) && waited < .seconds(seconds + 2), "\(waited)")
    }

    @Test func nobodyThereIsFoundOutOnce() async throws {
        let server = try WireServer { _ in .nothing }
        let port = server.port
        server.stop()
        let failure = try #require(await failureOf { _ = try await QdrantClient.testing(port: port).collections() })
        #expect(failure.kind == .unreachable)
        #expect(failure.problem == "cannot list the collections on 'vectors' (127.0.0.1:\(port))")
        #expect(failure.hint?.hasPrefix("check that the server runs") == true)
    }

    @Test(arguments: [
        (HTTPError.Kind.unreachable, false), (.tlsFailed, false), (.invalidRequest, false), (.connectionLost, true), (.timedOut, true),
        (.protocolError, true),
    ])
    func anOrderThatNobodyHeardIsKnownFromOneWhoseAnswerGotLost(_ kind: HTTPError.Kind, _ isLost: Bool) {
        #expect(Failure(HTTPError(kind, "x"), cannot: "drop it", on: "'v'").mayHaveBeenHeard == isLost)
    }
}
